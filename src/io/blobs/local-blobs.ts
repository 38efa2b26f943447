// Blobs in a folder of this machine. Links are not followed, so that nothing outside of it is read or written; what is written
// appears whole, under its name, or not at all, also when the machine stops.
import { randomUUID } from "node:crypto";
import { type BigIntStats, constants } from "node:fs";
import { mkdir, open, readdir, realpath, rename, rm } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { trimaranError } from "../../base/errors.ts";
import {
  assertBlobPath,
  type BlobEntry,
  type BlobInfo,
  type BlobPath,
  type BlobRange,
  type BlobRead,
  type BlobSigner,
  type BlobStore,
  type BlobUploads,
  type BlobWrite,
} from "./blob-store.ts";
import { expectedBytes } from "./expected-bytes.ts";
import { FileBody } from "./file-body.ts";
import { diskError, fileStats, fsyncFolder, writeFile } from "./local-file.ts";
import { LocalUploads, removeLeftovers } from "./local-uploads.ts";

/** Our own files in the root: what is being uploaded. */
export const ownFolder = ".trimaran";

const listedAtOnce = 64;

export interface LocalBlobsOptions {
  /** Of one that comes in parts. @default no limit but the disk */
  readonly maxUploadBytes?: number;
}

/** Makes the folder when it is not there. @throws BLOB_STORE, BLOB_DENIED, BLOB_FULL */
export async function openLocalBlobs(folder: string, options: LocalBlobsOptions = {}): Promise<BlobStore> {
  const path = resolve(folder);
  try {
    await mkdir(path, { recursive: true });
    const root = await realpath(path);
    await removeLeftovers(join(root, ownFolder));
    return new LocalBlobs(root, options.maxUploadBytes ?? Number.POSITIVE_INFINITY);
  } catch (error) {
    throw diskError(error, path);
  }
}

class LocalBlobs implements BlobStore {
  readonly name: string;
  readonly uploads: BlobUploads;
  readonly signer: BlobSigner | null = null;
  readonly #root: string;

  constructor(root: string, maxUploadBytes: number) {
    this.name = root;
    this.#root = root;
    this.uploads = new LocalUploads(join(root, ownFolder, "multipart"), {
      assertFree: (path) => this.#assertFree(path),
      place: (scratch, path) => this.#place(scratch, path),
      maxBytes: maxUploadBytes,
    });
  }

  /** It was made, or found, when it was opened. */
  async check(): Promise<void> {}

