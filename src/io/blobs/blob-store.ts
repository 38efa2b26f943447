// Files by path, wherever they are kept: a folder of this machine, or a bucket. Paths come as segments, none of which may climb.
import { trimaranError } from "../../base/errors.ts";

/** `["1", "run", "artifacts", "model.pkl"]`; none for the root. */
export type BlobPath = readonly string[];

export interface BlobInfo {
  readonly bytes: number;
  /** Another one when the content is another; in quotes, as HTTP has it. */
  readonly etag: string;
  readonly modified: Date | null;
}

export interface BlobEntry {
  readonly name: string;
  readonly isFolder: boolean;
  /** 0 for a folder. */
  readonly bytes: number;
  /** Null where a listing does not tell it, and for a folder. */
  readonly etag: string | null;
}

/** Both ends are included. */
export interface BlobRange {
  readonly from: number;
  /** @default the end */
  readonly to?: number;
  /** The content must still be this one. */
  readonly etag?: string;
}

export interface BlobRead extends BlobInfo {
  /** To be read to its end or left by `return`. @throws BLOB_CUT */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface BlobWrite {
  /** How many bytes must come; another number writes nothing. */
  readonly bytes?: number;
  /** Of the content that must come, by name of the hash. */
  readonly digest?: { readonly hash: "md5" | "sha256"; readonly value: Uint8Array };
  /** @default no limit */
  readonly maxBytes?: number;
}

export interface BlobPart {
  readonly number: number;
  readonly etag: string;
}

/** One blob in parts, which may come in any order and at once. */
export interface BlobUploads {
  /** Gives the upload's name. @throws BLOB_CONFLICT */
  begin(path: BlobPath): Promise<string>;
  /** Gives the part's etag. @throws BLOB_UPLOAD */
  writePart(part: BlobPartPlace, body: AsyncIterable<Uint8Array>): Promise<string>;
  /** The blob is there afterwards. @throws BLOB_UPLOAD when a part is missing or another one */
  finish(path: BlobPath, upload: string, parts: readonly BlobPart[]): Promise<void>;
  /** An upload that is not known counts as given up. */
  abort(path: BlobPath, upload: string): Promise<void>;
}

export interface BlobPartPlace {
  readonly path: BlobPath;
  readonly upload: string;
  /** From 1 to `maxParts`. */
  readonly number: number;
}

/** URLs that a client uses without any credentials, until they expire. */
export interface BlobSigner {
  read(path: BlobPath, seconds: number): Promise<string>;
  write(path: BlobPath, seconds: number): Promise<string>;
  part(place: BlobPartPlace, seconds: number): Promise<string>;
}

export interface BlobStore {
  /** For messages: `s3://bucket/prefix`, or the folder. */
  readonly name: string;
  /** Whether the store answers. @throws BLOB_* */
  check(): Promise<void>;
  /** What lies directly in a folder, by name. Null: there is nothing, or it is a blob. @throws BLOB_* */
  list(folder: BlobPath): Promise<readonly BlobEntry[] | null>;
  /** Null: there is no such blob. @throws BLOB_* */
  stat(path: BlobPath): Promise<BlobInfo | null>;
  /** Null: there is no such blob. `bytes` is that of the whole. @throws BLOB_*, BLOB_CHANGED for another etag */
  openRead(path: BlobPath, range?: BlobRange): Promise<BlobRead | null>;
  /** Whole or not at all. @throws BLOB_*, and whatever `body` throws */
  write(path: BlobPath, body: AsyncIterable<Uint8Array>, expected?: BlobWrite): Promise<void>;
  /** The blob, or all below the folder; nothing there is no error. @throws BLOB_* */
  remove(path: BlobPath): Promise<void>;
  readonly uploads: BlobUploads;
  /** Null: only through this process. */
  readonly signer: BlobSigner | null;
}

export const maxParts = 10_000;

/** Callers check what they were given; this holds whatever they forgot. @throws BLOB_PATH */
export function assertBlobPath(path: BlobPath, { isRoot = false }: { readonly isRoot?: boolean } = {}): void {
  if (path.length === 0 && !isRoot) throw trimaranError("BLOB_PATH", { problem: "it is empty" });
  for (const segment of path) {
    if (segment === "" || segment === "." || segment === ".." || /[/\\\0]/.test(segment)) {
      throw trimaranError("BLOB_PATH", { problem: "it climbs, or is not plain" });
    }
  }
}
