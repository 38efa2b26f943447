// `POST /predict` and `/predict/{name}`: a row or an array of rows in, answers out. An array is answered whole or not at all.
import type { FastifyReply, FastifyRequest } from "fastify";
import { trimaranError } from "../../base/errors.ts";
import { bodyKind } from "./content-type.ts";
import type { Door } from "./door.ts";
import { jsonAnswer, jsonType } from "./json-answer.ts";
import type { PredictCall } from "./predict-call.ts";
import { sendLines } from "./predict-lines.ts";
import { handleCall, serviceOf, type WebCall } from "./web-call.ts";

/** Answers the request now or later; never throws. */
export function predict(door: Door, request: FastifyRequest, reply: FastifyReply): void {
  handleCall(door, { request, reply }, answer);
}

function answer(web: WebCall): void | Promise<void> {
  const { door, request, reply, flight, predictionId, bytes } = web;
  const service = serviceOf(web, (request.params as { readonly name?: string }).name);
  const meta = readMeta(request);
  const kind = bodyKind(request.headers["content-type"]);
  const call: PredictCall = { door, service, reply, flight, predictionId, meta };
  return kind === "lines" ? sendLines(call, bytes) : answerJson(call, bytes);
}

async function answerJson(call: PredictCall, bytes: Buffer): Promise<void> {
  const answer = await jsonAnswer(call, bytes);
  if (answer === null) return;
  const { door, reply, predictionId } = call;
  if (answer.warnings !== null) reply.header("x-trimaran-warnings", answer.warnings);
  if (answer.version !== null) reply.header("x-model-version", answer.version);
  reply.header("x-prediction-id", predictionId).header("content-type", jsonType);
  door.send(reply, 200, answer.text);
}

function readMeta(request: FastifyRequest): boolean {
  const meta = (request.query as Readonly<Record<string, unknown>>)["meta"];
  if (meta === undefined || meta === "false" || meta === "0") return false;
  if (meta === "true" || meta === "1" || meta === "") return true;
  throw trimaranError("REQUEST_QUERY", { name: "meta", expected: "true or false" });
}
