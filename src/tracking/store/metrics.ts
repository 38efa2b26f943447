// Metrics: every point, and the latest of each key, which searches use.
import type { SqlRow, SqlValue, Statements } from "../../io/sql/database.ts";
import type { MessageInput } from "../../mlflow/wire/field-type.ts";
import { numberOf, textOf } from "./rows.ts";

export interface Point {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
}

/** What the column takes: NaN is 0 with a mark, infinities are the largest numbers. */
function stored(value: number): { readonly number: number; readonly mark: 0 | 1 } {
  if (Number.isNaN(value)) return { number: 0, mark: 1 };
  if (!Number.isFinite(value)) return { number: value > 0 ? Number.MAX_VALUE : -Number.MAX_VALUE, mark: 0 };
  return { number: value, mark: 0 };
}

export async function putMetrics(statements: Statements, runId: string, points: readonly Point[]): Promise<void> {
  const latest = new Map<string, Point>();
  for (const point of points) {
    const known = latest.get(point.key);
    if (known === undefined || isLater(point, known)) latest.set(point.key, point);
  }
  const row = ({ key, value, timestamp, step }: Point): readonly SqlValue[] => {
    const { number, mark } = stored(value);
    return [runId, key, number, mark, timestamp, step];
  };
  await statements.insertMany(
    "INSERT INTO metrics (run_uuid, key, value, is_nan, timestamp, step) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    points.map(row),
  );
  await statements.insertMany(
    `INSERT INTO latest_metrics (run_uuid, key, value, is_nan, timestamp, step) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (key, run_uuid) DO UPDATE SET value = excluded.value, is_nan = excluded.is_nan, timestamp = excluded.timestamp, step = excluded.step
     WHERE excluded.step > latest_metrics.step
        OR (excluded.step = latest_metrics.step AND excluded.timestamp > latest_metrics.timestamp)
        OR (excluded.step = latest_metrics.step AND excluded.timestamp = latest_metrics.timestamp AND excluded.value > latest_metrics.value)`,
    [...latest.values()].map(row),
  );
}

/** By step, then time, then value. */
function isLater(a: Point, b: Point): boolean {
  if (a.step !== b.step) return a.step > b.step;
  if (a.timestamp !== b.timestamp) return a.timestamp > b.timestamp;
  return stored(a.value).number > stored(b.value).number;
}

export function metricAnswer(row: SqlRow): MessageInput<"Metric"> {
  return {
    key: textOf(row, "key"),
    value: numberOf(row, "is_nan") === 1 ? Number.NaN : numberOf(row, "value"),
    timestamp: numberOf(row, "timestamp"),
    step: numberOf(row, "step"),
  };
}

export interface HistoryPage {
  readonly runId: string;
  readonly key: string;
  readonly limit: number;
  readonly offset: number;
}

export async function metricHistory(
  statements: Statements,
  { runId, key, limit, offset }: HistoryPage,
): Promise<readonly MessageInput<"Metric">[]> {
  const rows = await statements.query(
    "SELECT key, value, is_nan, timestamp, step FROM metrics WHERE run_uuid = ? AND key = ? ORDER BY timestamp, step, value LIMIT ? OFFSET ?",
    [runId, key, limit, offset],
  );
  return rows.map(metricAnswer);
}
