// Objects of S3 as input: one by its key, a prefix that ends in `/`, or a pattern.
import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { basename, join, matchesGlob } from "node:path/posix";
import { isTrimaranError, trimaranError } from "../../../base/errors.ts";
import { type S3Object, S3Objects } from "../../../io/blobs/s3-objects.ts";
import { assertFormat, formatOf, withoutEnding } from "../file-format.ts";
import type { InputFile, InputSource, PlaceOptions } from "../ports.ts";
import { writeProblem } from "../write-problem.ts";

export interface S3Location {
  readonly bucket: string;
  readonly key: string;
}

/** @throws BATCH_URL */
export function s3Location(url: string): S3Location {
  const [, bucket, key] = /^s3:\/\/([a-z0-9][a-z0-9._-]{1,62})\/+(.+)$/is.exec(url) ?? [];
  if (bucket !== undefined && key !== undefined) return { bucket, key };
  const example = "s3://BUCKET/PREFIX/*.parquet";
  throw trimaranError("BATCH_URL", { what: "store", problem: "it names no bucket and key", example });
}

export async function openS3Source(url: string, { env }: PlaceOptions): Promise<InputSource> {
  const { bucket, key } = s3Location(url);
  const objects = await S3Objects.open(bucket, env);
  const known = new Map<string, S3Object>();
  const found = (object: S3Object, name: string): InputFile => {
    const uri = objects.location(object.key);
    known.set(uri, object);
    return {
      uri,
      name: withoutEnding(name),
      size: object.bytes,
      ...(object.etag === "" ? {} : { etag: object.etag }),
      ...(object.modified === null ? {} : { modified: object.modified.toISOString() }),
      ...assertFormat(object.key),
    };
  };
  const objectOf = (file: InputFile): S3Object => {
    const object = known.get(file.uri);
    if (object === undefined) throw trimaranError("BATCH_CHANGED", { name: file.uri });
    return object;
  };
  return {
    async list(signal) {
      const exact = key.endsWith("/") ? null : await objects.stat(key, signal);
      if (exact !== null) return [found(exact, basename(key))];
      const files: InputFile[] = [];
      for await (const { object, name } of matches(objects, key, signal)) files.push(found(object, name));
      return files.sort((left, right) => (left.uri < right.uri ? -1 : 1));
    },
    async fetch(file, folder, signal) {
      await mkdir(folder, { recursive: true });
      const path = join(folder, createHash("sha256").update(file.uri).digest("hex").slice(0, 24));
      await objects.download(objectOf(file), path, signal).catch((cause: unknown) => {
        throw toldOf(file.uri, cause);
      });
      return path;
    },
    async assertSame(file, signal) {
      const { key: own, etag, bytes } = objectOf(file);
      const now = await objects.stat(own, signal);
      if (now?.etag !== etag || now.bytes !== bytes) throw trimaranError("BATCH_CHANGED", { name: file.uri });
    },
    [Symbol.asyncDispose]: () => objects[Symbol.asyncDispose](),
  };
}

interface Match {
  readonly object: S3Object;
  /** Below the fixed part. */
  readonly name: string;
}

/** As local patterns: what begins with `_` or `.` below the fixed part is no data; what is no table is left out of folders only. */
async function* matches(objects: S3Objects, pattern: string, signal: AbortSignal): AsyncGenerator<Match> {
  const isFolder = pattern.endsWith("/");
  const open = pattern.search(/[*?[{]/);
  if (!isFolder && open < 0) return;
  // A folder's name is taken as it is written.
  const fixed = isFolder ? pattern : pattern.slice(0, open);
  const root = fixed.slice(0, fixed.lastIndexOf("/") + 1);
  for await (const object of objects.list(fixed, signal)) {
    const name = object.key.slice(root.length);
    if (name.split("/").some((step) => /^[_.]/.test(step))) continue;
    if (isFolder ? formatOf(object.key) === null : !matchesGlob(object.key, pattern)) continue;
    yield { object, name };
  }
}

function toldOf(name: string, cause: unknown): unknown {
  if (isTrimaranError(cause) && cause.code === "BLOB_CHANGED")
    return trimaranError("BATCH_CHANGED", { name }, { cause });
  return writeProblem(name, cause);
}
