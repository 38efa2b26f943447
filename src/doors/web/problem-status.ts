// The one place where an error becomes an HTTP status: by its kind, and by its code where HTTP is finer than kinds are.
import type { ErrorCode } from "../../base/error-table.ts";
import type { ErrorKind, TrimaranError } from "../../base/errors.ts";

const statusOfKind = {
  invalid: 422,
  untrusted: 422,
  unsupported: 422,
  missing: 404,
  conflict: 409,
  denied: 403,
  busy: 503,
  timeout: 504,
  unavailable: 503,
  internal: 500,
} as const satisfies { readonly [Kind in ErrorKind]: number };

const statusOfCode: { readonly [Code in ErrorCode]?: number } = {
  REQUEST_NOT_JSON: 400,
  REQUEST_SHAPE: 400,
  REQUEST_DUPLICATE_KEY: 400,
  REQUEST_HEADER: 400,
  REQUEST_QUERY: 400,
  REQUEST_MALFORMED: 400,
  REQUEST_COMPRESSION: 400,
  REQUEST_DEADLINE: 400,
  REQUEST_UNAUTHENTICATED: 401,
  ADMIN_TOKEN: 401,
  ADMIN_TOO_LARGE: 413,
  REQUEST_METHOD: 405,
  REQUEST_SLOW: 408,
  REQUEST_TOO_LARGE: 413,
  REQUEST_TOO_MANY_ROWS: 413,
  REQUEST_TOO_DEEP: 413,
  REQUEST_MEDIA_TYPE: 415,
  SCORING_MEDIA_TYPE: 415,
  SCORING_TYPE_PARAMETERS: 415,
  REQUEST_ENCODING: 415,
  REQUEST_HEADERS_TOO_LARGE: 431,
  REQUEST_TOO_MANY_HEADERS: 431,
  SCORING_INPUT: 400,
  SCORING_FIELDS: 400,
  SCORING_CSV: 400,
  SCORING_SCHEMA: 400,
  SCORING_PARAMS: 400,
  SCORING_EVALUATE: 400,
  KSERVE_REQUEST: 400,
  KSERVE_NOT_OFFERED: 501,
  // The caller's row passed its checks: what fails here is the definition.
  DEFINITION_FEATURES: 500,
  DEFINITION_OUTPUT: 500,
  ESTIMATOR_FAILED: 500,
};

export function statusOf(error: Pick<TrimaranError, "code" | "kind">): number {
  return statusOfCode[error.code] ?? statusOfKind[error.kind];
}
