// `POST /invocations` and `/invocations/{name}`: MLflow's scoring protocol, JSON and CSV.
import type { FastifyReply, FastifyRequest } from "fastify";
import { trimaranError } from "../../../base/errors.ts";
import type { PredictionService } from "../../../serving/prediction-service.ts";
import { answerRows, assertRowCount, issueText, numberedIssues } from "../answer-rows.ts";
import { bareTexts } from "../bare-text.ts";
import type { Door } from "../door.ts";
import { rowsError } from "../predict-call.ts";
import { headerText } from "../warnings-header.ts";
import { handleCall, type WebCall } from "../web-call.ts";
import { enforceSignature, onlyInput } from "./enforce-signature.ts";
import { rowsByName, rowsOfBareModel } from "./model-rows.ts";
import { readPythonJson } from "./python-json.ts";
import { readScoringCsv } from "./scoring-csv.ts";
import { readScoringParams } from "./scoring-params.ts";
import { readScoringBody, type ScoringBody, type ScoringTable } from "./scoring-table.ts";
import { scoringType } from "./scoring-type.ts";

/** Answers the request now or later; never throws. */
export function invocations(door: Door, request: FastifyRequest, reply: FastifyReply): void {
  handleCall(door, { request, reply }, answer);
}

async function answer(call: WebCall): Promise<void> {
  const { door, request, reply } = call;
  const type = scoringType(request.headers["content-type"]);
  const service = door.service((request.params as { readonly name?: string }).name);
  const { table, params } = type === "csv" ? { table: csvTable(call, service), params: null } : jsonBody(call, service);
  const query = (request.query as Readonly<Record<string, unknown>>)["method"];
  const { methods, ignored } = readScoringParams(params, { service, query });
  assertRowCount(call, table.rows.length);
  const rows = rowsOf(table, service);
  const answers = await answerRows(call, { service, rows, methods });
  if (answers === undefined) return;
  if (answers.issues.length > 0) throw refusal(service, numberedIssues(answers));
  if (ignored.length > 0) addWarnings(reply, ignored);
  reply.header("content-type", "application/json");
  door.send(reply, 200, `{"predictions":[${bareTexts(answers).join(",")}]}`);
}

function csvTable({ bytes }: WebCall, service: PredictionService): ScoringTable {
  const texts = new Set<string>();
  for (const field of service.signature?.inputs ?? []) {
    if (field.kind === "column" && field.type === "string" && field.name !== null) texts.add(field.name);
  }
  for (const [name, { spec }] of Object.entries(service.deployment?.input ?? {})) {
    if (spec.kind === "string") texts.add(name);
  }
  return readScoringCsv(bytes, texts);
}

function jsonBody({ bytes, door }: WebCall, service: PredictionService): ScoringBody {
  return readScoringBody(readPythonJson(bytes, door.options.maxDepth), onlyInputOf(service));
}

function onlyInputOf({ deployment, signature }: PredictionService): string | null {
  if (deployment === null) return onlyInput(signature?.inputs ?? null);
  const [name, ...others] = Object.keys(deployment.input);
  return others.length === 0 ? (name ?? null) : null;
}

function rowsOf(table: ScoringTable, service: PredictionService): readonly unknown[] {
  if (service.deployment !== null) return rowsByName(table, service);
  const fields = service.signature?.inputs ?? [];
  if (fields.length === 0) return rowsOfBareModel(table, service);
  return enforceSignature(table, { fields, input: service.input });
}

/** A definition's fields are its schema; what a model refuses is what MLflow calls an unexpected error. */
function refusal(service: PredictionService, issues: ReturnType<typeof numberedIssues>): Error {
  if (service.deployment !== null) return rowsError(service, issues);
  const [first] = issues;
  const problem = `${issues.length} problem(s) in the data, first: ${first === undefined ? "" : issueText(first)}`;
  return trimaranError("SCORING_EVALUATE", { problem }, { issues });
}

const maxTold = 10;

function addWarnings(reply: FastifyReply, ignored: readonly string[]): void {
  const told = ignored.slice(0, maxTold).map((name) => `ignored_param;field=${headerText(name)};count=1`);
  const others = reply.getHeader("x-trimaran-warnings");
  reply.header("x-trimaran-warnings", [...(others === undefined ? [] : [String(others)]), ...told].join(", "));
}
