// A finished output compared with the truth that it holds, by DuckDB, in constant memory.
import { dirname } from "node:path";
import { trimaranError } from "../../../base/errors.ts";
import { engineProblem, openSqlEngine, type SqlEngine, sqlName, sqlText } from "../../../tables/sql-engine.ts";
import type { FileFormat } from "../file-format.ts";
import type { BacktestPlan } from "./backtest-plan.ts";

export type BacktestKind = "regression" | "classification" | "labels";

/** In the unit of the target; `bias` is the mean of answer − truth. `auc` is null where a class has no rows. */
export interface BacktestMetrics {
  readonly mae?: number | null;
  readonly rmse?: number | null;
  readonly bias?: number | null;
  readonly log_loss?: number | null;
  readonly auc?: number | null;
  readonly accuracy?: number | null;
}

export interface BacktestSlice {
  readonly column: string;
  /** null: rows without a value. */
  readonly value: string | null;
  readonly rows: number;
  readonly metrics: BacktestMetrics;
}

export interface Backtest {
  readonly kind: BacktestKind;
  readonly field: string;
  /** That have the truth and an answer. */
  readonly rows: number;
  readonly without_truth: number;
  readonly metrics: BacktestMetrics;
  /** The largest first. */
  readonly slices: readonly BacktestSlice[];
}

const maxSlices = 1000;
const firstRows = 10_000;
const epsilon = "2.220446049250313e-16";

/** @throws BATCH_BACKTEST */
export async function backtestFile(file: string, format: FileFormat, plan: BacktestPlan): Promise<Backtest> {
  await using engine = await openSqlEngine([file], { folder: dirname(file), threads: 1, memoryBytes: 96 * 2 ** 20 });
  try {
    return await compare(engine, tableOf(file, format), plan);
  } catch (cause) {
    throw trimaranError("BATCH_BACKTEST", { problem: engineProblem(cause) }, { cause });
  }
}

function tableOf(file: string, { format, compression }: FileFormat): string {
  const known = compression === undefined ? "uncompressed" : { gz: "gzip", zst: "zstd" }[compression];
  const packed = `compression = ${sqlText(known)}`;
  switch (format) {
    case "parquet":
      return `read_parquet(${sqlText(file)}, hive_partitioning = false)`;
    case "csv":
      return `read_csv(${sqlText(file)}, header = true, sample_size = -1, ${packed})`;
    case "ndjson":
      return `read_json(${sqlText(file)}, format = 'newline_delimited', sample_size = -1, ${packed})`;
  }
}

async function compare({ connection }: SqlEngine, from: string, plan: BacktestPlan): Promise<Backtest> {
  const ask = async (sql: string): Promise<readonly (readonly unknown[])[]> =>
    (await connection.runAndReadAll(sql)).getRowsJS();
  const pairs = `(SELECT ${plan.truth} AS truth, ${plan.answer} AS answer FROM ${from})`;
  const types = await ask(`DESCRIBE SELECT * FROM ${pairs}`);
  const [truthType = "", answerType = ""] = types.map(([, type]) => String(type));
  const kind = await kindOf(ask, { pairs, truthType, answerType });
  const pick = (slice: string): string => {
    const [truth, answer] = kind === "labels" ? labelCells(plan) : [number(plan.truth), number(plan.answer)];
    return `(SELECT ${truth} AS truth, ${answer} AS answer, ${slice} AS slice FROM ${from})`;
  };
  const isKnown =
    kind === "labels" ? "truth IS NOT NULL AND answer IS NOT NULL" : "isfinite(truth) AND isfinite(answer)";
  const query = (slice: string | null): string => {
    const known = `SELECT * FROM ${pick(slice ?? "NULL")} WHERE ${isKnown}`;
    if (kind === "classification") return classSql(known);
    return slice === null ? wholeSql(known, kind) : slicedSql(known, kind);
  };
  const [all] = await ask(query(null));
  const [counted] = await ask(`SELECT count(*) FROM ${from}`);
  const rows = Number(all?.[1] ?? 0);
  const slices: BacktestSlice[] = [];
  for (const column of plan.slices) {
    const found = await ask(`${query(`CAST(${sqlName(column)} AS VARCHAR)`)} LIMIT ${maxSlices}`);
    for (const [value, count, ...cells] of found) {
      slices.push({
        column,
        value: value === null ? null : String(value),
        rows: Number(count),
        metrics: metricsOf(kind, cells),
      });
    }
  }
  return {
    kind,
    field: plan.field,
    rows,
    without_truth: Number(counted?.[0] ?? 0) - rows,
    metrics: metricsOf(kind, all?.slice(2) ?? []),
    slices,
  };
}

