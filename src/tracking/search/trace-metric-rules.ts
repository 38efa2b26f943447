// Which figures there are over traces, spans and assessments: what each is taken of, how it may be put together, and by what
// it may be divided. Columns are those of `trace_info t`, `spans s` and `assessments a`.
import type { EnumOf } from "../../mlflow/wire/field-type.ts";
import { invalidParameter } from "../../mlflow/wire/wire-error.ts";

export type MetricView = EnumOf<"MetricViewType">;
export type Aggregation = EnumOf<"AggregationType">;

export interface MetricRule {
  /** What is counted or measured. */
  readonly value: string;
  readonly aggregations: readonly Aggregation[];
  /** By name, their columns. */
  readonly dimensions: Readonly<Record<string, string>>;
}

const measured = ["AVG", "MIN", "MAX", "PERCENTILE"] as const;
const summed = ["SUM", ...measured] as const;
const ofTrace = { trace_name: "t.trace_name" };
const ofModel = { span_model_name: "s.model_name", span_model_provider: "s.model_provider" };
const tokens = (column: string): MetricRule => ({
  value: `t.${column}`,
  aggregations: summed,
  dimensions: ofTrace,
});
const cost = (column: string): MetricRule => ({ value: `s.${column}`, aggregations: summed, dimensions: ofModel });

const rules: { readonly [View in MetricView]: Readonly<Record<string, MetricRule>> } = {
  TRACES: {
    trace_count: {
      value: "t.request_id",
      aggregations: ["COUNT"],
      dimensions: { ...ofTrace, trace_status: "t.status" },
    },
    session_count: { value: "t.session_id", aggregations: ["COUNT"], dimensions: {} },
    latency: { value: "t.execution_time_ms", aggregations: measured, dimensions: ofTrace },
    input_tokens: tokens("input_tokens"),
    output_tokens: tokens("output_tokens"),
    total_tokens: tokens("total_tokens"),
    cache_read_input_tokens: tokens("cache_read_input_tokens"),
    cache_creation_input_tokens: tokens("cache_creation_input_tokens"),
  },
  SPANS: {
    span_count: {
      value: "s.span_id",
      aggregations: ["COUNT"],
      dimensions: { span_name: "s.name", span_type: "s.type", span_status: "s.status", ...ofModel },
    },
    latency: {
      value: "((s.end_time_unix_nano - s.start_time_unix_nano) / 1000000)",
      aggregations: measured,
      dimensions: { span_name: "s.name", span_status: "s.status" },
    },
    input_cost: cost("input_cost"),
    output_cost: cost("output_cost"),
    total_cost: cost("total_cost"),
  },
  ASSESSMENTS: {
    assessment_count: {
      value: "a.assessment_id",
      aggregations: ["COUNT"],
      dimensions: { assessment_name: "a.name", assessment_value: "a.value" },
    },
    assessment_value: {
      value: "a.aggregate_value",
      aggregations: measured,
      dimensions: { assessment_name: "a.name" },
    },
  },
};

export interface MetricWish {
  readonly view: MetricView;
  readonly metric: string;
  readonly aggregations: readonly Aggregation[];
  readonly dimensions: readonly string[];
}

/** @throws WireError for what there is not */
export function metricRule({ view, metric, aggregations, dimensions }: MetricWish): MetricRule {
  const known = rules[view];
  const rule = Object.hasOwn(known, metric) ? known[metric] : undefined;
  if (rule === undefined) {
    throw invalidParameter(`metric_name must be one of ${listText(Object.keys(known))}, got '${metric.slice(0, 100)}'`);
  }
  const strange = aggregations.filter((each) => !rule.aggregations.includes(each));
  if (strange.length > 0) {
    throw invalidParameter(
      `Found invalid aggregation_type(s): ${listText([...new Set(strange)].sort())}. Supported aggregation types: ${listText([...rule.aggregations].sort())}`,
    );
  }
  const unknown = dimensions.filter((each) => !Object.hasOwn(rule.dimensions, each));
  if (unknown.length > 0) {
    throw invalidParameter(
      `Found invalid dimension(s): ${listText(unknown.map((each) => each.slice(0, 100)).sort())}. Supported dimensions: ${listText(Object.keys(rule.dimensions).sort())}`,
    );
  }
  return rule;
}

function listText(names: readonly string[]): string {
  return `[${names.map((name) => `'${name}'`).join(", ")}]`;
}
