// Output in S3: the object, and below it or beside it what is ours. Each object is seen whole or not at all; the output and then its
// manifest are written on the condition that they still are what they were when this run began, so that of two runs one wins.
import { basename, dirname, join } from "node:path/posix";
import { isTrimaranError, trimaranError } from "../../../base/errors.ts";
import { S3Objects } from "../../../io/blobs/s3-objects.ts";
import { s3Settings } from "../../../io/blobs/s3-settings.ts";
import { assertFormat, type FileFormat } from "../file-format.ts";
import { partitionFile } from "../local-place.ts";
import { readManifestText } from "../manifest.ts";
import type { Manifest, OutputPlace, PlaceOptions, Publication } from "../ports.ts";
import { s3Location } from "../sources/s3-source.ts";
import { farFolder, type StagedFolder } from "../staged-folder.ts";

/** @throws BATCH_URL, BATCH_FORMAT */
export async function openS3Place(url: string, { env, home }: PlaceOptions): Promise<OutputPlace> {
  const { bucket, key: written } = s3Location(url);
  const isFolder = written.endsWith("/");
  const key = isFolder ? `${written}${partitionFile}` : written;
  const folder = dirname(key) === "." ? "" : `${dirname(key)}/`;
  const ours = isFolder ? `${written}_trimaran/` : `${folder}.${basename(key)}.trimaran/`;
  const format = assertFormat(key);
  const objects = await S3Objects.open(bucket, env);
  const uri = objects.location(key);
  const identity = `${s3Settings(env).endpoint ?? "AWS"} ${uri}`;
  return new S3Place({ objects, key, ours, ...format, staged: farFolder({ uri, identity, home }) });
}

interface Parts extends FileFormat {
  readonly objects: S3Objects;
  readonly key: string;
  /** With `/` behind. */
  readonly ours: string;
  readonly staged: StagedFolder;
}

class S3Place implements OutputPlace {
  readonly uri: string;
  readonly format: OutputPlace["format"];
  readonly compression?: OutputPlace["compression"];
  readonly folder: string;
  readonly #parts: Parts;
  /** As they were when the run began; null: not there. */
  #before: { readonly output: string | null; readonly manifest: string | null } | null = null;

  constructor(parts: Parts) {
    this.uri = parts.staged.uri;
    this.format = parts.format;
    if (parts.compression !== undefined) this.compression = parts.compression;
    this.folder = parts.staged.folder;
    this.#parts = parts;
  }

  async acquire(signal: AbortSignal): Promise<void> {
    const { objects, key, staged } = this.#parts;
    await staged.acquire();
    // A bucket that is not there is told by a listing only.
    for await (const _ of objects.list(this.#parts.ours, signal)) break;
    const output = await objects.stat(key, signal);
    const manifest = await objects.stat(this.#manifestKey, signal);
    this.#before = { output: output?.etag ?? null, manifest: manifest?.etag ?? null };
  }

  get #manifestKey(): string {
    return `${this.#parts.ours}manifest.json`;
  }

  async readManifest(): Promise<Manifest | null> {
    const read = await this.#parts.objects.read(this.#manifestKey);
    return read === null ? null : readManifestText(new TextDecoder().decode(read.bytes));
  }

  async isPublished({ outputs }: Manifest): Promise<boolean> {
    const { objects, key } = this.#parts;
    const info = await objects.stat(key);
    const output = outputs.find((each) => each.file === basename(key));
    return info !== null && output !== undefined && info.bytes === output.bytes;
  }

  kept(): Promise<readonly string[]> {
    return this.#parts.staged.kept();
  }

  keep(name: string): Promise<void> {
    return this.#parts.staged.keep(name);
  }

  async fetchKept(name: string): Promise<string> {
    return this.#parts.staged.fetchKept(name);
  }

  clear(stays: (name: string) => boolean = () => false): Promise<void> {
    return this.#parts.staged.clear(stays);
  }

  async publish({ file, rejects, manifest }: Publication): Promise<void> {
    const { objects, key, staged } = this.#parts;
    const signal = new AbortController().signal;
    const before = this.#before ?? { output: null, manifest: null };
    await this.#publishRejects(rejects, signal);
    await this.#alone(() => objects.upload(key, file, { condition: before.output, signal }));
    const text = new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`);
    await this.#alone(() => objects.put(this.#manifestKey, text, before.manifest));
    await staged.remove();
  }

  async #publishRejects(rejects: Publication["rejects"], signal: AbortSignal): Promise<void> {
    const { objects, ours } = this.#parts;
    const folder = `${ours}_rejects/`;
    for (const [name, path] of Object.entries(rejects)) await objects.upload(join(folder, name), path, { signal });
    const old: string[] = [];
    for await (const { key } of objects.list(folder, signal)) {
      if (!Object.hasOwn(rejects, key.slice(folder.length))) old.push(key);
    }
    for (const key of old) await objects.remove(key);
  }

  /** An object that another run wrote in the meantime stays as it is. @throws BATCH_BUSY */
  async #alone(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (cause) {
      if (!isTrimaranError(cause) || cause.code !== "BLOB_CHANGED") throw cause;
      throw trimaranError("BATCH_BUSY", { name: this.uri }, { cause });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.staged.release();
    await this.#parts.objects[Symbol.asyncDispose]();
  }
}