  async list(folder: BlobPath): Promise<readonly BlobEntry[] | null> {
    assertBlobPath(folder, { isRoot: true });
    return this.#asked(folder, async () => {
      const place = await this.#existing(folder);
      if (place === null || !place.stats.isDirectory()) return null;
      const entries = await readdir(place.path, { withFileTypes: true });
      const told: BlobEntry[] = [];
      const files: string[] = [];
      for (const entry of entries) {
        if (folder.length === 0 && entry.name === ownFolder) continue;
        if (entry.isDirectory()) told.push({ name: entry.name, isFolder: true, bytes: 0, etag: null });
        else if (entry.isFile()) files.push(entry.name);
      }
      for (let at = 0; at < files.length; at += listedAtOnce) {
        const part = files.slice(at, at + listedAtOnce);
        const stats = await Promise.all(part.map((name) => fileStats(join(place.path, name))));
        for (const [index, name] of part.entries()) {
          const found = stats[index] ?? null;
          if (found?.isFile()) told.push({ name, isFolder: false, bytes: Number(found.size), etag: etagOf(found) });
        }
      }
      return told.sort((a, b) => (a.name < b.name ? -1 : 1));
    });
  }

  async stat(path: BlobPath): Promise<BlobInfo | null> {
    assertBlobPath(path);
    return this.#asked(path, async () => {
      const place = await this.#existing(path);
      return place === null || !place.stats.isFile() ? null : infoOf(place.stats);
    });
  }

  async openRead(path: BlobPath, range?: BlobRange): Promise<BlobRead | null> {
    assertBlobPath(path);
    return this.#asked(path, async () => {
      const place = await this.#existing(path);
      if (place === null || !place.stats.isFile()) return null;
      // Not blocked by a pipe that took the file's place, nor led away by a link that did.
      const handle = await open(place.path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      const stats = await handle.stat({ bigint: true });
      const info = infoOf(stats);
      const isOther = !stats.isFile() || stats.ino !== place.stats.ino || stats.dev !== place.stats.dev;
      if (isOther || (range?.etag !== undefined && range.etag !== info.etag)) {
        await handle.close();
        throw trimaranError("BLOB_CHANGED", { location: this.#location(path) });
      }
      const { from = 0, to } = range ?? {};
      if (from > 0 && from >= info.bytes) {
        await handle.close();
        throw trimaranError("BLOB_RANGE", { location: this.#location(path), bytes: info.bytes });
      }
      const end = Math.min(info.bytes, (to ?? info.bytes) + 1);
      return { ...info, body: new FileBody(handle, { from, end }) };
    });
  }

  async write(path: BlobPath, body: AsyncIterable<Uint8Array>, expected: BlobWrite = {}): Promise<void> {
    assertBlobPath(path);
    await this.#assertFree(path);
    const scratch = join(this.#root, ownFolder, "uploads", randomUUID());
    await this.#asked(path, () => mkdir(dirname(scratch), { recursive: true, mode: 0o700 }));
    try {
      await writeFile(scratch, expectedBytes(body, this.#location(path), expected), this.#location(path));
      await this.#place(scratch, path);
    } catch (error) {
      await rm(scratch, { force: true });
      throw error;
    }
  }

  async remove(path: BlobPath): Promise<void> {
    assertBlobPath(path);
    await this.#asked(path, async () => {
      const place = await this.#existing(path);
      if (place !== null) await rm(place.path, { recursive: true, force: true });
    });
  }

  /** Gives a whole file its name. */
  async #place(scratch: string, path: BlobPath): Promise<void> {
    const target = join(this.#root, ...path);
    await this.#asked(path, () => mkdir(dirname(target), { recursive: true }));
    await this.#assertFree(path);
    await this.#asked(path, async () => {
      // Freeing a large file takes the system long: what is replaced stays open until nobody waits for it.
      const replaced = await open(target, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
        () => null,
      );
      try {
        await rename(scratch, target);
        await fsyncFolder(dirname(target));
      } finally {
        replaced?.close().catch(() => {});
      }
    });
  }

  /** Folders on the way must be folders, and the place itself no folder and no link. @throws BLOB_CONFLICT */
  async #assertFree(path: BlobPath): Promise<void> {
    if (path[0] === ownFolder) throw trimaranError("BLOB_PATH", { problem: "the folder is our own" });
    await this.#asked(path, async () => {
      for (let count = 1; count <= path.length; count++) {
        const stats = await fileStats(join(this.#root, ...path.slice(0, count)));
        if (stats === null) return;
        const isLast = count === path.length;
        if (isLast ? !stats.isFile() : !stats.isDirectory()) {
          throw trimaranError("BLOB_CONFLICT", { location: this.#location(path) });
        }
      }
    });
  }

  /** Null where nothing is, or a link is on the way. */
  async #existing(path: BlobPath): Promise<{ readonly path: string; readonly stats: BigIntStats } | null> {
    if (path[0] === ownFolder) return null;
    const full = join(this.#root, ...path);
    const stats = await fileStats(full);
    if (stats === null || !(stats.isFile() || stats.isDirectory())) return null;
    const real = await realpath(full).catch(() => null);
    if (real !== full || !(full === this.#root || full.startsWith(this.#root.replace(/\/$/, "") + sep))) return null;
    return { path: full, stats };
  }

  #location(path: BlobPath): string {
    return path.join("/");
  }

  async #asked<T>(path: BlobPath, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      throw diskError(error, this.#location(path));
    }
  }
}

function infoOf(stats: BigIntStats): BlobInfo {
  return { bytes: Number(stats.size), etag: etagOf(stats), modified: stats.mtime };
}

/** A file that is written anew is another one on the disk. */
function etagOf(stats: BigIntStats): string {
  return `"${stats.ino.toString(36)}-${stats.size.toString(36)}-${stats.mtimeNs.toString(36)}"`;
}
