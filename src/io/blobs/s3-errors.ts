// The faults of an S3 store as ours: their names only, since messages of the SDK may hold keys.
import { isTrimaranError, trimaranError } from "../../base/errors.ts";

const deniedNames: ReadonlySet<string> = new Set([
  "AccessDenied", "Forbidden", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "AllAccessDisabled",
  "AccountProblem", "RequestTimeTooSkewed", "CredentialsProviderError", "TokenProviderError", "403", "401",
]); // biome-ignore format: a list

export interface S3Fault {
  readonly name: string;
  readonly status: number | null;
}

export function s3Fault(cause: unknown): S3Fault {
  const status =
    typeof cause === "object" && cause !== null && "$metadata" in cause
      ? ((cause.$metadata as { httpStatusCode?: number } | undefined)?.httpStatusCode ?? null)
      : null;
  const code = cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : null;
  const own = cause instanceof Error ? cause.name : "";
  const name = own === "Error" || own === "TypeError" || own === "" ? (code ?? "") : own;
  return { name: /^[\w.]{1,60}$/.test(name) && name !== "UnknownError" ? name : String(status ?? "it failed"), status };
}

export interface S3Where {
  readonly location: string;
  readonly bucket: string;
  readonly endpoint: string;
}

/** A question for the head alone is answered without a name. */
export function isMissingKey(cause: unknown): boolean {
  const { name, status } = s3Fault(cause);
  return name === "NoSuchKey" || (status === 404 && (name === "NotFound" || name === "Unknown" || name === "404"));
}

/** @returns the error to be thrown */
export function s3Error(cause: unknown, { location, bucket, endpoint }: S3Where): unknown {
  if (isTrimaranError(cause)) return cause;
  const { name, status } = s3Fault(cause);
  switch (name) {
    case "NoSuchBucket":
      return trimaranError("BLOB_BUCKET", { bucket, endpoint });
    case "NoSuchUpload":
    case "InvalidPart":
    case "InvalidPartOrder":
    case "EntityTooSmall":
      return trimaranError("BLOB_UPLOAD", { location, problem: name });
    case "PreconditionFailed":
      return trimaranError("BLOB_CHANGED", { location });
    case "InvalidRange":
      return trimaranError("BLOB_RANGE", { location, bytes: 0 });
    case "BadDigest":
    case "InvalidDigest":
      return trimaranError("BLOB_CHECKSUM", { location, hash: "md5" });
    case "KeyTooLongError":
      return trimaranError("BLOB_PATH", { problem: "it is too long" });
    case "EntityTooLarge":
      return trimaranError("BLOB_LIMIT", { location, limit: 5 * 2 ** 40 });
  }
  if (deniedNames.has(name) || name.endsWith("UserNotFound") || status === 403 || status === 401)
    return trimaranError("BLOB_DENIED", { location, problem: name });
  return trimaranError("BLOB_STORE", { location, problem: name });
}
