// Artifacts in a local folder. Links are not followed, so that nothing outside of it is read or written.
import { randomUUID } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import { lstat, mkdir, open, readdir, realpath, rename, rm } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { invalidParameter, WireError } from "../../mlflow/wire/wire-error.ts";
import { invalidPath, ownFolder } from "./artifact-path.ts";
import type { ArtifactEntry, ArtifactFile, ArtifactStore } from "./artifact-store.ts";

export interface LocalArtifactsOptions {
  /** @default no limit but the disk */
  readonly maxFileBytes?: number;
}

export async function openLocalArtifacts(folder: string, options: LocalArtifactsOptions = {}): Promise<ArtifactStore> {
  await mkdir(folder, { recursive: true });
  return new LocalArtifacts(await realpath(resolve(folder)), options.maxFileBytes ?? Number.POSITIVE_INFINITY);
}

class LocalArtifacts implements ArtifactStore {
  readonly #root: string;
  readonly #maxFileBytes: number;

  constructor(root: string, maxFileBytes: number) {
    this.#root = root;
    this.#maxFileBytes = maxFileBytes;
  }

  async list(segments: readonly string[]): Promise<readonly ArtifactEntry[] | null> {
    const place = await this.#existing(segments);
    if (place === null || !place.isFolder) return null;
    const entries: ArtifactEntry[] = [];
    for (const entry of await readdir(place.path, { withFileTypes: true })) {
      if (segments.length === 0 && entry.name === ownFolder) continue;
      if (entry.isDirectory()) entries.push({ name: entry.name, isFolder: true, size: 0 });
      if (!entry.isFile()) continue;
      const { size } = await lstat(join(place.path, entry.name));
      entries.push({ name: entry.name, isFolder: false, size });
    }
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async open(segments: readonly string[]): Promise<ArtifactFile | null> {
    const place = await this.#existing(segments);
    if (place === null || place.isFolder) return null;
    const handle = await open(place.path, constants.O_RDONLY | constants.O_NOFOLLOW);
    const { size } = await handle.stat();
    return { size, body: createReadStream("", { fd: handle, highWaterMark: 1 << 18 }) };
  }

  async write(segments: readonly string[], body: AsyncIterable<Uint8Array>): Promise<void> {
    if (segments.length === 0) throw invalidPath();
    const path = join(this.#root, ...segments);
    await this.#assertFree(segments);
    const scratch = join(this.#root, ownFolder, "uploads", randomUUID());
    await mkdir(dirname(scratch), { recursive: true, mode: 0o700 });
    try {
      await this.#fill(scratch, body);
      await mkdir(dirname(path), { recursive: true });
      await this.#assertFree(segments);
      await rename(scratch, path);
    } catch (error) {
      await rm(scratch, { force: true });
      throw error;
    }
  }

  async #fill(path: string, body: AsyncIterable<Uint8Array>): Promise<void> {
    const handle = await open(path, "wx", 0o644);
    let size = 0;
    try {
      for await (const chunk of body) {
        size += chunk.length;
        if (size > this.#maxFileBytes)
          throw invalidParameter(`The artifact is larger than ${this.#maxFileBytes} bytes.`);
        for (let at = 0; at < chunk.length; ) at += (await handle.write(chunk, at)).bytesWritten;
      }
    } finally {
      await handle.close();
    }
  }

  async remove(segments: readonly string[]): Promise<void> {
    if (segments.length === 0) throw invalidPath();
    const place = await this.#existing(segments);
    if (place !== null) await rm(place.path, { recursive: true, force: true });
  }

  /** Folders on the way must be folders, and the place itself no folder and no link. */
  async #assertFree(segments: readonly string[]): Promise<void> {
    for (let count = 1; count <= segments.length; count++) {
      const stats = await statsOf(join(this.#root, ...segments.slice(0, count)));
      if (stats === null) return;
      const isLast = count === segments.length;
      if (isLast ? !stats.isFile() : !stats.isDirectory()) {
        throw new WireError("RESOURCE_CONFLICT", "A file or folder of that name is in the way.");
      }
    }
  }

  /** Null where nothing is, or a link is on the way. */
  async #existing(segments: readonly string[]): Promise<{ readonly path: string; readonly isFolder: boolean } | null> {
    const path = join(this.#root, ...segments);
    const stats = await statsOf(path);
    if (stats === null || !(stats.isFile() || stats.isDirectory())) return null;
    const real = await realpath(path).catch(() => null);
    if (real !== path || !(path === this.#root || path.startsWith(this.#root + sep))) return null;
    return { path, isFolder: stats.isDirectory() };
  }
}

async function statsOf(path: string): Promise<Awaited<ReturnType<typeof lstat>> | null> {
  try {
    return await lstat(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ENAMETOOLONG") return null;
    throw error;
  }
}
