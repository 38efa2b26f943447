// `POST /predict` with NDJSON: line i of the answer belongs to line i of the body, an error stands in its row's place. The
// body is read whole before the first answer goes out: a caller that reads nothing until it has written everything must not
// come to a standstill with us.
import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { isTrimaranError, trimaranError } from "../../base/errors.ts";
import type { RowIssue } from "../../data/batch.ts";
import { hasOverflow, overflowIssues } from "../../data/overflow.ts";
import type { Answers } from "../../serving/answers.ts";
import { metaText, rowText } from "./answer-text.ts";
import { answerOptions, type PredictCall, rowsError } from "./predict-call.ts";
import { errorLine, maxListedIssues } from "./problem.ts";
import { readJson } from "./read-json.ts";
import { headerText } from "./warnings-header.ts";

/** Rows that are answered in one go; other requests get their turn between two blocks. */
const blockRows = 512;
const newline = 0x0a;

/** @throws REQUEST_TOO_MANY_ROWS */
export function sendLines(call: PredictCall, body: Buffer): void {
  const { door, service, reply, flight } = call;
  const rows = countLines(body);
  const limit = door.options.maxRows;
  if (rows > limit) throw trimaranError("REQUEST_TOO_MANY_ROWS", { rows, limit });
  if (service.model.version !== null) reply.header("x-model-version", headerText(service.model.version));
  if (door.phase === "draining") reply.header("connection", "close");
  flight.streaming = true;
  flight.rows = rows;
  const lines = Readable.from(answerBlocks(call, body));
  // Also comes when the caller goes away in the middle.
  lines.once("close", () => {
    door.flights.end(flight);
    door.countStream(flight);
  });
  reply.header("content-type", "application/x-ndjson; charset=utf-8");
  reply.header("x-request-id", reply.request.id).header("x-prediction-id", call.predictionId);
  reply.code(200).send(lines);
}

/** A line feed ends a line; the last line may do without. */
function countLines(body: Buffer): number {
  let count = body.length > 0 && body[body.length - 1] !== newline ? 1 : 0;
  for (let at = body.indexOf(newline); at >= 0; at = body.indexOf(newline, at + 1)) count++;
  return count;
}

function* linesOf(body: Buffer): Generator<Buffer> {
  for (let start = 0; start < body.length; ) {
    const at = body.indexOf(newline, start);
    const end = at < 0 ? body.length : at;
    yield body.subarray(start, end);
    start = end + 1;
  }
}

/** Rows between their reading and their answer: `text` is the finished line, where there is one already. */
interface Line {
  readonly number: number;
  readonly value: unknown;
  text: string | undefined;
}

async function* answerBlocks(call: PredictCall, body: Buffer): AsyncGenerator<string> {
  let block: Line[] = [];
  let number = 0;
  for (const bytes of linesOf(body)) {
    block.push(readLine(call, bytes, number++));
    if (block.length < blockRows) continue;
    yield await answerBlock(call, block);
    block = [];
    await nextTurn();
  }
  if (block.length > 0) yield await answerBlock(call, block);
}

function readLine(call: PredictCall, bytes: Buffer, number: number): Line {
  try {
    const value = readJson(bytes, call.door.options.maxDepth);
    if (call.service.deployment === null && hasOverflow(value))
      throw rowsError(call.service, overflowIssues(value, maxListedIssues));
    return { number, value, text: undefined };
  } catch (error) {
    return { number, value: undefined, text: errorText(call, error) };
  }
}

async function answerBlock(call: PredictCall, block: readonly Line[]): Promise<string> {
  const open = block.filter((line) => line.text === undefined);
  if (call.meta) {
    for (const line of open) await answerTogether(call, [line]);
  } else if (open.length > 0 && !(await answerTogether(call, open))) {
    // One row may have failed for all of them.
    for (const line of open) await answerTogether(call, [line]);
  }
  return `${block.map((line) => line.text).join("\n")}\n`;
}

/** Fills the lines' texts. False when the call failed for several lines as a whole, which are left as they were. */
async function answerTogether(call: PredictCall, lines: readonly Line[]): Promise<boolean> {
  let answers: Answers;
  try {
    answers = await answerInTime(call, lines);
  } catch (error) {
    const late = isTrimaranError(error) && error.code === "REQUEST_TIMEOUT";
    if (lines.length > 1 && !late) return false;
    const text = errorText(call, error);
    for (const line of lines) line.text = text;
    return true;
  }
  call.door.counters.countWarnings(call.service.name, answers.warnings);
  const issues = byRow(answers.issues);
  for (const [row, line] of lines.entries()) {
    const found = issues.get(row);
    if (found !== undefined) line.text = errorText(call, rowsError(call.service, found));
    else line.text = call.meta ? metaText(answers, `${call.predictionId}/${line.number}`) : rowText(answers, row);
  }
  return true;
}

function byRow(issues: readonly RowIssue[]): ReadonlyMap<number, readonly RowIssue[]> {
  const rows = new Map<number, RowIssue[]>();
  for (const issue of issues) {
    const found = rows.get(issue.row);
    if (found === undefined) rows.set(issue.row, [issue]);
    else found.push(issue);
  }
  return rows;
}

/** The request's own time limit, counted from its start: what is not answered by then gets REQUEST_TIMEOUT in its place. */
async function answerInTime(call: PredictCall, lines: readonly Line[]): Promise<Answers> {
  const limitMs = Math.round(call.flight.deadline - call.flight.since);
  const leftMs = call.flight.deadline - performance.now();
  if (leftMs <= 0) throw trimaranError("REQUEST_TIMEOUT", { limitMs });
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(trimaranError("REQUEST_TIMEOUT", { limitMs })), leftMs);
  });
  try {
    const rows = lines.map((line) => line.value);
    const idOf = (row: number): string => `${call.predictionId}/${lines[row]!.number}`;
    const options = { ...answerOptions(call.predictionId, true), idOf };
    return await Promise.race([call.service.answer(rows, options), deadline]);
  } finally {
    clearTimeout(timer);
  }
}

function errorText(call: PredictCall, error: unknown): string {
  return errorLine(call.door.show(error, call.reply.request.id));
}
