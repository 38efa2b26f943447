// One call of the function: an event's records → rows → answers → the output stream. A record that cannot be taken never holds
// up the others, unless it is to be sent again: then the shard goes on from it, and nothing behind it is written.
import { type Issue, isTrimaranError, trimaranError } from "../../../base/errors.ts";
import type { PredictionService } from "../../../serving/prediction-service.ts";
import type { Carried, MessageShape } from "../messages/shape.ts";
import { deadLetter } from "./dead-letter.ts";
import { readKinesisEvent, type ShardRecord } from "./kinesis-event.ts";
import { type KinesisSink, maxRecordBytes, type PutRecord } from "./kinesis-sink.ts";
import type { LambdaSettings } from "./lambda-settings.ts";

export interface LambdaAnswer {
  /** What was put into the output stream, in order; JSON formats as values. */
  readonly predictions: readonly unknown[];
  /** How many of them stand not here, as the answer would be too large for Lambda; they were written all the same. */
  readonly predictionsLeftOut?: number;
  /** Where the shard goes on from, when something is to be sent again; not there when all is done. */
  readonly batchItemFailures?: readonly { readonly itemIdentifier: string }[];
}

export interface LambdaParts {
  readonly service: PredictionService;
  readonly shape: MessageShape;
  readonly settings: LambdaSettings;
  readonly sink: KinesisSink;
  /** One line of JSON a problem. */
  readonly log: (line: Readonly<Record<string, unknown>>) => void;
}

/** The largest answer that Lambda takes is 6 MB. */
const maxAnswerBytes = 4 * 1024 * 1024;

/**
 * @throws LAMBDA_EVENT, KINESIS_*, SCHEMA_REGISTRY_*, and what a lookup or a remote model throws: Lambda then sends all of it again
 */
export async function handleEvent(event: unknown, parts: LambdaParts, signal: AbortSignal): Promise<LambdaAnswer> {
  const records = readKinesisEvent(event);
  const results = await scoreRecords(records, parts, signal);
  const { onPoison } = parts.settings;
  const poison = results.filter((result) => result.kind === "poison");
  for (const { at, issues } of poison) logPoison(parts, records[at]!, issues);
  const stop = onPoison === "retry" ? (poison[0]?.at ?? records.length) : records.length;
  const failed = await writeResults(results.slice(0, stop), { records, parts, signal });
  const from = Math.min(failed, stop);
  if (from < records.length && records[from]!.sequenceNumber === "") throw cannotReport(poison, records);
  const written = results.slice(0, from).filter((result) => result.kind === "answer");
  const answer = answerOf(written);
  if (from === records.length) return answer;
  return { ...answer, batchItemFailures: [{ itemIdentifier: records[from]!.sequenceNumber }] };
}

type Result = ScoredRecord | PoisonRecord;

interface ScoredRecord {
  readonly kind: "answer";
  readonly at: number;
  readonly put: PutRecord;
  /** As the caller gets it. */
  readonly shown: () => unknown;
}

interface PoisonRecord {
  readonly kind: "poison";
  readonly at: number;
  readonly issues: readonly [Issue, ...Issue[]];
}

interface Asked {
  readonly at: number;
  readonly row: unknown;
  readonly carried: Carried;
}

/** One result a record, in order. */
async function scoreRecords(
  records: readonly ShardRecord[],
  parts: LambdaParts,
  signal: AbortSignal,
): Promise<readonly Result[]> {
  const { shape } = parts;
  await shape.prepare?.(
    records.map(({ record }) => record),
    signal,
  );
  const results: Result[] = [];
  const asked: Asked[] = [];
  for (const [at, { record, issue }] of records.entries()) {
    if (issue !== null) {
      results[at] = { kind: "poison", at, issues: [issue] };
      continue;
    }
    const decoded = shape.decode(record);
    if (decoded.kind === "refused") results[at] = { kind: "poison", at, issues: decoded.issues };
    else asked.push({ at, row: decoded.row, carried: decoded.carried });
  }
  if (asked.length > 0) {
    await shape.prepareAnswers?.(
      asked.map(({ carried }) => carried),
      signal,
    );
    const thrown: unknown[] = [];
    await answerRows(asked, results, { parts, signal, thrown });
    // What fails for each and every record is no record's fault.
    if (asked.length > 1 && thrown.length === asked.length) throw thrown[0];
  }
  return results;
}

interface AnswerContext {
  readonly parts: LambdaParts;
  readonly signal: AbortSignal;
  /** What was thrown for a record alone. */
  readonly thrown: unknown[];
}

