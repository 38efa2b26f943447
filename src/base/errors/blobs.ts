// Files in a folder or a bucket.
export const blobErrors = {
  BLOB_PATH: {
    kind: "invalid",
    message: "The path is not one of a file in the store: {problem}.",
    fix: "Name it by plain names with `/` between.",
  },
  BLOB_PLACE: {
    kind: "invalid",
    message: "Files cannot be kept there: {problem}.",
    fix: "Give a folder, or `s3://BUCKET/PREFIX`.",
  },
  BLOB_CONFLICT: {
    kind: "conflict",
    message: "A file or folder is in the way of {location}.",
    fix: "Delete it, or take another name.",
  },
  BLOB_LIMIT: {
    kind: "invalid",
    message: "{location} is larger than {limit} bytes.",
    fix: "Raise the limit with `--max-artifact-bytes`, or write less.",
  },
  BLOB_RANGE: {
    kind: "invalid",
    message: "{location} has only {bytes} bytes.",
    fix: "Ask for a part that lies within it.",
  },
  BLOB_CHECKSUM: {
    kind: "invalid",
    message: "What arrived for {location} is not what was announced: its {hash} differs. Nothing was written.",
    fix: "Send it again.",
  },
  BLOB_CHANGED: {
    kind: "conflict",
    message: "{location} changed while it was read.",
    fix: "Read it again from its beginning.",
  },
  BLOB_CUT: {
    kind: "unavailable",
    message: "{location} did not arrive whole: {problem}. Nothing of it was kept.",
    fix: "Send it again.",
  },
  BLOB_UPLOAD: {
    kind: "missing",
    message: "The upload of {location} in parts cannot go on: {problem}.",
    fix: "Begin it again.",
  },
  BLOB_FULL: {
    kind: "unavailable",
    message: "{location} cannot be written: the disk is full.",
    fix: "Free some space; what was there before is kept.",
  },
  BLOB_DENIED: {
    kind: "denied",
    message: "The store refuses access to {location} ({problem}).",
    fix: "Check the rights of the folder, or for S3 `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and what they may do.",
  },
  BLOB_BUCKET: {
    kind: "missing",
    message: "There is no bucket {bucket} at {endpoint}.",
    fix: "Make the bucket, or name another; `MLFLOW_S3_ENDPOINT_URL` names a store beside AWS.",
  },
  BLOB_STORE: {
    kind: "unavailable",
    message: "The store of {location} does not answer as it should: {problem}.",
    fix: "Check that it runs, and for S3 `MLFLOW_S3_ENDPOINT_URL` and `AWS_REGION`.",
  },
} as const;
