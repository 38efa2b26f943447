// Spans: as OpenTelemetry's clients send them in protobuf, as MLflow's table `spans` keeps them, and as its REST answers write them.
import type { JsonValue } from "../../mlflow/wire/field-type.ts";
import {
  anyValueJson,
  base64,
  ExactNumber,
  keyValues,
  keyValuesJson,
  parseExact,
  putKeyValue,
  recordText,
  wholeJson,
} from "./any-value.ts";
import { malformed, protoFields, protoText } from "./protobuf-reader.ts";

export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly name: string;
  readonly type: string | null;
  readonly status: "UNSET" | "OK" | "ERROR";
  /** Nanoseconds of the epoch. */
  readonly start: bigint;
  readonly end: bigint | null;
  /** Each as JSON's text. */
  readonly attributes: ReadonlyMap<string, string>;
  /** As the table keeps it. */
  readonly content: string;
}

const requestIdKey = "mlflow.traceRequestId";
const maxSpans = 100_000;

/** The spans of an ExportTraceServiceRequest. @throws WireError */
export function readSpans(message: Uint8Array): readonly Span[] {
  const spans: Span[] = [];
  for (const resourceSpans of protoFields(message)) {
    if (resourceSpans.number !== 1) continue;
    for (const scopeSpans of protoFields(resourceSpans.bytes)) {
      if (scopeSpans.number !== 2) continue;
      for (const span of protoFields(scopeSpans.bytes)) {
        if (span.number !== 2) continue;
        spans.push(readSpan(span.bytes));
        if (spans.length > maxSpans) throw malformed();
      }
    }
  }
  return spans;
}

const kinds = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];

function readSpan(message: Uint8Array): Span {
  const attributes = new Map<string, string>();
  const events: string[] = [];
  const links: string[] = [];
  let [trace, id, parent] = [new Uint8Array(), new Uint8Array(), new Uint8Array()] as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  let [name, kind, start, end] = ["", 0, 0n, 0n];
  let status: Status = { code: "UNSET", message: "" };
  for (const field of protoFields(message)) {
    const { bytes, bits } = field;
    if (field.number === 1) trace = bytes;
    else if (field.number === 2) id = bytes;
    else if (field.number === 4) parent = bytes;
    else if (field.number === 5) name = protoText(field);
    else if (field.number === 6) kind = Number(bits);
    else if (field.number === 7) start = bits;
    else if (field.number === 8) end = bits;
    else if (field.number === 9) putKeyValue(attributes, bytes);
    else if (field.number === 11) events.push(eventText(bytes));
    else if (field.number === 13) links.push(linkText(bytes));
    else if (field.number === 15) status = readStatus(bytes);
  }
  if (trace.length !== 16 || id.length !== 8 || (parent.length !== 0 && parent.length !== 8)) throw malformed();
  const traceId = `tr-${hex(trace)}`;
  // The server's own: a client must not name another trace in it.
  attributes.set(requestIdKey, JSON.stringify(traceId));
  const ended = end === 0n ? null : end;
  const texts = new Map([...attributes].map(([key, text]) => [key, JSON.stringify(text)]));
  const content = recordText(
    new Map([
      ["trace_id", JSON.stringify(base64(trace))],
      ["span_id", JSON.stringify(base64(id))],
      ["parent_span_id", parent.length === 0 ? "null" : JSON.stringify(base64(parent))],
      ["name", JSON.stringify(name)],
      ["kind", JSON.stringify(`SPAN_KIND_${kinds[kind] ?? "UNSPECIFIED"}`)],
      ["start_time_unix_nano", String(start)],
      ["end_time_unix_nano", ended === null ? "null" : String(ended)],
      ["events", `[${events.join(", ")}]`],
      ["status", `{"code": "STATUS_CODE_${status.code}", "message": ${JSON.stringify(status.message)}}`],
      ["attributes", recordText(texts)],
      ["links", `[${links.join(", ")}]`],
    ]),
  );
  return {
    traceId,
    spanId: hex(id),
    parentSpanId: parent.length === 0 ? null : hex(parent),
    name,
    type: textAttribute(attributes, "mlflow.spanType"),
    status: status.code,
    start,
    end: ended,
    attributes,
    content,
  };
}

