// `POST /predict` and `/predict/{name}`: a row or an array of rows in, answers out. An array is answered whole or not at all.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type Issue, trimaranError } from "../../base/errors.ts";
import type { Warning } from "../../data/batch.ts";
import { typeName } from "../../data/type-name.ts";
import type { Answers } from "../../serving/answers.ts";
import { metaText, rowsText, rowText } from "./answer-text.ts";
import { bodyKind } from "./content-type.ts";
import type { Door } from "./door.ts";
import { answerOptions, type PredictCall, rowsError } from "./predict-call.ts";
import { sendLines } from "./predict-lines.ts";
import { maxListedIssues } from "./problem.ts";
import { hasOverflow, overflowIssues, readJson } from "./read-json.ts";
import { headerText, warningsHeader } from "./warnings-header.ts";
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
  const { door, service, reply, flight } = call;
  const { maxDepth, maxRows } = door.options;
  const value = readJson(bytes, maxDepth);
  if (typeof value !== "object" || value === null) throw trimaranError("REQUEST_SHAPE", { what: typeName(value) });
  const single = !Array.isArray(value);
  const rows: readonly unknown[] = single ? [value] : value;
  flight.decoded = performance.now();
  flight.rows = rows.length;
  if (rows.length > maxRows) throw trimaranError("REQUEST_TOO_MANY_ROWS", { rows: rows.length, limit: maxRows });
  // With a definition the schema reports such numbers together with whatever else is wrong.
  if (service.deployment === null && hasOverflow(value))
    throw rowsError(service, overflowIssues(value, maxListedIssues));
  const answers = call.meta
    ? await answerOneByOne(call, rows, single)
    : [await service.answer(rows, answerOptions(call.predictionId, !single, true))];
  flight.predicted = performance.now();
  flight.version = answers[0]?.modelVersion ?? "1";
  if (flight.settled) return;
  const issues = allIssues(answers, single);
  if (issues.length > 0) throw rowsError(service, issues);
  const warnings = answers.length === 1 ? answers[0]!.warnings : sumWarnings(answers);
  if (warnings.length > 0) {
    door.counters.countWarnings(service.name, warnings);
    reply.header("x-trimaran-warnings", warningsHeader(warnings));
  }
  const version = answers.length === 0 ? service.model.version : answers[0]!.modelVersion;
  if (version !== null) reply.header("x-model-version", headerText(version));
  reply.header("x-prediction-id", call.predictionId).header("content-type", "application/json; charset=utf-8");
  door.send(reply, 200, call.meta ? metaTexts(answers, call.predictionId, single) : textOf(answers[0]!, single));
}

/** A row's own warnings are only known when it is answered on its own. */
async function answerOneByOne(
  { service, flight, predictionId }: PredictCall,
  rows: readonly unknown[],
  single: boolean,
): Promise<Answers[]> {
  const answers: Answers[] = [];
  for (const [index, row] of rows.entries()) {
    const id = single ? predictionId : `${predictionId}/${index}`;
    answers.push(await service.answer([row], answerOptions(id, false)));
    if (answers.length % 256 === 0) await nextTurn();
    if (flight.settled) break;
  }
  return answers;
}

function textOf(answers: Answers, single: boolean): string {
  return single ? rowText(answers, 0) : rowsText(answers);
}

function metaTexts(answers: readonly Answers[], predictionId: string, single: boolean): string {
  if (single) return metaText(answers[0]!, predictionId);
  return `[${answers.map((answer, row) => metaText(answer, `${predictionId}/${row}`)).join(",")}]`;
}

/** Paths of an array's rows begin with the row's number. */
function allIssues(answers: readonly Answers[], single: boolean): Issue[] {
  const issues: Issue[] = [];
  for (const [index, answer] of answers.entries()) {
    for (const { row, path, code, message } of answer.issues) {
      issues.push({ path: single ? path : `/${answers.length > 1 ? index : row}${path}`, code, message });
    }
  }
  return issues;
}

function sumWarnings(answers: readonly Answers[]): Warning[] {
  const sums = new Map<string, Warning>();
  for (const answer of answers) {
    for (const warning of answer.warnings) {
      const key = `${warning.code}\u0000${warning.field}`;
      sums.set(key, { ...warning, count: (sums.get(key)?.count ?? 0) + warning.count });
    }
  }
  return [...sums.values()];
}

function readMeta(request: FastifyRequest): boolean {
  const meta = (request.query as Readonly<Record<string, unknown>>)["meta"];
  if (meta === undefined || meta === "false" || meta === "0") return false;
  if (meta === "true" || meta === "1" || meta === "") return true;
  throw trimaranError("REQUEST_QUERY", { name: "meta", expected: "true or false" });
}
