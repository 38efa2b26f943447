// Spans that came by OpenTelemetry: they make a trace, or fill one.
import type { SqlRow, Statements } from "../../io/sql/database.ts";
import type { JsonValue } from "../../mlflow/wire/field-type.ts";
import { type Span, spanJson, textAttribute } from "../otlp/span.ts";
import { experimentNumber } from "./experiments.ts";
import { grouped, numberOf, queryIn, textOf } from "./rows.ts";
import { putSpanFigures, traceSums } from "./span-figures.ts";
import { sessionKey } from "./trace-columns.ts";
import { ownTags, putFacts, putTrace, spansLocationTag } from "./traces.ts";
import type { TrackingStore } from "./tracking-store.ts";

const finalKey = "mlflow.trace.infoFinalized";
const tagPrefix = "mlflow.traceTag.";

/** All of them or none. @throws WireError */
export async function putSpans(store: TrackingStore, experimentId: string, spans: readonly Span[]): Promise<void> {
  const traces = new Map<string, Span[]>();
  for (const span of spans) {
    const known = traces.get(span.traceId);
    if (known === undefined) traces.set(span.traceId, [span]);
    else known.push(span);
  }
  await store.database.transaction(async (statements) => {
    for (const id of [...traces.keys()].sort()) {
      await putTraceOfSpans(store, statements, { id, experimentId, spans: traces.get(id) ?? [] });
    }
  });
}

interface SpansOfTrace {
  readonly id: string;
  readonly experimentId: string;
  readonly spans: readonly Span[];
}

async function putTraceOfSpans(
  store: TrackingStore,
  statements: Statements,
  { id, experimentId, spans }: SpansOfTrace,
): Promise<void> {
  const [known] = await statements.query("SELECT * FROM trace_info WHERE request_id = ?", [id]);
  const final = await statements.query("SELECT key FROM trace_request_metadata WHERE request_id = ? AND key = ?", [
    id,
    finalKey,
  ]);
  const root = spans.find(({ parentSpanId }) => parentSpanId === null);
  // What the client said of its trace stands; else the spans tell.
  if (final.length === 0) await putTrace(store, statements, traceOf({ id, experimentId, spans }, { known, root }));
  await statements.insertMany(
    `INSERT INTO spans (trace_id, experiment_id, span_id, parent_span_id, name, type, status, start_time_unix_nano, end_time_unix_nano, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (trace_id, span_id) DO UPDATE SET parent_span_id = excluded.parent_span_id, name = excluded.name, type = excluded.type, status = excluded.status, start_time_unix_nano = excluded.start_time_unix_nano, end_time_unix_nano = excluded.end_time_unix_nano, content = excluded.content`,
    [...new Map(spans.map((span) => [span.spanId, span])).values()].map((span) => [
      id,
      known === undefined ? experimentNumber(experimentId) : numberOf(known, "experiment_id"),
      span.spanId,
      span.parentSpanId,
      span.name,
      span.type?.slice(0, 500) ?? null,
      span.status,
      String(span.start),
      span.end === null ? null : String(span.end),
      span.content,
    ]),
  );
  await putSpanFigures(store.database, statements, spans);
  const metadata = final.length === 0 ? await traceSums(statements, id, spans) : new Map<string, string>();
  const tags = new Map([[spansLocationTag, "TRACKING_STORE"]]);
  for (const key of root?.attributes.keys() ?? []) {
    const name = key.startsWith(tagPrefix) ? key.slice(tagPrefix.length) : "";
    const value = name === "" || ownTags.has(name) ? null : textAttribute(root?.attributes ?? new Map(), key);
    if (value !== null) tags.set(name, value);
  }
  await putFacts(store, statements, { id, tags, metadata });
}

function traceOf(
  { id, experimentId, spans }: SpansOfTrace,
  { known, root }: { readonly known: SqlRow | undefined; readonly root: Span | undefined },
): Parameters<typeof putTrace>[2] {
  const ms = (nanoseconds: bigint): number => Number(nanoseconds / 1_000_000n);
  const starts = spans.map(({ start }) => ms(start));
  const ends = spans.flatMap(({ end }) => (end === null ? [] : [ms(end)]));
  if (known !== undefined) {
    starts.push(numberOf(known, "timestamp_ms"));
    if (known["execution_time_ms"] !== null)
      ends.push(numberOf(known, "timestamp_ms") + numberOf(known, "execution_time_ms"));
  }
  const time = least(starts);
  const status =
    root === undefined ? (known === undefined ? "IN_PROGRESS" : textOf(known, "status")) : rootStatus(root);
  const session = spans.map(({ attributes }) => textAttribute(attributes, "session.id")).find((text) => text !== null);
  const preview = (key: string): string | null => shortened(root?.attributes.get(key));
  return {
    id,
    experimentId,
    time,
    duration: ends.length === 0 ? null : -least(ends.map((end) => -end)) - time,
    status,
    clientRequestId: known === undefined ? null : (known["client_request_id"] as string | null),
    requestPreview: preview("mlflow.spanInputs"),
    responsePreview: preview("mlflow.spanOutputs"),
    tags: new Map(),
    metadata: session === undefined || session === null ? new Map() : new Map([[sessionKey, session]]),
  };
}

function least(numbers: readonly number[]): number {
  return numbers.reduce((least, number) => Math.min(least, number), Number.POSITIVE_INFINITY);
}

function rootStatus({ status }: Span): string {
  return status === "ERROR" ? "ERROR" : "OK";
}

function shortened(text: string | undefined): string | null {
  if (text === undefined) return null;
  return text.length > 1000 ? `${text.slice(0, 997)}...` : text;
}

/** The spans of a trace as the table keeps them, each JSON's text; the earliest first. */
export async function spanContents(statements: Statements, traceId: string): Promise<readonly string[]> {
  const rows = await statements.query(
    "SELECT content FROM spans WHERE trace_id = ? ORDER BY start_time_unix_nano, span_id",
    [traceId],
  );
  return rows.map((row) => textOf(row, "content"));
}

/** As protobuf writes spans in JSON, by trace, the earliest first. */
export async function spansOf(
  statements: Statements,
  traceIds: readonly string[],
): Promise<ReadonlyMap<string, readonly JsonValue[]>> {
  const rows = await queryIn(
    statements,
    "SELECT trace_id, content FROM spans WHERE trace_id IN (#) ORDER BY start_time_unix_nano, span_id",
    { ids: traceIds },
  );
  return new Map(
    [...grouped(rows, "trace_id")].map(([id, group]) => [
      id,
      group.map((row) => spanJson(textOf(row, "content"))).filter((span) => span !== null),
    ]),
  );
}
