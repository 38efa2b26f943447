// Errors on MLflow's wire: `{"error_code": NAME, "message": text}` and the HTTP status that goes with the name.

/** Anything that is not named here is answered with 500. */
const statuses = {
  INTERNAL_ERROR: 500,
  INVALID_STATE: 500,
  DATA_LOSS: 500,
  NOT_IMPLEMENTED: 501,
  TEMPORARILY_UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
  REQUEST_LIMIT_EXCEEDED: 429,
  RESOURCE_EXHAUSTED: 429,
  CANCELLED: 499,
  ABORTED: 409,
  RESOURCE_CONFLICT: 409,
  ALREADY_EXISTS: 409,
  NOT_FOUND: 404,
  ENDPOINT_NOT_FOUND: 404,
  RESOURCE_DOES_NOT_EXIST: 404,
  PERMISSION_DENIED: 403,
  CUSTOMER_UNAUTHORIZED: 401,
  UNAUTHENTICATED: 401,
  BAD_REQUEST: 400,
  MALFORMED_REQUEST: 400,
  RESOURCE_ALREADY_EXISTS: 400,
  INVALID_PARAMETER_VALUE: 400,
  FEATURE_DISABLED: 500,
} as const;

export type WireErrorCode = keyof typeof statuses;

/** What a handler throws to answer with an error of the protocol. The message goes to the client: no secret, path or SQL in it. */
export class WireError extends Error {
  override readonly name = "WireError";
  readonly errorCode: WireErrorCode;
  readonly status: number;

  constructor(errorCode: WireErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.errorCode = errorCode;
    this.status = statuses[errorCode];
  }
}

export function writeWireError({ errorCode, message }: Pick<WireError, "errorCode" | "message">): string {
  return JSON.stringify({ error_code: errorCode, message });
}

/** The error in an answer's body; null when it is not of this shape. Codes of other servers are kept as they are. */
export function readWireError(text: string): { readonly errorCode: string; readonly message: string } | null {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== "object" || body === null || !("error_code" in body)) return null;
    const message: unknown = "message" in body ? body.message : "";
    return { errorCode: String(body.error_code), message: typeof message === "string" ? message : "" };
  } catch {
    return null;
  }
}

export function invalidParameter(message: string): WireError {
  return new WireError("INVALID_PARAMETER_VALUE", message);
}

export const seeDocs = "See the API docs for more information about request parameters.";

export function missingParameter(name: string): WireError {
  return invalidParameter(`Missing value for required parameter '${name}'. ${seeDocs}`);
}

/** The value is shown as compact JSON, at most 300 characters of it. */
export function invalidValue(name: string, value: unknown): WireError {
  const shown = compactJson(value);
  const cut = shown.length > 300 ? `${shown.slice(0, 300)}…` : shown;
  const hint = `Hint: Value was of type '${pythonType(value)}'.`;
  return invalidParameter(`Invalid value ${cut} for parameter '${name}' supplied:  ${hint} ${seeDocs}`);
}

function compactJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "null";
  } catch {
    return "…";
  }
}

/** Clients know the words of Python. */
function pythonType(value: unknown): string {
  if (value === null || value === undefined) return "NoneType";
  if (Array.isArray(value)) return "list";
  switch (typeof value) {
    case "string":
      return "str";
    case "boolean":
      return "bool";
    case "number":
      return Number.isInteger(value) ? "int" : "float";
    default:
      return "dict";
  }
}
