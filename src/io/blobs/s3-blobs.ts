// Blobs in an S3 bucket, or in what speaks like one, by the AWS SDK.
import { createHash } from "node:crypto";
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
import type { S3Access } from "./s3-access.ts";
import { openS3Client } from "./s3-client.ts";
import { isMissingKey, s3Error } from "./s3-errors.ts";
import type { S3Environment, S3Place } from "./s3-settings.ts";
import { signedUrl } from "./s3-signer.ts";
import { S3Uploads } from "./s3-uploads.ts";

export async function openS3Blobs({ bucket, prefix }: S3Place, env: S3Environment): Promise<BlobStore> {
  const { sdk, client, region, endpoint } = await openS3Client(env);
  const name = `s3://${bucket}${prefix === "" ? "" : `/${prefix}`}`;
  const access: S3Access = {
    sdk,
    client,
    bucket,
    key: (path) => [...(prefix === "" ? [] : [prefix]), ...path].join("/"),
    async asked(path, act) {
      try {
        return await act();
      } catch (cause) {
        const location = [name, ...path].join("/");
        throw s3Error(cause, { location, bucket, endpoint: endpoint ?? "AWS" });
      }
    },
  };
  const sign = async (
    method: "GET" | "PUT",
    path: BlobPath,
    { seconds, query = {} }: { readonly seconds: number; readonly query?: Readonly<Record<string, string>> },
  ): Promise<string> => {
    assertBlobPath(path);
    const keys = await access.asked(path, () => client.config.credentials());
    return signedUrl(
      { method, endpoint, region, bucket, key: access.key(path), query, seconds, now: new Date() },
      keys,
    );
  };
  const signer: BlobSigner = {
    read: (path, seconds) => sign("GET", path, { seconds }),
    write: (path, seconds) => sign("PUT", path, { seconds }),
    part: ({ path, upload, number }, seconds) =>
      sign("PUT", path, { seconds, query: { partNumber: String(number), uploadId: upload } }),
  };
  return new S3Blobs(access, { name, signer });
}

class S3Blobs implements BlobStore {
  readonly name: string;
  readonly uploads: BlobUploads;
  readonly signer: BlobSigner;
  readonly #access: S3Access;
  readonly #uploads: S3Uploads;

  constructor(access: S3Access, { name, signer }: { readonly name: string; readonly signer: BlobSigner }) {
    this.name = name;
    this.#access = access;
    this.#uploads = new S3Uploads(access);
    this.uploads = this.#uploads;
    this.signer = signer;
  }

  async check(): Promise<void> {
    const { sdk, client, bucket, key, asked } = this.#access;
    const input = { Bucket: bucket, Prefix: key([]), MaxKeys: 1 };
    await asked([], () => client.send(new sdk.ListObjectsV2Command(input)));
  }

