// Spans by OpenTelemetry's protocol over HTTP: the way in which MLflow's clients since 3.4 log traces.
import { gunzipSync, inflateSync } from "node:zlib";
import { invalidParameter, missingParameter, WireError } from "../../mlflow/wire/wire-error.ts";
import { protobufOfJson } from "../otlp/json-spans.ts";
import { readSpans } from "../otlp/span.ts";
import { putSpans } from "../store/spans.ts";
import { type HttpAnswer, type HttpRequest, jsonAnswer, securityHeaders } from "./exchange.ts";
import { maxBodyBytes } from "./json-body.ts";
import type { RawCall, RawRouter } from "./raw-call.ts";

export function addOtlpRoute(router: RawRouter): void {
  router.addPath("POST", "/v1/traces", { raw: exportSpans });
}

async function exportSpans({ request, context }: RawCall): Promise<HttpAnswer> {
  const type = request.header("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  const isJson = type === "application/json";
  if (type !== "application/x-protobuf" && !isJson) {
    throw invalidParameter("Invalid Content-Type. Expected: application/x-protobuf or application/json");
  }
  const experimentId = request.header("x-mlflow-experiment-id") ?? "";
  if (experimentId === "") throw missingParameter("x-mlflow-experiment-id");
  const message = await messageOf(request);
  const spans = readSpans(isJson ? protobufOfJson(message) : message);
  if (spans.length === 0) throw invalidParameter("Invalid OpenTelemetry format - no spans found");
  await putSpans(context.store, experimentId, spans);
  // An ExportTraceServiceResponse that has nothing to say is empty.
  if (isJson) return jsonAnswer(200, "{}");
  return { status: 200, headers: { ...securityHeaders, "content-type": "application/x-protobuf" }, body: "" };
}

async function messageOf(request: HttpRequest): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.length;
    if (size > maxBodyBytes) throw invalidParameter(`The request's body is larger than ${maxBodyBytes} bytes.`);
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  const encoding = request.header("content-encoding")?.trim().toLowerCase() ?? "identity";
  try {
    if (encoding === "gzip") return gunzipSync(body, { maxOutputLength: maxBodyBytes });
    if (encoding === "deflate") return inflateSync(body, { maxOutputLength: maxBodyBytes });
  } catch (cause) {
    throw new WireError("BAD_REQUEST", "The request's body cannot be decompressed, or is too large.", cause);
  }
  if (encoding !== "identity") throw invalidParameter("Unsupported Content-Encoding. Expected: gzip or deflate");
  return body;
}
