// Writing to S3: in one request when it is small, else in parts, of which a few are in memory and on their way at a time.
import { createHash } from "node:crypto";
import { trimaranError } from "../../base/errors.ts";
import {
  assertBlobPath,
  type BlobPart,
  type BlobPartPlace,
  type BlobPath,
  type BlobUploads,
  maxParts,
} from "./blob-store.ts";
import type { S3Access } from "./s3-access.ts";

/** S3 takes no smaller ones, but for the last. */
const minPartBytes = 8 * 2 ** 20;
const partsAtOnce = 3;

export class S3Uploads implements BlobUploads {
  readonly #access: S3Access;

  constructor(access: S3Access) {
    this.#access = access;
  }

  /** What `body` throws is thrown on, and nothing is written then. */
  async write(path: BlobPath, body: AsyncIterable<Uint8Array>, bytes?: number): Promise<void> {
    const parts = inParts(body, Math.max(minPartBytes, Math.ceil((bytes ?? 0) / maxParts)));
    const first = await parts.next();
    const second = first.done === true ? first : await parts.next();
    if (second.done === true) return this.#put(path, first.value ?? new Uint8Array(0));
    const upload = await this.begin(path);
    const sent: Promise<BlobPart>[] = [];
    try {
      let failed = false;
      const send = async (number: number, part: Uint8Array): Promise<BlobPart> => {
        try {
          return { number, etag: await this.#putPart({ path, upload, number }, part) };
        } catch (error) {
          failed = true;
          throw error;
        }
      };
      const begin = (part: Uint8Array): void => {
        const going = send(sent.length + 1, part);
        // Awaited below; until then a failure is no unhandled one.
        going.catch(() => {});
        sent.push(going);
      };
      begin(first.value ?? new Uint8Array(0));
      begin(second.value);
      for await (const part of parts) {
        if (failed) break;
        if (sent.length >= maxParts)
          throw trimaranError("BLOB_LIMIT", { location: path.join("/"), limit: maxParts * minPartBytes });
        begin(part);
        await sent[sent.length - partsAtOnce];
      }
      await this.finish(path, upload, await Promise.all(sent));
    } catch (error) {
      // A part that arrives after the end of its upload would stay.
      await Promise.allSettled(sent);
      await this.abort(path, upload).catch(() => {});
      throw error;
    } finally {
      await parts.return(undefined);
    }
  }

  async begin(path: BlobPath): Promise<string> {
    assertBlobPath(path);
    const { sdk, client, bucket, key, asked } = this.#access;
    const input = { Bucket: bucket, Key: key(path) };
    const { UploadId } = await asked(path, () => client.send(new sdk.CreateMultipartUploadCommand(input)));
    if (UploadId === undefined)
      throw trimaranError("BLOB_STORE", { location: path.join("/"), problem: "it names no upload" });
    return UploadId;
  }

  async writePart(place: BlobPartPlace, body: AsyncIterable<Uint8Array>): Promise<string> {
    assertBlobPath(place.path);
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return this.#putPart(place, Buffer.concat(chunks));
  }

  async finish(path: BlobPath, upload: string, parts: readonly BlobPart[]): Promise<void> {
    assertBlobPath(path);
    const { sdk, client, bucket, key, asked } = this.#access;
    const Parts = parts.map(({ number, etag }) => ({ PartNumber: number, ETag: etag }));
    const input = { Bucket: bucket, Key: key(path), UploadId: upload, MultipartUpload: { Parts } };
    await asked(path, () => client.send(new sdk.CompleteMultipartUploadCommand(input)));
  }

  async abort(path: BlobPath, upload: string): Promise<void> {
    assertBlobPath(path);
    const { sdk, client, bucket, key, asked } = this.#access;
    const input = { Bucket: bucket, Key: key(path), UploadId: upload };
    await asked(path, async () => {
      try {
        await client.send(new sdk.AbortMultipartUploadCommand(input));
      } catch (cause) {
        if (!(cause instanceof Error && cause.name === "NoSuchUpload")) throw cause;
      }
    });
  }

  async #put(path: BlobPath, body: Uint8Array): Promise<void> {
    const { sdk, client, bucket, key, asked } = this.#access;
    const input = { Bucket: bucket, Key: key(path), Body: body, ContentLength: body.length, ContentMD5: md5Of(body) };
    await asked(path, () => client.send(new sdk.PutObjectCommand(input)));
  }

  async #putPart({ path, upload, number }: BlobPartPlace, body: Uint8Array): Promise<string> {
    const { sdk, client, bucket, key, asked } = this.#access;
    const place = { Bucket: bucket, Key: key(path), UploadId: upload, PartNumber: number };
    const input = { ...place, Body: body, ContentLength: body.length, ContentMD5: md5Of(body) };
    const { ETag } = await asked(path, () => client.send(new sdk.UploadPartCommand(input)));
    if (ETag === undefined)
      throw trimaranError("BLOB_STORE", { location: path.join("/"), problem: "a part has no etag" });
    return ETag;
  }
}

function md5Of(body: Uint8Array): string {
  return createHash("md5").update(body).digest("base64");
}

/** Of that size each, but for the last; an empty body has none. */
async function* inParts(body: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array, undefined> {
  let chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length; ) {
      const piece = chunk.subarray(at, at + bytes - size);
      chunks.push(piece);
      size += piece.length;
      at += piece.length;
      if (size === bytes) {
        yield Buffer.concat(chunks);
        chunks = [];
        size = 0;
      }
    }
  }
  if (size > 0) yield Buffer.concat(chunks);
}
