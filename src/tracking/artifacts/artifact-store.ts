// Artifacts as the protocol has them, over any store of files: checked paths in, errors of the wire out.
import { isTrimaranError, type TrimaranError } from "../../base/errors.ts";
import type {
  BlobInfo,
  BlobPart,
  BlobPartPlace,
  BlobPath,
  BlobRange,
  BlobSigner,
  BlobStore,
  BlobWrite,
} from "../../io/blobs/blob-store.ts";
import { invalidParameter, WireError } from "../../mlflow/wire/wire-error.ts";
import { invalidPath } from "./artifact-path.ts";

export interface ArtifactFile extends BlobInfo {
  readonly size: number;
  /** To be read to its end or left by `return`. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface ArtifactEntry {
  readonly name: string;
  readonly isFolder: boolean;
  readonly size: number;
}

export interface ArtifactStoreOptions {
  /** @default no limit but the disk */
  readonly maxFileBytes?: number;
  /** Failures of the store that no client caused. @default nothing */
  readonly onFailure?: (error: unknown) => void;
}

/** Every method throws WireError. */
export class ArtifactStore {
  /** Null: nobody reads or writes around this server. */
  readonly signer: BlobSigner | null;
  readonly #blobs: BlobStore;
  readonly #maxFileBytes: number;
  readonly #onFailure: (error: unknown) => void;

  constructor(blobs: BlobStore, options: ArtifactStoreOptions = {}) {
    this.signer = blobs.signer;
    this.#blobs = blobs;
    this.#maxFileBytes = options.maxFileBytes ?? Number.POSITIVE_INFINITY;
    this.#onFailure = options.onFailure ?? (() => {});
  }

  /** Null: there is nothing, or it is a file. */
  async list(segments: BlobPath): Promise<readonly ArtifactEntry[] | null> {
    const entries = await this.#asked(() => this.#blobs.list(segments));
    return entries?.map(({ name, isFolder, bytes }) => ({ name, isFolder, size: bytes })) ?? null;
  }

  /** Null: there is no such file. */
  stat(segments: BlobPath): Promise<BlobInfo | null> {
    return this.#asked(() => this.#blobs.stat(segments));
  }

  /** Null: there is no such file. */
  async open(segments: BlobPath, range?: BlobRange): Promise<ArtifactFile | null> {
    const read = await this.#asked(() => this.#blobs.openRead(segments, range));
    return read === null ? null : { ...read, size: read.bytes };
  }

  /** Whole or not at all. */
  async write(segments: BlobPath, body: AsyncIterable<Uint8Array>, expected: BlobWrite = {}): Promise<void> {
    if (segments.length === 0) throw invalidPath();
    const maxBytes = Math.min(expected.maxBytes ?? Number.POSITIVE_INFINITY, this.#maxFileBytes);
    await this.#asked(() => this.#blobs.write(segments, body, { ...expected, maxBytes }));
  }

  /** With all below it. */
  async remove(segments: BlobPath): Promise<void> {
    if (segments.length === 0) throw invalidPath();
    await this.#asked(() => this.#blobs.remove(segments));
  }

  beginUpload(segments: BlobPath): Promise<string> {
    return this.#asked(() => this.#blobs.uploads.begin(segments));
  }

  /** Gives its etag. */
  writePart(place: BlobPartPlace, body: AsyncIterable<Uint8Array>): Promise<string> {
    return this.#asked(() => this.#blobs.uploads.writePart(place, body));
  }

  finishUpload(segments: BlobPath, upload: string, parts: readonly BlobPart[]): Promise<void> {
    return this.#asked(() => this.#blobs.uploads.finish(segments, upload, parts));
  }

  abortUpload(segments: BlobPath, upload: string): Promise<void> {
    return this.#asked(() => this.#blobs.uploads.abort(segments, upload));
  }

  async #asked<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      if (!isTrimaranError(error) || !error.code.startsWith("BLOB_")) throw error;
      const { isOurs, told } = wireError(error);
      if (isOurs) this.#onFailure(error);
      throw told;
    }
  }
}

/** Only what trying again may help with is answered as a failure of the server: clients try those again, for minutes. */
function wireError(error: TrimaranError): { readonly isOurs: boolean; readonly told: WireError } {
  switch (error.code) {
    case "BLOB_PATH":
      return { isOurs: false, told: invalidPath() };
    case "BLOB_CONFLICT":
      return {
        isOurs: false,
        told: new WireError("RESOURCE_CONFLICT", "A file or folder of that name is in the way.", error),
      };
    case "BLOB_CHANGED":
      return { isOurs: false, told: new WireError("RESOURCE_CONFLICT", "The artifact changed; read it again.", error) };
    case "BLOB_LIMIT":
    case "BLOB_CHECKSUM":
    case "BLOB_CUT":
    case "BLOB_RANGE":
      return { isOurs: false, told: invalidParameter(error.message) };
    case "BLOB_UPLOAD":
      return {
        isOurs: false,
        told: invalidParameter("The upload in parts is not known, or a part of it did not arrive so; begin it again."),
      };
    case "BLOB_FULL":
      return { isOurs: true, told: new DiskFullError(error) };
    case "BLOB_DENIED":
      return {
        isOurs: true,
        told: new WireError("PERMISSION_DENIED", "The artifact store refuses this server; its log says more.", error),
      };
    case "BLOB_BUCKET":
      return {
        isOurs: true,
        told: new WireError("RESOURCE_DOES_NOT_EXIST", "The artifact store's bucket does not exist.", error),
      };
    default:
      return {
        isOurs: true,
        told: new WireError("TEMPORARILY_UNAVAILABLE", "The artifact store does not answer; try again.", error),
      };
  }
}

/** 507, which clients do not try again. */
export class DiskFullError extends WireError {
  override readonly status = 507;

  constructor(cause: unknown) {
    super("RESOURCE_EXHAUSTED", "The artifact store is full; nothing was written.", cause);
  }
}
