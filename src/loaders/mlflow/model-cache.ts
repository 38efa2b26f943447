// `cache/models` below our home: models by their content, and an index of what a URI was last. Shared between processes: an entry
// appears by one rename, and is never changed afterwards.
//
//   cache/models/<digest>/…            the files of a model
//   cache/models/index/<hash>.json     what a URI of a server was last, and when
import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { trimaranError } from "../../base/errors.ts";
import { fileDigest, treeDigest } from "./download.ts";

export interface IndexEntry {
  readonly uri: string;
  readonly server: string;
  readonly location: string;
  readonly digest: string;
  /** The name of the only file; null: a folder. */
  readonly file: string | null;
  readonly version: string | null;
  /** Of the paths, sizes and tags that the source told. */
  readonly listing: string;
  /** ISO 8601. */
  readonly time: string;
}

const staleMs = 24 * 3_600_000;

export class ModelCache {
  readonly #root: string;
  readonly #maxBytes: number;

  constructor(home: string, maxBytes: number) {
    this.#root = join(home, "cache", "models");
    this.#maxBytes = maxBytes;
  }

  /** Undefined: not known, or not readable. */
  async find(server: string, uri: string): Promise<IndexEntry | undefined> {
    try {
      const entry = JSON.parse(await readFile(this.#indexFile(server, uri), "utf8")) as IndexEntry;
      const isSound = /^[0-9a-f]{64}$/.test(entry.digest) && (entry.file === null || !/[/\\]|^\.\.?$/.test(entry.file));
      return isSound && entry.uri === uri && entry.server === server ? entry : undefined;
    } catch {
      return undefined;
    }
  }

  /** The path of the model, when all its files are as they were; what is damaged is thrown away. */
  async open({ digest, file }: Pick<IndexEntry, "digest" | "file">): Promise<string | undefined> {
    const folder = join(this.#root, digest);
    try {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
      const digests = await Promise.all(
        files.map(async (path) => ({
          path: relative(folder, path).replaceAll("\\", "/"),
          digest: await fileDigest(path),
        })),
      );
      if (files.length === 0 || treeDigest(digests) !== digest) {
        await rm(folder, { recursive: true, force: true });
        return undefined;
      }
      const now = new Date();
      await utimes(folder, now, now).catch(() => {});
      return file === null ? folder : join(folder, file);
    } catch {
      return undefined;
    }
  }

  /** An empty folder to fill; `keep` or `drop` it. @throws FILE_NOT_WRITABLE */
  async begin(): Promise<string> {
    const folder = join(this.#root, `.new-${process.pid}-${randomBytes(6).toString("hex")}`);
    await this.#onDisk(() => mkdir(folder, { recursive: true, mode: 0o700 }));
    return folder;
  }

  async drop(folder: string): Promise<void> {
    await rm(folder, { recursive: true, force: true }).catch(() => {});
  }

  /** Gives a filled folder its place, notes the URI and makes room. @throws FILE_NOT_WRITABLE */
  async keep(folder: string, entry: IndexEntry): Promise<string> {
    const place = join(this.#root, entry.digest);
    // Of two processes with the same model the first wins.
    if ((await this.open(entry)) === undefined) {
      await this.#onDisk(() => rename(folder, place)).catch(async (error: unknown) => {
        if ((await this.open(entry)) === undefined) throw error;
      });
    }
    await this.drop(folder);
    await this.note(entry);
    await this.#trim(entry.digest);
    return entry.file === null ? place : join(place, entry.file);
  }

  /** @throws FILE_NOT_WRITABLE */
  async note(entry: IndexEntry): Promise<void> {
    const file = this.#indexFile(entry.server, entry.uri);
    const scratch = `${file}.${process.pid}-${randomBytes(4).toString("hex")}`;
    await this.#onDisk(async () => {
      await mkdir(join(this.#root, "index"), { recursive: true, mode: 0o700 });
      await writeFile(scratch, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
      await rename(scratch, file);
    });
  }

  #indexFile(server: string, uri: string): string {
    const hash = createHash("sha256").update(`${server}\0${uri}`).digest("hex");
    return join(this.#root, "index", `${hash.slice(0, 40)}.json`);
  }

  /** Those that were not used for longest go first; so do downloads that nobody finished. */
  async #trim(kept: string): Promise<void> {
    const entries: { readonly path: string; readonly bytes: number; readonly usedMs: number }[] = [];
    let bytes = 0;
    for (const name of await readdir(this.#root).catch(() => [])) {
      const path = join(this.#root, name);
      const info = await stat(path).catch(() => null);
      if (info === null) continue;
      if (name.startsWith(".new-") && Date.now() - info.mtimeMs > staleMs) await this.drop(path);
      if (!/^[0-9a-f]{64}$/.test(name)) continue;
      const size = await sizeOf(path);
      bytes += size;
      if (name !== kept) entries.push({ path, bytes: size, usedMs: info.mtimeMs });
    }
    for (const entry of entries.sort((a, b) => a.usedMs - b.usedMs)) {
      if (bytes <= this.#maxBytes) return;
      // A rename first: nobody must find half an entry.
      const doomed = join(this.#root, `.new-${process.pid}-${randomBytes(6).toString("hex")}`);
      await rename(entry.path, doomed).catch(() => {});
      await this.drop(doomed);
      bytes -= entry.bytes;
    }
  }

  async #onDisk<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (cause) {
      const problem = (cause as NodeJS.ErrnoException).code ?? "it failed";
      throw trimaranError("FILE_NOT_WRITABLE", { path: this.#root, problem }, { cause });
    }
  }
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => (await stat(join(entry.parentPath, entry.name)).catch(() => null))?.size ?? 0);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