  async list(folder: BlobPath): Promise<readonly BlobEntry[] | null> {
    assertBlobPath(folder, { isRoot: true });
    const { sdk, client, bucket, key, asked } = this.#access;
    const own = key(folder);
    const prefix = own === "" ? "" : `${own}/`;
    const entries: BlobEntry[] = [];
    let isThere = folder.length === 0;
    let token: string | undefined;
    do {
      const input = { Bucket: bucket, Prefix: prefix, Delimiter: "/", ContinuationToken: token };
      const page = await asked(folder, () => client.send(new sdk.ListObjectsV2Command(input)));
      for (const { Prefix = "" } of page.CommonPrefixes ?? []) {
        const name = Prefix.slice(prefix.length, -1);
        if (name !== "") entries.push({ name, isFolder: true, bytes: 0, etag: null });
      }
      for (const { Key = "", Size = 0, ETag = null } of page.Contents ?? []) {
        isThere = true;
        // An empty object with the folder's name stands for the folder.
        if (Key !== prefix) entries.push({ name: Key.slice(prefix.length), isFolder: false, bytes: Size, etag: ETag });
      }
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
    if (entries.length === 0 && !isThere) return null;
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async stat(path: BlobPath): Promise<BlobInfo | null> {
    assertBlobPath(path);
    const { sdk, client, bucket, key, asked } = this.#access;
    return asked(path, async () => {
      try {
        const answer = await client.send(new sdk.HeadObjectCommand({ Bucket: bucket, Key: key(path) }));
        return infoOf(answer, answer.ContentLength ?? 0);
      } catch (cause) {
        if (isMissingKey(cause)) return null;
        throw cause;
      }
    });
  }

  async openRead(path: BlobPath, range?: BlobRange): Promise<BlobRead | null> {
    assertBlobPath(path);
    const { sdk, client, bucket, key, asked } = this.#access;
    const { from = 0, to, etag } = range ?? {};
    const isPart = from > 0 || to !== undefined;
    const Range = isPart ? `bytes=${from}-${to ?? ""}` : undefined;
    const answer = await asked(path, async () => {
      try {
        return await client.send(new sdk.GetObjectCommand({ Bucket: bucket, Key: key(path), Range, IfMatch: etag }));
      } catch (cause) {
        if (isMissingKey(cause)) return null;
        throw cause;
      }
    });
    if (answer === null) return null;
    const location = [this.name, ...path].join("/");
    if (answer.Body === undefined) throw trimaranError("BLOB_STORE", { location, problem: "it answers nothing" });
    const [, whole] = /\/(\d+)$/.exec(answer.ContentRange ?? "") ?? [];
    const length = answer.ContentLength ?? 0;
    const info = infoOf(answer, whole === undefined ? from + length : Number(whole));
    return { ...info, body: wholeBody(answer.Body as AsyncIterable<Uint8Array>, location, length) };
  }

  async write(path: BlobPath, body: AsyncIterable<Uint8Array>, expected: BlobWrite = {}): Promise<void> {
    assertBlobPath(path);
    const location = [this.name, ...path].join("/");
    await this.#uploads.write(path, expectedBytes(body, location, expected), expected.bytes);
  }

  async remove(path: BlobPath): Promise<void> {
    assertBlobPath(path);
    const { sdk, client, bucket, key, asked } = this.#access;
    const own = key(path);
    await asked(path, async () => {
      let token: string | undefined;
      do {
        const input = { Bucket: bucket, Prefix: `${own}/`, ContinuationToken: token };
        const page = await client.send(new sdk.ListObjectsV2Command(input));
        // The longest first: some stores keep folders, which must be empty before they go.
        const keys = (page.Contents ?? []).map(({ Key = "" }) => Key).sort((a, b) => b.length - a.length);
        if (keys.length > 0) {
          const Delete = { Objects: keys.map((Key) => ({ Key })), Quiet: true };
          const { Errors = [] } = await client.send(new sdk.DeleteObjectsCommand({ Bucket: bucket, Delete }));
          const [first] = Errors;
          if (first !== undefined)
            throw trimaranError("BLOB_STORE", { location: own, problem: first.Code ?? "it failed" });
        }
        token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
      } while (token !== undefined);
      try {
        await client.send(new sdk.DeleteObjectCommand({ Bucket: bucket, Key: own }));
      } catch (cause) {
        if (!isMissingKey(cause)) throw cause;
      }
    });
  }
}

function infoOf(answer: { readonly ETag?: string; readonly LastModified?: Date }, bytes: number): BlobInfo {
  return {
    bytes,
    etag: answer.ETag ?? `"${createHash("md5").update(String(bytes)).digest("hex")}"`,
    modified: answer.LastModified ?? null,
  };
}

/** What breaks in the middle, or ends too early, is told as such. */
async function* wholeBody(
  body: AsyncIterable<Uint8Array>,
  location: string,
  bytes: number,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  try {
    for await (const chunk of body) {
      size += chunk.length;
      yield chunk;
    }
  } catch {
    throw trimaranError("BLOB_CUT", { location, problem: "the connection broke" });
  }
  if (size < bytes) throw trimaranError("BLOB_CUT", { location, problem: `${size} bytes of ${bytes}` });
}
