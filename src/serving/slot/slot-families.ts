// What versions have answered, as metrics: by service, version and role, so that a shadow or a canary is seen beside its champion.
import type { Labels, MetricFamily } from "../../io/metrics/metric-family.ts";
import { latencyBoundsMs, type VersionCounts } from "./version-counts.ts";

type Counted = "calls" | "rows" | "issues" | "errors" | "dropped";

const counters: { readonly [Name in Counted]: readonly [name: string, help: string] } = {
  calls: ["trimaran_version_calls_total", "Calls that a version answered."],
  rows: ["trimaran_version_rows_total", "Rows that a version was given in calls that it answered."],
  issues: ["trimaran_version_row_errors_total", "Rows that a version gave no answer for."],
  errors: ["trimaran_version_failures_total", "Calls that a version failed."],
  dropped: ["trimaran_shadow_dropped_total", "Copies of calls that a shadow did not get because it was behind."],
};

export function slotFamilies(counts: readonly VersionCounts[]): readonly MetricFamily[] {
  const each = Object.entries(counters) as [Counted, readonly [string, string]][];
  return [
    ...each.map(([key, [name, help]]): MetricFamily => {
      const series = counts.map((count) => ({ labels: labelsOf(count), value: count[key] }));
      return { type: "counter", name, help, series };
    }),
    {
      type: "gauge",
      across: "sum",
      name: "trimaran_version_in_flight",
      help: "Calls that a version is answering.",
      series: counts.map((count) => ({ labels: labelsOf(count), value: count.inFlight })),
    },
    {
      type: "histogram",
      name: "trimaran_version_latency_seconds",
      help: "How long a version takes to answer a call.",
      series: counts.map((count) => ({
        labels: labelsOf(count),
        bounds: latencyBoundsMs.map((bound) => bound / 1000),
        counts: count.latency,
        sum: count.latencySumMs / 1000,
      })),
    },
  ];
}

function labelsOf({ name, version, role }: VersionCounts): Labels {
  return { service: name, version, role };
}
