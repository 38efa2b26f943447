// Objects of an S3 bucket by key: listed flat, read to a file that goes on where a connection was cut, written whole and on a condition.
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { isTrimaranError, trimaranError } from "../../base/errors.ts";
import { type OpenedS3Client, openS3Client } from "./s3-client.ts";
import { isMissingKey, s3Error, s3Fault } from "./s3-errors.ts";
import type { S3Environment } from "./s3-settings.ts";

export interface S3Object {
  readonly key: string;
  readonly bytes: number;
  readonly etag: string;
  readonly modified: Date | null;
}

/** What must be there for a write to happen: the object with that etag, or none; undefined: whatever. */
export type S3Condition = string | null | undefined;

/** How often an answer that was cut is gone on with. */
const cutAttempts = 5;
const singleBytes = 16 * 2 ** 20;
const partBytes = 16 * 2 ** 20;
const maxParts = 10_000;
const partsAtOnce = 3;

export class S3Objects implements AsyncDisposable {
  readonly bucket: string;
  readonly #opened: OpenedS3Client;

  constructor(bucket: string, opened: OpenedS3Client) {
    this.bucket = bucket;
    this.#opened = opened;
  }

  static async open(bucket: string, env: S3Environment): Promise<S3Objects> {
    return new S3Objects(bucket, await openS3Client(env));
  }

  location(key: string): string {
    return `s3://${this.bucket}/${key}`;
  }

