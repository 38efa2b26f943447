// Figures over traces as SQL: a value of each trace, span or assessment, put together by group and by time.
import { placeholders } from "../../io/sql/database.ts";
import { invalidParameter } from "../../mlflow/wire/wire-error.ts";
import { sessionKey, traceNameTag } from "../store/trace-columns.ts";
import { parseFilter } from "./parse-filter.ts";
import { allOf, type SqlCondition } from "./sql-condition.ts";
import { type Aggregation, type MetricView, type MetricWish, metricRule } from "./trace-metric-rules.ts";

export interface Figure {
  readonly kind: Aggregation;
  /** 0 to 100, of a percentile alone. */
  readonly percentile: number | null;
}

export interface TraceMetricQuery extends Omit<MetricWish, "aggregations"> {
  readonly experimentIds: readonly number[];
  readonly figures: readonly Figure[];
  readonly filters: readonly string[];
  /** Seconds of a part of time; null: time does not divide. */
  readonly interval: number | null;
  readonly from: number | null;
  /** With this millisecond. */
  readonly to: number | null;
  readonly limit: number;
}

const tables: { readonly [View in MetricView]: string } = {
  TRACES: "trace_info t",
  SPANS: "trace_info t JOIN spans s ON s.trace_id = t.request_id",
  ASSESSMENTS: "trace_info t JOIN assessments a ON a.trace_id = t.request_id AND a.valid",
};
const times: { readonly [View in MetricView]: string } = {
  TRACES: "t.timestamp_ms",
  SPANS: "(s.start_time_unix_nano / 1000000)",
  ASSESSMENTS: "a.trace_timestamp_ms",
};

/** Rows of `time` (of a part of it), `d0`, `d1`, … for the dimensions, and `f0`, `f1`, … for the figures. @throws WireError */
export function traceMetricsSql(query: TraceMetricQuery): SqlCondition {
  const { view, metric, figures, dimensions, limit } = query;
  const rule = metricRule({ view, metric, aggregations: figures.map(({ kind }) => kind), dimensions });
  const columns = dimensions.map((name) => rule.dimensions[name] ?? "NULL");
  const isCount = rule.aggregations.includes("COUNT");
  const time = timeSql(query);
  const where = allOf([
    { sql: `t.experiment_id IN (${placeholders(query.experimentIds.length)})`, parameters: query.experimentIds },
    ...[rule.value, ...columns].map((column) => ({ sql: `${column} IS NOT NULL`, parameters: [] })),
    ...timeConditions(query),
    ...query.filters.map((filter) => filterCondition(filter, view)),
  ]);
  const parts = [...(time === null ? [] : ["time"]), ...columns.map((_, index) => `d${index}`)];
  const selected = [
    ...(time === null ? [] : [`${time.sql} AS time`]),
    ...columns.map((column, index) => `${column} AS d${index}`),
    `${isCount ? rule.value : `CAST(${rule.value} AS DOUBLE PRECISION)`} AS v`,
  ];
  const values = `SELECT ${selected.join(", ")} FROM ${tables[view]} WHERE ${where.sql}`;
  const figured = figures.map((figure, index) => `${figureSql(figure, metric)} AS f${index}`);
  const order = parts.length === 0 ? "" : ` GROUP BY ${parts.join(", ")} ORDER BY ${parts.join(", ")}`;
  return {
    sql: `SELECT ${[...parts, ...figured].join(", ")} FROM (${ranked(values, parts, figures)}) AS r${order} LIMIT ?`,
    parameters: [...(time?.parameters ?? []), ...where.parameters, limit],
  };
}

function timeSql({ interval, view }: TraceMetricQuery): SqlCondition | null {
  if (interval === null) return null;
  const size = interval * 1000;
  const time = times[view];
  // Also before 1970 a part begins where it should.
  const rest = `((${time} % CAST(? AS BIGINT)) + CAST(? AS BIGINT)) % CAST(? AS BIGINT)`;
  return { sql: `(${time} - (${rest}))`, parameters: [size, size, size] };
}

/** Spans are counted and measured with their trace; what they cost, when they began. */
function timeConditions({ view, metric, from, to }: TraceMetricQuery): readonly SqlCondition[] {
  const isOfTrace = view === "SPANS" && !metric.endsWith("_cost");
  const column = isOfTrace ? times.TRACES : times[view];
  return [
    ...(from === null ? [] : [{ sql: `${column} >= ?`, parameters: [from] }]),
    ...(to === null ? [] : [{ sql: `${column} <= ?`, parameters: [to] }]),
  ];
}

