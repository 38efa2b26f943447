// The errors that a route can answer, by status: their codes, their shape in the route's dialect, their headers.

import { type ErrorCode, errorTable } from "../../../base/error-table.ts";
import { http } from "../../../io/plain-http.ts";
import type { Dialect } from "../dialect.ts";
import { statusOf } from "../problem-status.ts";
import type { JsonObject } from "./json-value.ts";

type DialectName = Dialect["name"];

/** What any route may say. */
const everywhere = [
  "REQUEST_MALFORMED",
  "REQUEST_HOST",
  "REQUEST_SLOW",
  "REQUEST_HEADERS_TOO_LARGE",
  "REQUEST_TOO_MANY_HEADERS",
  "SERVICE_FULL",
] as const satisfies readonly ErrorCode[];

/** What a route that takes a body and asks a model may say beside it. */
const asking = [
  "REQUEST_NOT_JSON",
  "REQUEST_DUPLICATE_KEY",
  "REQUEST_HEADER",
  "REQUEST_DEADLINE",
  "REQUEST_COMPRESSION",
  "REQUEST_TOO_LARGE",
  "REQUEST_TOO_MANY_ROWS",
  "REQUEST_TOO_DEEP",
  "REQUEST_ENCODING",
  "REQUEST_INVALID",
  "REQUEST_TIMEOUT",
  "SERVICE_NOT_READY",
  "SERVICE_BUSY",
  "DEFINITION_FEATURES",
  "DEFINITION_OUTPUT",
] as const satisfies readonly ErrorCode[];

const ofDialect = {
  trimaran: ["REQUEST_SHAPE", "REQUEST_QUERY", "REQUEST_MEDIA_TYPE"],
  mlflow: [
    "SCORING_INPUT",
    "SCORING_FIELDS",
    "SCORING_CSV",
    "SCORING_SCHEMA",
    "SCORING_PARAMS",
    "SCORING_EVALUATE",
    "SCORING_TYPE_PARAMETERS",
    "SCORING_MEDIA_TYPE",
    "MODEL_METHOD",
  ],
  kserve: ["KSERVE_REQUEST"],
  oip: [
    "OIP_REQUEST",
    "OIP_DATATYPE",
    "OIP_SHAPE",
    "OIP_DATA",
    "OIP_DUPLICATE",
    "OIP_LIMIT",
    "OIP_BINARY",
    "OIP_INPUTS",
    "OIP_OUTPUT",
    "OIP_PARAMETER",
  ],
} as const satisfies { readonly [Name in DialectName]: readonly ErrorCode[] };

export interface ErrorsOf {
  readonly dialect: DialectName;
  readonly asks: boolean;
  /** The path names a service, or a version. */
  readonly named: boolean;
  readonly locked: boolean;
  readonly more: readonly ErrorCode[];
}

/** Response objects by status. */
export function errorResponses({ dialect, asks, named, locked, more }: ErrorsOf): JsonObject {
  const codes = new Set<ErrorCode>([
    ...everywhere,
    ...more,
    ...(asks ? [...asking, ...ofDialect[dialect]] : []),
    ...(named ? (["REQUEST_NO_SERVICE", "REQUEST_NO_VERSION", "SERVICE_NOT_READY"] as const) : []),
    ...(locked ? (["REQUEST_UNAUTHENTICATED"] as const) : []),
  ]);
  const byStatus = new Map<number, ErrorCode[]>([[500, []]]);
  for (const code of codes) {
    const status = shownStatus(statusOf({ code, kind: errorTable[code].kind }), dialect);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  // A remote model or a lookup has errors of its own that come as these.
  if (asks)
    for (const status of [404, 422])
      byStatus.set(shownStatus(status, dialect), byStatus.get(shownStatus(status, dialect)) ?? []);
  const entries = [...byStatus].sort(([a], [b]) => a - b);
  return Object.fromEntries(entries.map(([status, list]) => [String(status), response(status, list, dialect)]));
}

/** MLflow, KServe and OIP have no 422: their servers answer 400. */
function shownStatus(status: number, dialect: DialectName): number {
  return status === 422 && dialect !== "trimaran" ? 400 : status;
}

function response(status: number, codes: readonly ErrorCode[], dialect: DialectName): JsonObject {
  const lines = codes.map((code) => `- \`${code}\`: ${errorTable[code].message} ${errorTable[code].fix}`);
  const title = http.STATUS_CODES[status] ?? "Error";
  const json = { schema: { $ref: `#/components/schemas/${errorSchemaNames[dialect]}` } };
  const own = { schema: { $ref: "#/components/schemas/Problem" } };
  const text = { schema: { type: "string" } };
  // What is refused before a route is found, or on the socket, is a problem document whatever the dialect.
  const content =
    dialect === "trimaran"
      ? { "application/problem+json": own }
      : {
          "application/json": json,
          "application/problem+json": own,
          ...(dialect === "mlflow" && status === 415 ? { "text/plain": text } : {}),
        };
  return {
    description: [`${title}.`, ...lines].join("\n"),
    headers: {
      "x-request-id": { $ref: "#/components/headers/RequestId" },
      ...(status === 503 ? { "retry-after": { $ref: "#/components/headers/RetryAfter" } } : {}),
    },
    content,
  };
}

const errorSchemaNames = {
  trimaran: "Problem",
  mlflow: "MlflowError",
  kserve: "KserveError",
  oip: "OipError",
} as const satisfies { readonly [Name in DialectName]: string };

const issues = { type: "array", items: { $ref: "#/components/schemas/Issue" } };

/** The schemas that the responses point to. */
export const errorSchemas: JsonObject = {
  Issue: {
    type: "object",
    description: "One problem of the data.",
    properties: {
      path: { type: "string", description: "A JSON Pointer into the body: `/trip_distance`, `/3/trip_distance`." },
      code: { type: "string", examples: ["missing_field", "wrong_type", "out_of_range"] },
      message: { type: "string" },
    },
    required: ["path", "code", "message"],
  },
  Problem: {
    type: "object",
    description: "An error as RFC 9457 writes it.",
    properties: {
      type: { type: "string", examples: ["urn:trimaran:error:REQUEST_INVALID"] },
      title: { type: "string" },
      status: { type: "integer" },
      detail: { type: "string", description: "What is wrong." },
      code: { type: "string", description: "Stable; what programs look at.", examples: ["REQUEST_INVALID"] },
      fix: { type: "string", description: "What to do now." },
      issues,
      request_id: { type: "string" },
    },
    required: ["type", "title", "status", "detail", "code", "fix", "issues", "request_id"],
  },
  MlflowError: {
    type: "object",
    description: "An error as MLflow's scoring server writes it.",
    properties: {
      error_code: { type: "string", examples: ["BAD_REQUEST", "INVALID_PARAMETER_VALUE"] },
      message: { type: "string" },
      sqlstate: { type: "string" },
      error_class: { type: "string" },
      issues,
    },
    required: ["error_code", "message"],
  },
  KserveError: {
    type: "object",
    description: "An error as KServe v1 and TensorFlow Serving write it.",
    properties: { error: { type: "string" }, code: { type: "string" }, fix: { type: "string" }, issues },
    required: ["error"],
  },
  OipError: {
    type: "object",
    description: "An error as the Open Inference Protocol writes it.",
    properties: { error: { type: "string" } },
    required: ["error"],
  },
};