  /** By key. @throws BLOB_* */
  async *list(prefix: string, signal?: AbortSignal): AsyncGenerator<S3Object> {
    const { sdk, client } = this.#opened;
    let token: string | undefined;
    do {
      const input = { Bucket: this.bucket, Prefix: prefix, ContinuationToken: token };
      const page = await this.#asked(prefix, () =>
        client.send(new sdk.ListObjectsV2Command(input), { ...abort(signal) }),
      );
      for (const { Key = "", Size = 0, ETag = "", LastModified } of page.Contents ?? []) {
        if (!Key.endsWith("/")) yield { key: Key, bytes: Size, etag: ETag, modified: LastModified ?? null };
      }
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  /** null: there is none. @throws BLOB_* */
  async stat(key: string, signal?: AbortSignal): Promise<S3Object | null> {
    const { sdk, client } = this.#opened;
    return this.#asked(key, async () => {
      try {
        const head = new sdk.HeadObjectCommand({ Bucket: this.bucket, Key: key });
        const answer = await client.send(head, { ...abort(signal) });
        return {
          key,
          bytes: answer.ContentLength ?? 0,
          etag: answer.ETag ?? "",
          modified: answer.LastModified ?? null,
        };
      } catch (cause) {
        if (isMissingKey(cause)) return null;
        throw cause;
      }
    });
  }

  /** The bytes of a small object; null: there is none. @throws BLOB_* */
  async read(key: string, signal?: AbortSignal): Promise<{ readonly bytes: Uint8Array; readonly etag: string } | null> {
    const { sdk, client } = this.#opened;
    return this.#asked(key, async () => {
      try {
        const get = new sdk.GetObjectCommand({ Bucket: this.bucket, Key: key });
        const answer = await client.send(get, { ...abort(signal) });
        return { bytes: (await answer.Body?.transformToByteArray()) ?? new Uint8Array(), etag: answer.ETag ?? "" };
      } catch (cause) {
        if (isMissingKey(cause)) return null;
        throw cause;
      }
    });
  }

  /**
   * Into a file; exactly the object that was listed. An answer that is cut is gone on with.
   * @throws BLOB_CHANGED when it is another one by now, or gone; BLOB_CUT; BLOB_*
   */
  async download({ key, bytes, etag }: S3Object, path: string, signal: AbortSignal): Promise<void> {
    const location = this.location(key);
    let done = 0;
    for (let attempt = 1; ; attempt++) {
      const before = done;
      try {
        for await (const written of this.#read({ key, etag, from: done, path, signal })) done += written;
        if (done === bytes) return;
        if (done > bytes) throw trimaranError("BLOB_CHANGED", { location });
        throw trimaranError("BLOB_CUT", { location, problem: `${done} bytes of ${bytes}` });
      } catch (cause) {
        signal.throwIfAborted();
        const isCut = isTrimaranError(cause) && cause.code === "BLOB_CUT";
        // What makes progress is gone on with for as long as it does.
        if (done > before) attempt = 1;
        if (!isCut || attempt >= cutAttempts) throw cause;
        await sleep(100 * 2 ** attempt, undefined, { signal });
      }
    }
  }

  async *#read({ key, etag, from, path, signal }: PartOfObject): AsyncGenerator<number> {
    const { sdk, client } = this.#opened;
    const location = this.location(key);
    const input = {
      Bucket: this.bucket,
      Key: key,
      ...(etag === "" ? {} : { IfMatch: etag }),
      ...(from > 0 ? { Range: `bytes=${from}-` } : {}),
    };
    const answer = await this.#asked(key, async () => {
      try {
        return await client.send(new sdk.GetObjectCommand(input), { abortSignal: signal });
      } catch (cause) {
        if (isMissingKey(cause)) throw trimaranError("BLOB_CHANGED", { location }, { cause });
        throw cause;
      }
    });
    if (answer.Body === undefined) throw trimaranError("BLOB_STORE", { location, problem: "it answers nothing" });
    if (from > 0 && answer.ContentRange === undefined) {
      throw trimaranError("BLOB_STORE", { location, problem: "it knows no ranges" });
    }
    const file = createWriteStream(path, from > 0 ? { flags: "r+", start: from } : {});
    const closed = new Promise<void>((done, fail) => file.once("close", done).once("error", fail));
    closed.catch(() => {});
    const body = (answer.Body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await body.next().catch((cause: unknown) => {
          throw trimaranError("BLOB_CUT", { location, problem: "the connection broke" }, { cause });
        });
        if (next.done === true) break;
        await new Promise<void>((done, fail) =>
          file.write(next.value, (error) => (error === null || error === undefined ? done() : fail(error))),
        );
        yield next.value.length;
      }
    } finally {
      file.end();
      await closed.catch(() => {});
      await body.return?.().catch(() => {});
    }
  }

  /** @throws BLOB_CHANGED when the condition does not hold; BLOB_* */
  async put(key: string, body: Uint8Array, condition?: S3Condition): Promise<void> {
    const { sdk, client } = this.#opened;
    const input = {
      Bucket: this.bucket,
      Key: key,
      Body: body,
      ContentLength: body.length,
      ContentMD5: createHash("md5").update(body).digest("base64"),
    };
    await this.#asked(key, () =>
      onCondition(condition, (only) => client.send(new sdk.PutObjectCommand({ ...input, ...only }))),
    );
  }

  /** A file as an object: seen whole, in one step. @throws BLOB_CHANGED when the condition does not hold; BLOB_* */
  async upload(key: string, path: string, { condition, signal }: UploadOptions): Promise<void> {
    await using file = await open(path, "r");
    const { size } = await file.stat();
    if (size <= singleBytes) return this.put(key, await readPart(file, 0, size), condition);
    const { sdk, client } = this.#opened;
    const Bucket = this.bucket;
    const { UploadId } = await this.#asked(key, () =>
      client.send(new sdk.CreateMultipartUploadCommand({ Bucket, Key: key }), { abortSignal: signal }),
    );
    const length = Math.max(partBytes, Math.ceil(size / maxParts));
    const count = Math.ceil(size / length);
    const parts: { PartNumber: number; ETag: string | undefined }[] = [];
    const numbers = Array.from({ length: count }, (_, at) => at + 1).values();
    let failed = false;
    const send = async (): Promise<void> => {
      for (const PartNumber of numbers) {
        if (failed) return;
        signal.throwIfAborted();
        const start = (PartNumber - 1) * length;
        const Body = await readPart(file, start, Math.min(length, size - start));
        const ContentMD5 = createHash("md5").update(Body).digest("base64");
        const input = { Bucket, Key: key, UploadId, PartNumber, Body, ContentLength: Body.length, ContentMD5 };
        const { ETag } = await this.#asked(key, () =>
          client.send(new sdk.UploadPartCommand(input), { abortSignal: signal }),
        );
        parts[PartNumber - 1] = { PartNumber, ETag };
      }
    };
    const lanes = Array.from({ length: partsAtOnce }, () =>
      send().catch((cause: unknown) => {
        failed = true;
        throw cause;
      }),
    );
    try {
      await Promise.all(lanes);
      const input = { Bucket, Key: key, UploadId, MultipartUpload: { Parts: parts } };
      await this.#asked(key, () =>
        onCondition(condition, (only) => client.send(new sdk.CompleteMultipartUploadCommand({ ...input, ...only }))),
      );
    } catch (error) {
      // A part that arrives after the end of its upload would stay.
      await Promise.allSettled(lanes);
      await client.send(new sdk.AbortMultipartUploadCommand({ Bucket, Key: key, UploadId })).catch(() => {});
      throw error;
    }
  }

  /** Nothing there is no error. @throws BLOB_* */
  async remove(key: string): Promise<void> {
    const { sdk, client } = this.#opened;
    await this.#asked(key, async () => {
      try {
        await client.send(new sdk.DeleteObjectCommand({ Bucket: this.bucket, Key: key }));
      } catch (cause) {
        if (!isMissingKey(cause)) throw cause;
      }
    });
  }

  async #asked<T>(key: string, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (cause) {
      if (cause instanceof Error && cause.name === "AbortError") throw cause;
      const endpoint = this.#opened.endpoint ?? "AWS";
      throw s3Error(cause, { location: this.location(key), bucket: this.bucket, endpoint });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#opened.client.destroy();
  }
}

interface PartOfObject {
  readonly key: string;
  readonly etag: string;
  readonly from: number;
  readonly path: string;
  readonly signal: AbortSignal;
}

export interface UploadOptions {
  readonly condition?: S3Condition;
  readonly signal: AbortSignal;
}

function abort(signal: AbortSignal | undefined): { readonly abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

async function readPart(file: FileHandle, start: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const { bytesRead } = await file.read(bytes, at, length - at, start + at);
    if (bytesRead === 0) throw new Error("the file became shorter");
    at += bytesRead;
  }
  return bytes;
}

/** A store that knows no conditions is written to without. */
async function onCondition<T>(
  condition: S3Condition,
  write: (only: { readonly IfMatch?: string; readonly IfNoneMatch?: string }) => Promise<T>,
): Promise<T> {
  if (condition === undefined || condition === "") return write({});
  try {
    return await write(condition === null ? { IfNoneMatch: "*" } : { IfMatch: condition });
  } catch (cause) {
    const { name, status } = s3Fault(cause);
    if (name === "NotImplemented" || status === 501) return write({});
    // Another write came between; an object that must be there is gone.
    if (name === "ConditionalRequestConflict" || status === 409 || (condition !== null && isMissingKey(cause))) {
      throw Object.assign(new Error("the object changed", { cause }), { name: "PreconditionFailed" });
    }
    throw cause;
  }
}