function number(cell: string): string {
  return `CAST(${cell} AS DOUBLE)`;
}

function labelCells({ truth, answer }: BacktestPlan): readonly [string, string] {
  return [`CAST(${truth} AS VARCHAR)`, `CAST(${answer} AS VARCHAR)`];
}

interface Pairs {
  readonly pairs: string;
  readonly truthType: string;
  readonly answerType: string;
}

const numbers = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*)$/;

/** A truth of yes and no, or 0 and 1, beside answers from 0 to 1 is of two classes. */
async function kindOf(
  ask: (sql: string) => Promise<readonly (readonly unknown[])[]>,
  { pairs, truthType, answerType }: Pairs,
): Promise<BacktestKind> {
  if (!numbers.test(answerType) || !(numbers.test(truthType) || truthType === "BOOLEAN")) return "labels";
  if (truthType === "BOOLEAN") return "classification";
  const known = `SELECT * FROM ${pairs} WHERE truth IS NOT NULL AND answer IS NOT NULL`;
  const fits = "bool_and(truth IN (0, 1)), bool_and(answer BETWEEN 0 AND 1)";
  const isSo = async (sql: string): Promise<boolean> => (await ask(sql))[0]?.every((each) => each === true) ?? false;
  // Most are told by their first rows.
  const isTwo =
    (await isSo(`SELECT ${fits} FROM (${known} LIMIT ${firstRows})`)) &&
    (await isSo(`SELECT ${fits}, min(truth) < max(truth) FROM (${known})`));
  return isTwo ? "classification" : "regression";
}

function plainMetrics(kind: BacktestKind): string {
  return kind === "labels"
    ? "avg(CASE WHEN lower(truth) = lower(answer) THEN 1.0 ELSE 0.0 END)"
    : "avg(abs(answer - truth)), sqrt(avg((answer - truth) * (answer - truth))), avg(answer - truth)";
}

function wholeSql(known: string, kind: BacktestKind): string {
  return `SELECT NULL AS slice, count(*) AS n, ${plainMetrics(kind)} FROM (${known})`;
}

function slicedSql(known: string, kind: BacktestKind): string {
  return `SELECT slice, count(*) AS n, ${plainMetrics(kind)} FROM (${known}) GROUP BY slice ORDER BY n DESC, slice`;
}

/** The area under the ROC curve: the share of pairs, one of each class, in which the positive has the higher answer; equal ones half. */
function classSql(known: string): string {
  const own = "CASE WHEN truth > 0.5 THEN answer ELSE 1 - answer END";
  const loss = `-ln(greatest(least(${own}, 1), ${epsilon}))`;
  const right = "CASE WHEN (answer > 0.5) = (truth > 0.5) THEN 1 ELSE 0 END";
  return `WITH g AS (SELECT slice, answer, count(*) FILTER (WHERE truth > 0.5) AS pos, count(*) FILTER (WHERE NOT truth > 0.5) AS neg,
      sum(${loss}) AS loss, sum(${right}) AS good FROM (${known}) GROUP BY slice, answer),
    c AS (SELECT *, coalesce(sum(neg) OVER (PARTITION BY slice ORDER BY answer ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS below FROM g)
    SELECT slice, sum(pos + neg) AS n, sum(loss) / sum(pos + neg),
      CASE WHEN sum(pos) = 0 OR sum(neg) = 0 THEN NULL ELSE sum(pos * (below + neg / 2.0)) / (CAST(sum(pos) AS DOUBLE) * sum(neg)) END,
      sum(good) / sum(pos + neg) FROM c GROUP BY slice ORDER BY n DESC, slice`;
}

function metricsOf(kind: BacktestKind, cells: readonly unknown[]): BacktestMetrics {
  const [first = null, second = null, third = null] = cells.map((cell) => {
    const value = cell === null || cell === undefined ? Number.NaN : Number(cell);
    return Number.isFinite(value) ? value : null;
  });
  switch (kind) {
    case "regression":
      return { mae: first, rmse: second, bias: third };
    case "classification":
      return { log_loss: first, auc: second, accuracy: third };
    case "labels":
      return { accuracy: first };
  }
}