/** With the place of each value among those of its group, where a percentile needs it. */
function ranked(values: string, parts: readonly string[], figures: readonly Figure[]): string {
  if (figures.every(({ kind }) => kind !== "PERCENTILE")) return values;
  const group = parts.length === 0 ? "" : `PARTITION BY ${parts.join(", ")}`;
  return `SELECT x.*, row_number() OVER (${group} ORDER BY v) - 1 AS at, count(*) OVER (${group}) AS n FROM (${values}) AS x`;
}

function figureSql({ kind, percentile }: Figure, metric: string): string {
  switch (kind) {
    case "COUNT":
      return metric === "session_count" ? "COUNT(DISTINCT v)" : "COUNT(v)";
    case "SUM":
    case "AVG":
    case "MIN":
    case "MAX":
      return `${kind}(v)`;
    case "PERCENTILE": {
      // Between the two values around the place, in proportion. The number is checked: 0 to 100.
      const place = `((n - 1) * ${(percentile ?? 0) / 100}e0)`;
      const share = `(${place} - floor(${place}))`;
      const low = `(CASE WHEN at = floor(${place}) THEN v * (1 - ${share}) END)`;
      const high = `(CASE WHEN at = floor(${place}) + 1 THEN v * ${share} END)`;
      return `MAX(${low}) + COALESCE(MAX(${high}), 0)`;
    }
  }
}

/** One comparison: `trace.status = 'OK'`, `trace.tag.k = 'v'`, `trace.metadata.k = 'v'`, `span.name = 'v'`, `assessment.type = 'v'`. */
function filterCondition(filter: string, view: MetricView): SqlCondition {
  const comparisons = parseFilter(filter);
  const [comparison] = comparisons;
  if (comparison === undefined || comparisons.length > 1) {
    throw invalidParameter(`Invalid filter: '${filter.slice(0, 200)}'. Expected one filter clause.`);
  }
  const { entity, comparator, value } = comparison;
  if (comparator !== "=") throw invalidParameter(`Invalid comparator: '${comparator}', only '=' operator is supported`);
  if (value.kind !== "string") throw invalidParameter("Expected a quoted string value (e.g. 'my-value').");
  const point = comparison.key.indexOf(".");
  const name = point < 0 ? comparison.key : comparison.key.slice(0, point);
  const key = point < 0 ? null : comparison.key.slice(point + 1).replace(/^[`"'](.*)[`"']$/s, "$1");
  const parameters = [value.text];
  if (entity === "trace" && name === "status" && key === null) return { sql: "t.status = ?", parameters };
  if (entity === "trace" && (name === "tag" || name === "metadata")) {
    if (key === null) {
      throw invalidParameter(`Filtering by ${name} requires a key, e.g. 'trace.${name}.<key> = <value>'`);
    }
    return keyedCondition(name, key, value.text);
  }
  const column = { span: "s", assessment: "a" }[entity];
  if (column === undefined || key !== null || !(plainKeys[entity] ?? new Map()).has(name)) {
    throw invalidParameter(
      `Invalid identifier '${entity}.${comparison.key}'. Columns should be specified as 'trace.<key>', 'span.<key>', 'assessment.<key>'.`.slice(
        0,
        400,
      ),
    );
  }
  if (view !== (entity === "span" ? "SPANS" : "ASSESSMENTS")) {
    throw invalidParameter(`Filtering by ${entity} is only supported for its own view type, got ${view}`);
  }
  return { sql: `${plainKeys[entity]?.get(name)} = ?`, parameters };
}

const plainKeys: Readonly<Record<string, ReadonlyMap<string, string>>> = {
  span: new Map([
    ["name", "s.name"],
    ["status", "s.status"],
    ["type", "s.type"],
  ]),
  assessment: new Map([
    ["name", "a.name"],
    ["type", "a.assessment_type"],
  ]),
};

function keyedCondition(name: "tag" | "metadata", key: string, text: string): SqlCondition {
  if (name === "tag" && key === traceNameTag) return { sql: "t.trace_name = ?", parameters: [text] };
  if (name === "metadata" && key === sessionKey) return { sql: "t.session_id = ?", parameters: [text] };
  const table = name === "tag" ? "trace_tags" : "trace_request_metadata";
  const own = `EXISTS (SELECT 1 FROM ${table} k WHERE k.request_id = t.request_id AND k.key = ? AND k.value = ?)`;
  if (name === "tag" || key !== "mlflow.sourceRun") return { sql: own, parameters: [key, text] };
  // A run may also have been linked later.
  const linked =
    "EXISTS (SELECT 1 FROM entity_associations l WHERE l.source_type = 'trace' AND l.source_id = t.request_id AND l.destination_type = 'run' AND l.destination_id = ?)";
  return { sql: `(${own} OR ${linked})`, parameters: [key, text, text] };
}
