// Where an S3 store is and how it is spoken to, from the variables that AWS and MLflow use.

export type S3Environment = Readonly<Record<string, string | undefined>>;

export interface S3Place {
  readonly bucket: string;
  /** Without slashes around it; may be empty. */
  readonly prefix: string;
}

/** Null when it is no `s3://bucket/key`. */
export function s3Place(location: string): S3Place | null {
  const [, bucket, key = ""] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,62})(?:\/+([^?#]*))?$/i.exec(location) ?? [];
  return bucket === undefined ? null : { bucket, prefix: key.replace(/\/+$/, "") };
}

export interface S3Settings {
  readonly region: string;
  /** Undefined: AWS itself. */
  readonly endpoint: string | undefined;
  /** Undefined: what the SDK finds. */
  readonly credentials:
    | { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string }
    | undefined;
}

export function s3Settings(env: S3Environment): S3Settings {
  const accessKeyId = env["AWS_ACCESS_KEY_ID"];
  const secretAccessKey = env["AWS_SECRET_ACCESS_KEY"];
  const sessionToken = env["AWS_SESSION_TOKEN"];
  return {
    region: env["AWS_REGION"] || env["AWS_DEFAULT_REGION"] || "us-east-1",
    endpoint: env["MLFLOW_S3_ENDPOINT_URL"] || env["AWS_ENDPOINT_URL_S3"] || env["AWS_ENDPOINT_URL"] || undefined,
    credentials:
      accessKeyId && secretAccessKey
        ? { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) }
        : undefined,
  };
}
