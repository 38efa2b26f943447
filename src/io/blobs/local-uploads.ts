// Blobs in parts, in a folder of ours: `<upload>/path.json` says where the blob goes, `<number>-<md5>` is a part.
import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile as writeText } from "node:fs/promises";
import { join } from "node:path";
import { trimaranError } from "../../base/errors.ts";
import type { BlobPart, BlobPartPlace, BlobPath, BlobUploads } from "./blob-store.ts";
import { maxParts } from "./blob-store.ts";
import { expectedBytes } from "./expected-bytes.ts";
import { diskError, writeFile } from "./local-file.ts";

const maxAgeMs = 7 * 24 * 3600 * 1000;

interface Host {
  assertFree(path: BlobPath): Promise<void>;
  /** Moves a whole file to its place. */
  place(scratch: string, path: BlobPath): Promise<void>;
  readonly maxBytes: number;
}

export class LocalUploads implements BlobUploads {
  readonly #folder: string;
  readonly #host: Host;

  constructor(folder: string, host: Host) {
    this.#folder = folder;
    this.#host = host;
  }

  async begin(path: BlobPath): Promise<string> {
    await this.#host.assertFree(path);
    const upload = randomUUID();
    try {
      await mkdir(join(this.#folder, upload), { recursive: true, mode: 0o700 });
      await writeText(join(this.#folder, upload, "path.json"), JSON.stringify(path), { flag: "wx" });
    } catch (error) {
      throw diskError(error, path.join("/"));
    }
    return upload;
  }

  async writePart({ path, upload, number }: BlobPartPlace, body: AsyncIterable<Uint8Array>): Promise<string> {
    const folder = await this.#known(path, upload);
    if (!Number.isSafeInteger(number) || number < 1 || number > maxParts) throw unknownUpload(path, "part number");
    const hash = createHash("md5");
    const scratch = join(folder, `incoming-${randomUUID()}`);
    try {
      const location = path.join("/");
      const { maxBytes } = this.#host;
      await writeFile(scratch, hashed(expectedBytes(body, location, { maxBytes }), hash), location);
      const digest = hash.digest("hex");
      await rename(scratch, join(folder, `${number}-${digest}`));
      return `"${digest}"`;
    } catch (error) {
      await rm(scratch, { force: true });
      throw diskError(error, path.join("/"));
    }
  }

  async finish(path: BlobPath, upload: string, parts: readonly BlobPart[]): Promise<void> {
    const folder = await this.#known(path, upload);
    const there = new Set(await readdir(folder));
    let last = 0;
    const files: string[] = [];
    for (const { number, etag } of parts) {
      const name = `${number}-${etag.replace(/^(W\/)?"?([0-9a-f]{32})"?$/i, "$2").toLowerCase()}`;
      if (number <= last || !there.has(name)) throw unknownUpload(path, "a part that did not arrive so");
      files.push(join(folder, name));
      last = number;
    }
    if (files.length === 0) throw unknownUpload(path, "no part");
    const whole = join(folder, `whole-${randomUUID()}`);
    try {
      const location = path.join("/");
      const { maxBytes } = this.#host;
      await writeFile(whole, expectedBytes(oneAfterAnother(files), location, { maxBytes }), location);
      await this.#host.place(whole, path);
    } catch (error) {
      await rm(whole, { force: true });
      throw diskError(error, path.join("/"));
    }
    await rm(folder, { recursive: true, force: true });
  }

  async abort(path: BlobPath, upload: string): Promise<void> {
    const folder = await this.#known(path, upload).catch(() => null);
    if (folder !== null) await rm(folder, { recursive: true, force: true });
  }

  async #known(path: BlobPath, upload: string): Promise<string> {
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(upload)) throw unknownUpload(path, "an unknown upload");
    const folder = join(this.#folder, upload);
    const told = await readFile(join(folder, "path.json"), "utf8").catch(() => null);
    if (told !== JSON.stringify(path)) throw unknownUpload(path, "an unknown upload");
    return folder;
  }
}

/** What killed processes left behind. Younger ones may be in use by another process. */
export async function removeLeftovers(own: string): Promise<void> {
  for (const kind of ["uploads", "multipart"]) {
    for (const name of await readdir(join(own, kind)).catch(() => [])) {
      const path = join(own, kind, name);
      const info = await stat(path).catch(() => null);
      if (info !== null && Date.now() - info.mtimeMs > maxAgeMs) await rm(path, { recursive: true, force: true });
    }
  }
}

function unknownUpload(path: BlobPath, problem: string): Error {
  return trimaranError("BLOB_UPLOAD", { location: path.join("/"), problem });
}

async function* hashed(
  body: AsyncIterable<Uint8Array>,
  hash: { update(chunk: Uint8Array): unknown },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    hash.update(chunk);
    yield chunk;
  }
}

async function* oneAfterAnother(files: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const file of files) yield* createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Uint8Array>;
}
