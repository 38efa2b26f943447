// `POST /v1/models/{name}:predict`, of one version or label too.
import type { FastifyReply, FastifyRequest } from "fastify";
import { trimaranError } from "../../../base/errors.ts";
import { jsonValueText } from "../../../data/json-value-text.ts";
import type { Answers } from "../../../serving/answers.ts";
import type { PredictionService } from "../../../serving/prediction-service.ts";
import { answerRows, numberedIssues } from "../answer-rows.ts";
import { bareTexts, onlyName } from "../bare-text.ts";
import type { Door } from "../door.ts";
import { rowsError } from "../predict-call.ts";
import { readJson } from "../read-json.ts";
import { handleCall, type WebCall } from "../web-call.ts";
import { findService } from "./find-service.ts";
import { readV1Request } from "./read-request.ts";

/** Answers the request now or later; never throws. */
export function predictV1(door: Door, request: FastifyRequest, reply: FastifyReply): void {
  handleCall(door, { request, reply }, answer);
}

async function answer(call: WebCall): Promise<void> {
  const { door, request, reply, bytes } = call;
  const service = findService(door, request);
  const { rows, columns, method } = readV1Request(readJson(bytes, door.options.maxDepth), service);
  const methods = chooseMethods(service, method);
  const answers = await answerRows(call, { service, rows, methods });
  if (answers === undefined) return;
  if (answers.issues.length > 0) throw rowsError(service, numberedIssues(answers));
  reply.header("content-type", "application/json");
  door.send(reply, 200, columns ? `{"outputs":${columnsText(answers)}}` : `{"predictions":[${bareTexts(answers)}]}`);
}

/** @throws KSERVE_REQUEST */
function chooseMethods(service: PredictionService, method: string | undefined): readonly string[] | undefined {
  if (method === undefined) return undefined;
  if (service.deployment === null && service.methods.includes(method)) return [method];
  const known = service.deployment === null ? ["serving_default", ...service.methods] : ["serving_default"];
  throw trimaranError("KSERVE_REQUEST", { problem: `\`signature_name\` must be one of ${known.join(", ")}` });
}

/** One output is a list, several are a list each. */
function columnsText(answers: Answers): string {
  if (answers.rowCount === 0 || onlyName(answers) !== undefined) return `[${bareTexts(answers)}]`;
  const names = new Set<string>();
  const rows = Array.from({ length: answers.rowCount }, (_, row) => answers.value(row));
  for (const row of rows) for (const name of Object.keys(row)) names.add(name);
  const columns = [...names].map(
    (name) => `${JSON.stringify(name)}:${jsonValueText(rows.map((row) => row[name] ?? null))}`,
  );
  return `{${columns.join(",")}}`;
}
