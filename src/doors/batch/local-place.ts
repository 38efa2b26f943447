// Output on this machine: `x.parquet` with `.x.parquet.trimaran/` beside it, or a folder with `predictions.parquet` and `_trimaran/`.
import { lstat, mkdir, readdir, readFile, realpath, rename, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { assertFormat, type FileFormat } from "./file-format.ts";
import { localPath } from "./local-source.ts";
import { readManifestText } from "./manifest.ts";
import type { Manifest, OutputPlace, Publication } from "./ports.ts";
import { StagedFolder, synced } from "./staged-folder.ts";

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
  readonly #staged: StagedFolder;

  constructor({ file, ours, format, compression }: Parts) {
    this.uri = file;
    this.format = format;
    if (compression !== undefined) this.compression = compression;
    this.#staged = new StagedFolder({ uri: file, ours });
    this.folder = this.#staged.folder;
  }

  acquire(): Promise<void> {
    return this.#staged.acquire();
  }

  async readManifest(): Promise<Manifest | null> {
    const text = await readFile(join(this.#staged.ours, "manifest.json"), "utf8").catch(() => null);
    return text === null ? null : readManifestText(text);
  }

  async isPublished({ outputs }: Manifest): Promise<boolean> {
    const info = await stat(this.uri).catch(() => null);
    const output = outputs.find((each) => each.file === basename(this.uri));
    return info !== null && output !== undefined && info.size === output.bytes;
  }

  kept(): Promise<readonly string[]> {
    return this.#staged.kept();
  }

  keep(name: string): Promise<void> {
    return this.#staged.keep(name);
  }

  async fetchKept(name: string): Promise<string> {
    return this.#staged.fetchKept(name);
  }

  clear(stays: (name: string) => boolean = () => false): Promise<void> {
    return this.#staged.clear(stays);
  }

  async publish({ file, rejects, manifest }: Publication): Promise<void> {
    await this.#staged.writing(async () => {
      await synced(file);
      await this.#publishRejects(rejects);
      await rename(file, this.uri);
      await synced(dirname(resolve(this.uri)));
      const path = join(this.#staged.ours, "manifest.json");
      await writeFile(`${path}.part`, `${JSON.stringify(manifest, null, 2)}\n`);
      await synced(`${path}.part`);
      await rename(`${path}.part`, path);
      await synced(this.#staged.ours);
    });
    await this.#staged.remove();
  }

  /** Rejects stand beside the output, whose readers do not look at them: each file is whole, the old ones go. */
  async #publishRejects(rejects: Publication["rejects"]): Promise<void> {
    const folder = join(this.#staged.ours, "_rejects");
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

  [Symbol.asyncDispose](): Promise<void> {
    return this.#staged.release();
  }
}
