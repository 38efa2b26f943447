// Output on this machine: `x.parquet` with `.x.parquet.trimaran/` beside it, or a folder with `predictions.parquet` and `_trimaran/`.
import { lstat, mkdir, open, readdir, readFile, realpath, rename, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { trimaranError } from "../../base/errors.ts";
import { type FileLock, tryFileLock } from "../../io/file-lock.ts";
import { assertFormat, type FileFormat } from "./file-format.ts";
import { localPath } from "./local-source.ts";
import { readManifestText } from "./manifest.ts";
import type { Manifest, OutputPlace, Publication } from "./ports.ts";
import { writeProblem } from "./write-problem.ts";

/** The fixed name, so that a new model replaces what an older one wrote. */
export const partitionFile = "predictions.parquet";

/** @throws BATCH_FORMAT */
export async function openLocalPlace(url: string): Promise<OutputPlace> {
  const named = localPath(url);
  // What a link names is replaced, not the link.
  const isLink = (await lstat(named).catch(() => null))?.isSymbolicLink() === true;
  const path = isLink ? await realpath(named).catch(() => named) : named;
  const isFolder = /[\\/]$/.test(path) || (await stat(path).catch(() => null))?.isDirectory() === true;
  const file = isFolder ? join(path, partitionFile) : path;
  const ours = isFolder ? join(path, "_trimaran") : join(dirname(path), `.${basename(path)}.trimaran`);
  return new LocalPlace({ file, ours, ...assertFormat(file) });
}

interface Parts extends FileFormat {
  readonly file: string;
  readonly ours: string;
}

class LocalPlace implements OutputPlace {
  readonly uri: string;
  readonly format: OutputPlace["format"];
  readonly compression?: OutputPlace["compression"];
  readonly folder: string;
  readonly #ours: string;
  #lock: FileLock | null = null;

  constructor({ file, ours, format, compression }: Parts) {
    this.uri = file;
    this.format = format;
    if (compression !== undefined) this.compression = compression;
    this.#ours = ours;
    this.folder = resolve(ours, "staging");
  }

  async acquire(): Promise<void> {
    await this.#writing(() => mkdir(this.#ours, { recursive: true }));
    this.#lock = await this.#writing(() => tryFileLock(join(this.#ours, "lock")));
    if (this.#lock === null) throw trimaranError("BATCH_BUSY", { name: this.uri });
    await this.#writing(() => mkdir(this.folder, { recursive: true }));
  }

  async readManifest(): Promise<Manifest | null> {
    const text = await readFile(join(this.#ours, "manifest.json"), "utf8").catch(() => null);
    return text === null ? null : readManifestText(text);
  }

  async isPublished({ outputs }: Manifest): Promise<boolean> {
    const info = await stat(this.uri).catch(() => null);
    const output = outputs.find((each) => each.file === basename(this.uri));
    return info !== null && output !== undefined && info.size === output.bytes;
  }

  async kept(): Promise<readonly string[]> {
    const names = await readdir(this.folder).catch(() => []);
    return names.filter((name) => !name.endsWith(".part")).sort();
  }

  async keep(name: string): Promise<void> {
    const path = join(this.folder, name);
    // Not synced: a killed process loses nothing of it, and a run that goes on looks at digests.
    await this.#writing(() => rename(`${path}.part`, path));
  }

  async fetchKept(name: string): Promise<string> {
    return join(this.folder, name);
  }

  async clear(stays: (name: string) => boolean = () => false): Promise<void> {
    await this.#writing(async () => {
      for (const name of await readdir(this.folder)) {
        if (!stays(name)) await rm(join(this.folder, name), { recursive: true, force: true });
      }
    });
  }

  async publish({ file, rejects, manifest }: Publication): Promise<void> {
    await this.#writing(async () => {
      await synced(file);
      await this.#publishRejects(rejects);
      await rename(file, this.uri);
      await synced(dirname(resolve(this.uri)));
      const path = join(this.#ours, "manifest.json");
      await writeFile(`${path}.part`, `${JSON.stringify(manifest, null, 2)}\n`);
      await synced(`${path}.part`);
      await rename(`${path}.part`, path);
      await synced(this.#ours);
    });
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Rejects stand beside the output, whose readers do not look at them: each file is whole, the old ones go. */
  async #publishRejects(rejects: Publication["rejects"]): Promise<void> {
    const folder = join(this.#ours, "_rejects");
    const names = Object.keys(rejects);
    if (names.length > 0) await mkdir(folder, { recursive: true });
    for (const [name, path] of Object.entries(rejects)) {
      await synced(path);
      await rename(path, join(folder, name));
    }
    for (const old of await readdir(folder).catch(() => [])) {
      if (!names.includes(old)) await rm(join(folder, old), { force: true });
    }
    if (names.length === 0) await rmdir(folder).catch(() => {});
    else await synced(folder);
  }

  async #writing<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (cause) {
      throw writeProblem(this.uri, cause);
    }
  }

  /** A run that left nothing leaves no empty folders either. */
  async [Symbol.asyncDispose](): Promise<void> {
    const lock = this.#lock;
    this.#lock = null;
    if (lock === null) return;
    await rmdir(this.folder).catch(() => {});
    await lock.release();
    await rmdir(this.#ours).catch(() => {});
  }
}

async function synced(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