/** Null: it is not there, or no text. */
export function textAttribute(attributes: ReadonlyMap<string, string>, key: string): string | null {
  const value = parseExact(attributes.get(key) ?? "null");
  return typeof value === "string" ? value : null;
}

interface Status {
  readonly code: Span["status"];
  readonly message: string;
}

function readStatus(message: Uint8Array): Status {
  let [text, code] = ["", 0];
  for (const field of protoFields(message)) {
    if (field.number === 2) text = protoText(field);
    else if (field.number === 3) code = Number(field.bits);
  }
  return { code: code === 1 ? "OK" : code === 2 ? "ERROR" : "UNSET", message: text };
}

function eventText(message: Uint8Array): string {
  let [name, time] = ["", 0n];
  for (const field of protoFields(message)) {
    if (field.number === 1) time = field.bits;
    else if (field.number === 2) name = protoText(field);
  }
  const attributes = recordText(keyValues(message, { number: 3 }));
  return `{"name": ${JSON.stringify(name)}, "time_unix_nano": ${time}, "attributes": ${attributes}}`;
}

function linkText(message: Uint8Array): string {
  let [trace, span] = ["", ""];
  for (const { number, bytes } of protoFields(message)) {
    if (number === 1) trace = hex(bytes);
    else if (number === 2) span = hex(bytes);
  }
  const attributes = recordText(keyValues(message, { number: 4 }));
  return `{"trace_id": ${JSON.stringify(`tr-${trace}`)}, "span_id": ${JSON.stringify(span)}, "attributes": ${attributes}}`;
}

type Part = Readonly<Record<string, unknown>>;

/** What the table keeps, as protobuf writes a span in JSON. Null: nobody can read it. */
export function spanJson(content: string): JsonValue | null {
  const span = parseExact(content);
  if (typeof span !== "object" || span === null) return null;
  const { trace_id, span_id, parent_span_id, name, kind, status, events, attributes, links } = span as Part;
  const { start_time_unix_nano, end_time_unix_nano } = span as Part;
  const state = partOf(status);
  return {
    trace_id: textOr(trace_id),
    span_id: textOr(span_id),
    ...(typeof parent_span_id === "string" && parent_span_id !== "" ? { parent_span_id } : {}),
    name: textOr(name),
    kind: textOr(kind) || "SPAN_KIND_UNSPECIFIED",
    start_time_unix_nano: numberJson(start_time_unix_nano),
    ...(end_time_unix_nano instanceof ExactNumber ? { end_time_unix_nano: wholeJson(end_time_unix_nano) } : {}),
    attributes: Object.entries(partOf(attributes)).map(([key, value]) => ({ key, value: attributeJson(value) })),
    events: partsOf(events).map((event) => ({
      time_unix_nano: numberJson(event["time_unix_nano"]),
      name: textOr(event["name"]),
      attributes: keyValuesJson(partOf(event["attributes"])),
    })),
    links: partsOf(links).map((link) => ({
      trace_id: Buffer.from(textOr(link["trace_id"]).replace(/^tr-/, ""), "hex").toString("base64"),
      span_id: Buffer.from(textOr(link["span_id"]), "hex").toString("base64"),
      attributes: keyValuesJson(partOf(link["attributes"])),
    })),
    status: {
      code: textOr(state["code"]) || "STATUS_CODE_UNSET",
      ...(typeof state["message"] === "string" && state["message"] !== "" ? { message: state["message"] } : {}),
    },
  };
}

/** An attribute's value is kept as JSON's text. */
function attributeJson(value: unknown): JsonValue {
  if (typeof value !== "string") return anyValueJson(value);
  const parsed = parseExact(value);
  return anyValueJson(parsed === undefined ? value : parsed);
}

function numberJson(value: unknown): JsonValue {
  return value instanceof ExactNumber ? wholeJson(value) : 0;
}

function textOr(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function partOf(value: unknown): Part {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Part) : {};
}

function partsOf(value: unknown): readonly Part[] {
  return Array.isArray(value) ? value.map(partOf) : [];
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
