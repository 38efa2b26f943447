// `POST /v2/models/{name}/infer`, of one version too: JSON, or JSON with the bytes of the tensors behind it.
import type { FastifyReply, FastifyRequest } from "fastify";
import { trimaranError } from "../../../base/errors.ts";
import { parseEscapedNames } from "../../../data/parse-escaped-names.ts";
import { countKeys, scanJson } from "../../../data/scan-json.ts";
import { binaryHeader, decodeInferRequest, encodeInferResponse } from "../../../formats/oip/binary-body.ts";
import { wantsBinary } from "../../../formats/oip/infer.ts";
import { parseOipJson } from "../../../formats/oip/json-body.ts";
import type { Door } from "../door.ts";
import { headerText, warningsHeader } from "../warnings-header.ts";
import { handleCall, serviceOf, type WebCall } from "../web-call.ts";
import { inferRows } from "./infer-rows.ts";

/** Answers the request now or later; never throws. */
export function infer(door: Door, request: FastifyRequest, reply: FastifyReply): void {
  handleCall(door, { request, reply }, answer);
}

async function answer(call: WebCall): Promise<void> {
  const { door, request: web, reply, flight, predictionId, bytes } = call;
  const { name, version } = web.params as { readonly name: string; readonly version?: string };
  const service = serviceOf(call, name, version);
  const parse = (text: string): unknown => parseBody(text, door.options.maxDepth);
  const request = decodeInferRequest({ bytes, header: headerOf(web), parse }, { maxElements: maxElements(door) });
  const inferred = await inferRows({ door, flights: door.flights, flight, service, request, predictionId });
  if (inferred === undefined) return;
  const { answers, response } = inferred;
  const body = encodeInferResponse(response, ({ name: output, datatype }) => {
    return datatype === "BF16" || wantsBinary(request, output);
  });
  if (answers.warnings.length > 0) reply.header("x-trimaran-warnings", warningsHeader(answers.warnings));
  if (answers.modelVersion !== null) reply.header("x-model-version", headerText(answers.modelVersion));
  reply.header("x-prediction-id", predictionId);
  if (body.headerLength === null) reply.header("content-type", "application/json");
  else reply.header("content-type", "application/octet-stream").header(binaryHeader, String(body.headerLength));
  door.send(reply, 200, Buffer.from(body.bytes.buffer, body.bytes.byteOffset, body.bytes.byteLength));
}

/** A header that came twice is joined by Node with a comma, which is no length. */
function headerOf({ headers }: FastifyRequest): string | undefined {
  const header = headers[binaryHeader];
  return Array.isArray(header) ? header.join(",") : header;
}

/** A number takes two bytes at least, as JSON; of raw bytes a BOOL one. */
function maxElements({ options }: Door): number {
  return Math.max(options.bodyLimit, options.maxRows);
}

/** With our limits, and whole numbers as they were written. @throws REQUEST_NOT_JSON, REQUEST_TOO_DEEP, REQUEST_DUPLICATE_KEY, OIP_REQUEST */
export function parseBody(text: string, maxDepth: number): unknown {
  const { depth, members, escapedNames } = scanJson(Buffer.from(text));
  if (depth > maxDepth) throw trimaranError("REQUEST_TOO_DEEP", { depth, limit: maxDepth });
  const value = escapedNames ? parseEscapedNames(text) : parseOipJson(text);
  if (members !== countKeys(value)) throw trimaranError("REQUEST_DUPLICATE_KEY", {});
  return value;
}
