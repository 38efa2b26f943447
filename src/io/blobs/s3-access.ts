// What the parts of an S3 store share: the SDK, its client, and how a path becomes a key.
import type { S3Client } from "@aws-sdk/client-s3";
import type { BlobPath } from "./blob-store.ts";

export interface S3Access {
  readonly sdk: typeof import("@aws-sdk/client-s3");
  readonly client: S3Client;
  readonly bucket: string;
  key(path: BlobPath): string;
  /** Faults of the store as ours. @throws BLOB_* */
  asked<T>(path: BlobPath, act: () => Promise<T>): Promise<T>;
}
