// Figures over traces: counts, latencies, tokens and costs, by name, state and time.
import type { SqlRow } from "../../io/sql/database.ts";
import type { MessageOf } from "../../mlflow/wire/field-type.ts";
import { invalidParameter, WireError } from "../../mlflow/wire/wire-error.ts";
import { type Figure, traceMetricsSql } from "../search/trace-metrics.ts";
import { experimentNumber } from "../store/experiments.ts";
import { numberOf, textOf } from "../store/rows.ts";
import { hasTraceColumns } from "../store/trace-columns.ts";
import type { Handlers } from "./handler.ts";

const maxPoints = 1000;
const maxParts = { figures: 20, dimensions: 10, filters: 100 };
/** The longest time whose milliseconds are exact. */
const maxSeconds = 1e12;

export const traceMetricHandlers: Handlers<"queryTraceMetrics"> = {
  queryTraceMetrics: async (request, { store }) => {
    const { view_type: view, metric_name: metric, dimensions, filters } = request;
    const { time_interval_seconds: interval = 0, start_time_ms: from = null, end_time_ms: to = null } = request;
    const figures = request.aggregations.map(figureOf);
    if (figures.length === 0) throw invalidParameter("At least one aggregation must be asked for.");
    for (const [name, list] of Object.entries({ figures, dimensions, filters })) {
      const max = maxParts[name as keyof typeof maxParts];
      if (list.length > max) throw invalidParameter(`At most ${max} ${name} may be asked for.`);
    }
    if (interval !== 0 && (from === null || to === null)) {
      throw invalidParameter("start_time_ms and end_time_ms are required if time_interval_seconds is set");
    }
    if (interval < 0 || interval > maxSeconds) throw invalidParameter("time_interval_seconds must be positive.");
    if (request.max_results < 1) throw invalidParameter("max_results must be a positive integer.");
    const experimentIds = [...new Set(request.experiment_ids.map(experimentNumber))];
    const { sql, parameters } = traceMetricsSql({
      view,
      metric,
      figures,
      dimensions,
      filters,
      experimentIds,
      interval: interval === 0 ? null : interval,
      from,
      to,
      limit: Math.min(request.max_results, maxPoints),
    });
    if (!(await hasTraceColumns(store.database))) {
      throw new WireError(
        "NOT_IMPLEMENTED",
        "This store has the tables of an older MLflow, which keep no figures of traces: upgrade it with 'mlflow db upgrade'.",
      );
    }
    const rows = await store.database.query(sql, parameters);
    return { data_points: rows.flatMap((row) => point(row, { metric, figures, dimensions })) };
  },
};

function figureOf({ aggregation_type: kind, percentile_value }: MessageOf<"MetricAggregation">): Figure {
  const percentile = percentile_value ?? null;
  if (kind === undefined) throw invalidParameter("An aggregation must have an aggregation_type.");
  if (kind === "PERCENTILE" ? percentile === null || !(percentile >= 0 && percentile <= 100) : percentile !== null) {
    throw invalidParameter(
      kind === "PERCENTILE"
        ? "Percentile value must be between 0 and 100"
        : `Percentile value is only allowed for PERCENTILE aggregation type, got ${kind}`,
    );
  }
  return { kind, percentile };
}

interface Asked {
  readonly metric: string;
  readonly figures: readonly Figure[];
  readonly dimensions: readonly string[];
}

interface DataPoint {
  readonly metric_name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, number>>;
}

/** None where there is no value. */
function point(row: SqlRow, { metric, figures, dimensions }: Asked): readonly DataPoint[] {
  const values = figures.flatMap((figure, index) =>
    row[`f${index}`] === null ? [] : [[titleOf(figure), numberOf(row, `f${index}`)] as const],
  );
  if (values.length === 0) return [];
  const time = row["time"] === undefined ? [] : [["time_bucket", timeText(numberOf(row, "time"))] as const];
  const named = dimensions.map((name, index) => [name, textOf(row, `d${index}`)] as const);
  return [
    {
      metric_name: metric,
      dimensions: Object.fromEntries([...time, ...named]),
      values: Object.fromEntries(values),
    },
  ];
}

/** As Python writes it: `P95.0`. */
function titleOf({ kind, percentile }: Figure): string {
  if (kind !== "PERCENTILE") return kind;
  return `P${Number.isInteger(percentile) ? `${percentile}.0` : percentile}`;
}

function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(/(\.000)?Z$/, "+00:00");
}
