// What the dialects of other servers share: rows of a request → answers, with the headers that go beside them.
import { type Issue, trimaranError } from "../../base/errors.ts";
import type { Answers } from "../../serving/answers.ts";
import type { PredictionService } from "../../serving/prediction-service.ts";
import { headerText, warningsHeader } from "./warnings-header.ts";
import type { WebCall } from "./web-call.ts";

export interface AskedRows {
  readonly service: PredictionService;
  readonly rows: readonly unknown[];
  /** Of a model served alone. @default its first */
  readonly methods?: readonly string[];
}

/**
 * Answers with issues belong to a refusal: nothing is set for them. Undefined: the caller is gone, or was told that its time is over.
 * @throws REQUEST_TOO_MANY_ROWS, MODEL_METHOD
 */
export async function answerRows(call: WebCall, { service, rows, methods }: AskedRows): Promise<Answers | undefined> {
  const { door, reply, flight, predictionId } = call;
  flight.service = service.name;
  flight.rows = rows.length;
  assertRowCount(call, rows.length);
  flight.decoded = performance.now();
  const answers = await service.answer(rows, {
    methods,
    unknownFields: "ignore",
    id: predictionId,
    numbered: true,
    whole: true,
  });
  flight.predicted = performance.now();
  flight.version = answers.modelVersion ?? "1";
  if (flight.settled) return undefined;
  if (answers.issues.length > 0) return answers;
  const { warnings, modelVersion } = answers;
  if (warnings.length > 0) {
    door.counters.countWarnings(service.name, warnings);
    reply.header("x-trimaran-warnings", warningsHeader(warnings));
  }
  if (modelVersion !== null) reply.header("x-model-version", headerText(modelVersion));
  reply.header("x-prediction-id", predictionId);
  return answers;
}

/** @throws REQUEST_TOO_MANY_ROWS */
export function assertRowCount({ door }: WebCall, rows: number): void {
  const { maxRows } = door.options;
  if (rows > maxRows) throw trimaranError("REQUEST_TOO_MANY_ROWS", { rows, limit: maxRows });
}

/** With the row's number at the front of each path. */
export function numberedIssues(answers: Answers): Issue[] {
  return answers.issues.map(({ row, path, code, message }) => ({ path: `/${row}${path}`, code, message }));
}

/** `/0/x: must be a number`, for a message. */
export function issueText({ path, message }: Issue): string {
  return path === "" ? message : `${path}: ${message}`;
}
