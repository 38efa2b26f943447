// What a client does with the wire: the URL and body of a request, and reading the answer.
import { isRecord, type JsonRecord, readFields, writeFields } from "./codec.ts";
import type { AnswerOf, Endpoint, EndpointMethod, RequestInput } from "./endpoint.ts";
import { pathParameters, pathsOf } from "./endpoint.ts";
import type { JsonValue } from "./field-type.ts";
import { parsePythonJson } from "./python-json.ts";
import { WireError } from "./wire-error.ts";

export interface WrittenRequest {
  readonly method: EndpointMethod;
  /** Path and query, without the server's own prefix. */
  readonly target: string;
  /** Null: none. */
  readonly body: string | null;
}

export interface WriteRequestOptions {
  /** @default the endpoint's first */
  readonly method?: EndpointMethod;
}

/**
 * GET by query, all others by JSON body. A body says again what the path holds: MLflow's server takes a required field from there.
 * @throws WireError when a path's parameter is empty
 */
export function writeRequest<E extends Endpoint>(
  endpoint: E,
  request: RequestInput<E>,
  { method = endpoint.method }: WriteRequestOptions = {},
): WrittenRequest {
  const { ...fields } = writeFields(endpoint.request, request as JsonRecord);
  const [mounted = endpoint.path] = pathsOf(endpoint);
  const path = fillPath(mounted, fields);
  if (method !== "GET") return { method, target: path, body: JSON.stringify(fields) };
  for (const name of pathParameters(endpoint.path)) delete fields[name];
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    for (const item of Array.isArray(value) ? (value as readonly JsonValue[]) : [value])
      query.append(name, queryText(item));
  }
  return { method, target: query.size === 0 ? path : `${path}?${query}`, body: null };
}

/** @throws WireError INTERNAL_ERROR when it is no answer of this endpoint */
export function readAnswer<E extends Endpoint>(endpoint: E, text: string): AnswerOf<E> {
  const json = parse(text);
  if (!isRecord(json)) throw new WireError("INTERNAL_ERROR", "the answer is not a JSON object");
  try {
    // Anything may be there or not: servers of other versions answer with less.
    return readFields(endpoint.response, json) as AnswerOf<E>;
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
    throw new WireError("INTERNAL_ERROR", "the answer has a field of the wrong type", cause);
  }
}

function fillPath(path: string, fields: Readonly<Record<string, JsonValue>>): string {
  return path.replace(/\{(\w+)(\.\.\.)?\}/g, (_, name: string, rest: string | undefined) => {
    const text = typeof fields[name] === "string" ? fields[name] : "";
    const segments = rest === undefined ? [text] : text.split("/");
    // `.` and `..` would be resolved away before they are sent.
    if (segments.some((segment) => segment === "" || segment === "." || segment === "..")) {
      throw new WireError("INVALID_PARAMETER_VALUE", `Parameter '${name}' cannot stand in a path.`);
    }
    return segments.map(encodeURIComponent).join("/");
  });
}

function queryText(value: JsonValue): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function parse(text: string): unknown {
  try {
    return parsePythonJson(text);
  } catch (cause) {
    throw new WireError("INTERNAL_ERROR", "the answer is not JSON", cause);
  }
}
