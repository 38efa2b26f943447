// The SDK's client of an S3 store, as the environment says. The SDK is loaded when the first store is opened.
import type { S3Client } from "@aws-sdk/client-s3";
import { type S3Environment, s3Settings } from "./s3-settings.ts";

export interface OpenedS3Client {
  readonly sdk: typeof import("@aws-sdk/client-s3");
  readonly client: S3Client;
  readonly region: string;
  /** Undefined: AWS itself. */
  readonly endpoint: string | undefined;
}

export async function openS3Client(env: S3Environment): Promise<OpenedS3Client> {
  const sdk = await import("@aws-sdk/client-s3");
  const { region, endpoint, credentials } = s3Settings(env);
  const client = new sdk.S3Client({
    region,
    // Servers beside AWS have no names for their buckets, and not all of them know the newer checksums.
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(credentials === undefined ? {} : { credentials }),
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    maxAttempts: 5,
    // Without these a store that says nothing is waited for without end.
    requestHandler: { connectionTimeout: 5000, socketTimeout: 120_000 },
  });
  return { sdk, client, region, endpoint };
}
