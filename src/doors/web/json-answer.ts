// The answer to a body of JSON, a row or an array of rows: its text, and what its headers say beside.
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Issue, trimaranError } from "../../base/errors.ts";
import type { Warning } from "../../data/batch.ts";
import { hasOverflow, overflowIssues } from "../../data/overflow.ts";
import { typeName } from "../../data/type-name.ts";
import type { Answers } from "../../serving/answers.ts";
import { answerSoon, type PredictionService } from "../../serving/prediction-service.ts";
import { metaText, rowsText, rowText } from "./answer-text.ts";
import type { Door } from "./door.ts";
import type { Flight } from "./flights.ts";
import { answerOptions, rowsError } from "./predict-call.ts";
import { maxListedIssues } from "./problem.ts";
import { readJson } from "./read-json.ts";
import { headerText, warningsHeader } from "./warnings-header.ts";

export interface JsonCall {
  readonly door: Door;
  readonly service: PredictionService;
  readonly flight: Flight<unknown>;
  readonly predictionId: string;
  readonly meta: boolean;
}

export interface JsonAnswer {
  readonly text: string;
  /** For `x-trimaran-warnings` and `x-model-version`, where there are any. */
  readonly warnings: string | null;
  readonly version: string | null;
}

export const jsonType = "application/json; charset=utf-8";

/**
 * Null when the caller was answered meanwhile.
 * @throws REQUEST_NOT_JSON, REQUEST_TOO_DEEP, REQUEST_DUPLICATE_KEY, REQUEST_SHAPE, REQUEST_TOO_MANY_ROWS, REQUEST_INVALID,
 * DEFINITION_FEATURES, DEFINITION_OUTPUT, and what the service throws
 */
export function jsonAnswer(call: JsonCall, bytes: Buffer): JsonAnswer | null | Promise<JsonAnswer | null> {
  const { door, service, flight } = call;
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
  if (call.meta) return answerOneByOne(call, rows, single).then((answers) => formAnswer(call, answers, single));
  const answers = answerSoon(service, rows, answerOptions(call.predictionId, !single, true));
  return answers instanceof Promise
    ? answers.then((later) => formAnswer(call, [later], single))
    : formAnswer(call, [answers], single);
}

function formAnswer(call: JsonCall, answers: readonly Answers[], single: boolean): JsonAnswer | null {
  const { door, service, flight } = call;
  flight.predicted = performance.now();
  flight.version = answers[0]?.modelVersion ?? "1";
  if (flight.settled) return null;
  const issues = allIssues(answers, single);
  if (issues.length > 0) throw rowsError(service, issues);
  const warnings = answers.length === 1 ? answers[0]!.warnings : sumWarnings(answers);
  if (warnings.length > 0) door.counters.countWarnings(service.name, warnings);
  const version = answers.length === 0 ? service.model.version : answers[0]!.modelVersion;
  return {
    text: call.meta ? metaTexts(answers, call.predictionId, single) : textOf(answers[0]!, single),
    warnings: warnings.length > 0 ? warningsHeader(warnings) : null,
    version: version === null ? null : headerText(version),
  };
}

/** A row's own warnings are only known when it is answered on its own. */
async function answerOneByOne(
  { service, flight, predictionId }: JsonCall,
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
