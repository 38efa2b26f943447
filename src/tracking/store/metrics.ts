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
  /** The last point of the page before. @default from the first */
  readonly after?: HistoryPlace | undefined;
  /** How many points come before the page: for tokens that hold no place. @default 0 */
  readonly offset?: number;
}

/** Time, step, value and mark of a point: what points are ordered by, and what no two have in common. */
export type HistoryPlace = readonly [number, number, number, number];

const historyColumns = "key, value, is_nan, timestamp, step";

/** In the order of time, step and value. However long a history is, a page costs what its own points cost. */
export async function metricHistory(statements: Statements, page: HistoryPage): Promise<readonly SqlRow[]> {
  const { runId, key, limit, after, offset = 0 } = page;
  const isSqlite = statements.dialect.name === "sqlite";
  // MLflow's key of the table has the points of a metric in their order, but those of all runs: of use for a long history only.
  // SQLite takes the index of the run unless a sign before the column forbids it.
  const isLong = isSqlite && (after !== undefined || (await isLongHistory(statements, page)));
  const run = isLong ? "+run_uuid = ?" : "run_uuid = ?";
  const order = "ORDER BY timestamp, step, value, is_nan LIMIT ? OFFSET ?";
  const select = `SELECT ${historyColumns} FROM metrics WHERE ${run} AND key = ?`;
  if (after === undefined) return statements.query(`${select} ${order}`, [runId, key, limit, offset]);
  const [time, step, value, mark] = after;
  const beyond = `timestamp >= ? AND ((timestamp, step, value) > (?, ?, ?)
    OR (timestamp = ? AND step = ? AND value = ? AND is_nan AND ? = 0))`;
  const place = [time, time, step, value, time, step, value, mark];
  return statements.query(`${select} AND ${beyond} ${order}`, [runId, key, ...place, limit, 0]);
}

async function isLongHistory(statements: Statements, { runId, key, limit }: HistoryPage): Promise<boolean> {
  const sql = "SELECT count(*) AS points FROM (SELECT 1 FROM metrics WHERE run_uuid = ? AND key = ? LIMIT ?) AS few";
  const rows = await statements.query(sql, [runId, key, Math.max(limit, 10_000)]);
  return numberOf(rows[0] ?? {}, "points") >= Math.max(limit, 10_000);
}

export interface HistorySample {
  readonly runId: string;
  readonly key: string;
  readonly limit: number;
  /** From this step to that, with both; null: all. */
  readonly steps: readonly [number, number] | null;
}

/** The first points of as many equal parts of a history, in the order of steps; its last point is among them. */
export async function sampledHistory(statements: Statements, sample: HistorySample): Promise<readonly SqlRow[]> {
  const { runId, key, limit, steps } = sample;
  const range = steps === null ? "" : " AND step >= ? AND step <= ?";
  const from = `FROM metrics WHERE run_uuid = ? AND key = ?${range}`;
  const parameters = [runId, key, ...(steps ?? [])];
  const order = "step, timestamp, value, is_nan";
  const rows = await statements.query(
    `SELECT ${historyColumns} FROM (SELECT ${historyColumns}, part, row_number() OVER (PARTITION BY part ORDER BY ${order}) AS place
     FROM (SELECT ${historyColumns}, ntile(CAST(? AS INTEGER)) OVER (ORDER BY ${order}) AS part ${from}) AS parts) AS places
     WHERE place = 1 ORDER BY ${order}`,
    [limit, ...parameters],
  );
  const backwards = order.replaceAll(",", " DESC,");
  const [last] = await statements.query(
    `SELECT ${historyColumns} ${from} ORDER BY ${backwards} DESC LIMIT 1`,
    parameters,
  );
  const kept = rows.at(-1);
  if (
    last === undefined ||
    kept === undefined ||
    historyPlace(last).every((part, at) => part === historyPlace(kept)[at])
  ) {
    return rows;
  }
  return [...rows.slice(0, limit - 1), last];
}

export function historyPlace(row: SqlRow): HistoryPlace {
  return [numberOf(row, "timestamp"), numberOf(row, "step"), numberOf(row, "value"), numberOf(row, "is_nan")];
}
