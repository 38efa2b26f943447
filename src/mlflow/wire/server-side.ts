// What a server does with the wire: a request is read by the rules of its method, an answer is written as MLflow writes it.
import { codecsOf, isRecord, type JsonRecord, readFields, writeFields } from "./codec.ts";
import type { AnswerInput, Endpoint, RequestOf } from "./endpoint.ts";
import type { JsonValue } from "./field-type.ts";
import { parsePythonJson } from "./python-json.ts";
import { invalidParameter, invalidValue, WireError } from "./wire-error.ts";

export interface WireRequest {
  readonly method: string;
  /** As they stand in the path, percent-decoded. */
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Undefined: there is no such header. */
  readonly contentType: string | undefined;
  readonly body: string;
}

/**
 * A GET is read from its query (or from its body, if it has no query), all others from their JSON body. Parameters of the path
 * win.
 * @throws WireError
 */
export function readRequest<E extends Endpoint>(endpoint: E, request: WireRequest): RequestOf<E> {
  const isQuery = request.method === "HEAD" || (request.method === "GET" && request.query.size > 0);
  const sent = isQuery ? queryRecord(endpoint, request.query) : bodyRecord(request);
  const named = withRunId(endpoint, { ...sent, ...request.pathParameters });
  return readFields(endpoint.request, named) as RequestOf<E>;
}

/** Two spaces of indentation, fields in the protocol's order; `{}` where there is nothing to say. */
export function writeAnswer<E extends Endpoint>(endpoint: E, answer: AnswerInput<E>): string {
  return JSON.stringify(answerJson(endpoint, answer), null, 2);
}

export function answerJson<E extends Endpoint>(endpoint: E, answer: AnswerInput<E>): Record<string, JsonValue> {
  return writeFields(endpoint.response, answer as JsonRecord);
}

/** `run_uuid` is the old name of `run_id`; clients send either, or both. */
function withRunId(endpoint: Endpoint, json: JsonRecord): JsonRecord {
  if (!Object.hasOwn(endpoint.request, "run_uuid") || !Object.hasOwn(endpoint.request, "run_id")) return json;
  const runId = json["run_id"] ?? json["runId"] ?? "";
  if (runId !== "" || json["run_uuid"] === undefined) return json;
  const { runId: _, ...others } = json;
  return { ...others, run_id: json["run_uuid"] };
}

function queryRecord(endpoint: Endpoint, query: URLSearchParams): JsonRecord {
  const out: Record<string, unknown> = {};
  for (const { name, type, isList, isMap } of codecsOf(endpoint.request)) {
    const values = query.getAll(name);
    if (values.length === 0) continue;
    const read = (text: string): unknown => queryValue(text, { name, type, isMap });
    out[name] = isList ? values.map(read) : read(values[0] ?? "");
  }
  return out;
}

const texts: ReadonlySet<string> = new Set(["string", "int32", "int64", "double", "timestamp", "duration", "mask"]);

function queryValue(text: string, { name, type, isMap }: { name: string; type: string; isMap: boolean }): unknown {
  if (type === "bool") {
    const lower = text.toLowerCase();
    if (lower !== "true" && lower !== "false") {
      throw invalidParameter(`Invalid boolean value: ${text.slice(0, 100)}, must be 'true' or 'false'.`);
    }
    return lower === "true";
  }
  if (!isMap && (texts.has(type) || !/^\s*[{["]/.test(text))) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalidValue(name, text);
  }
}

function bodyRecord({ method, contentType, body }: WireRequest): JsonRecord {
  if (method === "POST" || method === "PUT") assertJsonType(contentType);
  if (body === "") return {};
  const json = parse(body);
  // Older clients send JSON within a JSON string.
  const value = typeof json === "string" ? parse(json) : json;
  if (value === null) return {};
  if (!isRecord(value)) throw new WireError("BAD_REQUEST", "The request's body is not a JSON object.");
  return value;
}

function parse(text: string): unknown {
  try {
    return parsePythonJson(text);
  } catch (cause) {
    throw new WireError("BAD_REQUEST", "The request's body is not JSON.", cause);
  }
}

function assertJsonType(contentType: string | undefined): void {
  if (contentType === undefined || contentType === "")
    throw invalidParameter("Bad Request. Content-Type header is missing.");
  const type = contentType.split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "application/json") {
    throw invalidParameter("Bad Request. Content-Type must be one of ['application/json'].");
  }
}