/** Rows that make the whole call fail are found by halving; what passes by itself is the caller's to try again. */
async function answerRows(asked: readonly Asked[], results: Result[], context: AnswerContext): Promise<void> {
  const { service, shape, settings } = context.parts;
  try {
    const answers = await service.answer(
      asked.map(({ row }) => row),
      {
        unknownFields: "ignore",
        idOf: (row) => idOf(asked[row]!.carried),
        time: new Date(asked[0]!.carried.time),
        signal: context.signal,
      },
    );
    const issues = Map.groupBy(answers.issues, ({ row }) => row);
    const version = settings.version ?? answers.modelVersion ?? service.model.digest.slice(0, shortDigest);
    for (const [row, { at, carried }] of asked.entries()) {
      const found = issues.get(row);
      if (found !== undefined) {
        const moved = found.map(({ path, code, message }) => ({ path: shape.rowPath + path, code, message }));
        results[at] = { kind: "poison", at, issues: moved as [Issue, ...Issue[]] };
        continue;
      }
      const encoded = shape.encode(answers.value(row), carried, version);
      const data = encoded.value ?? new Uint8Array();
      const put = { data, partitionKey: partitionKeyOf(carried) };
      const size = data.length + Buffer.byteLength(put.partitionKey);
      if (size > maxRecordBytes) {
        const message = `The answer is ${size} bytes long; a record of Kinesis takes ${maxRecordBytes}.`;
        results[at] = { kind: "poison", at, issues: [{ path: "", code: "too_large", message }] };
      } else results[at] = { kind: "answer", at, put, shown: () => shownOf(data, answers.value(row)) };
    }
  } catch (error) {
    if (isTemporary(error) || context.signal.aborted) throw error;
    const [only, second] = asked;
    if (second !== undefined) {
      const middle = asked.length >> 1;
      await answerRows(asked.slice(0, middle), results, context);
      await answerRows(asked.slice(middle), results, context);
      return;
    }
    context.thrown.push(error);
    const code = isTrimaranError(error) ? error.code : "internal";
    const message = isTrimaranError(error) ? error.message : "The record cannot be answered.";
    results[only!.at] = { kind: "poison", at: only!.at, issues: [{ path: shape.rowPath, code, message }] };
  }
}

/** `sha256:` and 12 hex digits. */
const shortDigest = "sha256:".length + 12;
const temporaryKinds: ReadonlySet<string> = new Set(["unavailable", "timeout", "busy", "denied"]);

function isTemporary(error: unknown): boolean {
  return isTrimaranError(error) && temporaryKinds.has(error.kind);
}

function idOf({ record: { topic, partition, offset } }: Carried): string {
  return `${topic}/${partition}/${offset}`;
}

/** As in the course the first thing that is kept, its `ride_id`; else the message's own key. */
function partitionKeyOf({ kept, record: { key } }: Carried): string {
  const [first] = kept;
  const named = typeof first === "object" || first === undefined ? "" : String(first);
  const text = named === "" ? Buffer.from(key ?? []).toString("utf8") : named;
  return text === "" ? "-" : [...text].slice(0, 256).join("");
}

/** An answer that is JSON is shown as its value. */
function shownOf(data: Uint8Array, output: Readonly<Record<string, unknown>>): unknown {
  try {
    return JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.length).toString("utf8")) as unknown;
  } catch {
    return output;
  }
}

interface WriteContext {
  readonly records: readonly ShardRecord[];
  readonly parts: LambdaParts;
  readonly signal: AbortSignal;
}

/** The position of the first record whose result is not in its stream; behind the last one when all are. */
async function writeResults(results: readonly Result[], { records, parts, signal }: WriteContext): Promise<number> {
  const { settings, sink, service } = parts;
  const { outputStream, deadLetterStream, onPoison } = settings;
  let failed = records.length;
  const put = async (stream: string, puts: readonly (PutRecord & { readonly at: number })[]): Promise<void> => {
    const left = await sink.put(stream, puts, signal);
    for (const position of left) failed = Math.min(failed, puts[position]!.at);
  };
  if (outputStream !== null) {
    const puts = results.flatMap((result) => (result.kind === "answer" ? [{ ...result.put, at: result.at }] : []));
    if (puts.length > 0) await put(outputStream, puts);
  }
  if (deadLetterStream !== null && onPoison === "dead-letter") {
    const version = settings.version ?? service.model.version;
    const puts = results.flatMap((result) => {
      if (result.kind === "answer" || result.at >= failed) return [];
      return [{ ...deadLetter(records[result.at]!, result.issues, version), at: result.at }];
    });
    if (puts.length > 0) await put(deadLetterStream, puts);
  }
  return failed;
}

function answerOf(written: readonly ScoredRecord[]): LambdaAnswer {
  const predictions: unknown[] = [];
  let bytes = 0;
  for (const { put, shown } of written) {
    bytes += put.data.length;
    if (bytes > maxAnswerBytes) return { predictions, predictionsLeftOut: written.length - predictions.length };
    predictions.push(shown());
  }
  return { predictions };
}

function logPoison(
  { log, settings }: LambdaParts,
  { record, sequenceNumber }: ShardRecord,
  issues: readonly Issue[],
): void {
  const { topic: stream, partition: shard } = record;
  log({
    level: "warn",
    message: "poison record",
    stream,
    shard,
    sequenceNumber,
    done: settings.onPoison,
    issues: issues.slice(0, 16),
  });
}

/** Records of events that were written by hand may have no sequence number, by which a failure is reported. */
function cannotReport(poison: readonly PoisonRecord[], records: readonly ShardRecord[]): Error {
  const issues = poison.flatMap((each) =>
    each.issues.map((issue) => ({ ...issue, path: `/Records/${records[each.at]!.position}${issue.path}` })),
  );
  const first = issues[0]?.message ?? "it could not be written in time.";
  return trimaranError("LAMBDA_RECORDS", { count: Math.max(poison.length, 1), first }, { issues });
}
