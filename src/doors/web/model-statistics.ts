// What each version of each model has answered, and where the time went: the statistics extension of the Open Inference Protocol.
// Kept as metrics, so that several processes are summed up as all metrics are.
import type { MetricFamily, NumberSeries } from "../../io/metrics/metric-family.ts";

/** Where the nanoseconds of an inference go, as Triton divides them. */
export const spans = ["success", "fail", "queue", "compute_input", "compute_infer", "compute_output"] as const;
export type Span = (typeof spans)[number];

export interface Duration {
  readonly count: number;
  readonly ns: number;
}

export interface VersionStatistics {
  readonly name: string;
  readonly version: string;
  /** Milliseconds since 1970; 0 before the first. */
  readonly lastInferenceMs: number;
  /** Rows that were answered. */
  readonly rows: number;
  readonly spans: { readonly [Each in Span]: Duration };
}

/** A request as it went; moments are 0 where it did not come so far. */
export interface Inference {
  readonly service: string;
  readonly rows: number;
  readonly since: number;
  readonly started: number;
  readonly decoded: number;
  readonly predicted: number;
}

interface Sums {
  readonly name: string;
  readonly version: string;
  last: number;
  rows: number;
  readonly counts: Record<Span, number>;
  readonly ms: Record<Span, number>;
}

const zero = (): Record<Span, number> => ({
  success: 0,
  fail: 0,
  queue: 0,
  compute_input: 0,
  compute_infer: 0,
  compute_output: 0,
});

/** Versions come and go: those that were not asked for longest are forgotten first. */
const maxVersions = 1000;

export class ModelStatistics {
  readonly #versions = new Map<string, Sums>();
  /** Nearly always the one that is asked next. */
  #latest: Sums | null = null;

  /** `now`: when it was answered. */
  record(inference: Inference, version: string, { isAnswered, now }: { isAnswered: boolean; now: number }): void {
    const { service, rows, since, started, decoded, predicted } = inference;
    const latest = this.#latest;
    const sums = latest?.name === service && latest.version === version ? latest : this.#of(service, version);
    this.#latest = sums;
    add(sums, isAnswered ? "success" : "fail", now - since);
    if (!isAnswered) return;
    sums.last = Date.now();
    sums.rows += rows;
    add(sums, "queue", started - since);
    add(sums, "compute_input", decoded - started);
    add(sums, "compute_infer", predicted - decoded);
    add(sums, "compute_output", now - predicted);
  }

  families(): readonly MetricFamily[] {
    const all = [...this.#versions.values()];
    const bySpan = (value: (sums: Sums, span: Span) => number): readonly NumberSeries[] =>
      all.flatMap((sums) =>
        spans.map((span) => ({
          labels: { service: sums.name, version: sums.version, span },
          value: value(sums, span),
        })),
      );
    const byVersion = (value: (sums: Sums) => number): readonly NumberSeries[] =>
      all.map((sums) => ({ labels: { service: sums.name, version: sums.version }, value: value(sums) }));
    return [
      {
        type: "counter",
        name: names.rows,
        help: "Rows that a version of a model answered.",
        series: byVersion(({ rows }) => rows),
      },
      {
        type: "counter",
        name: names.count,
        help: "Requests that a version of a model answered or failed, by the parts of their time.",
        series: bySpan(({ counts }, span) => counts[span]),
      },
      {
        type: "counter",
        name: names.seconds,
        help: "Seconds of those requests, by part.",
        series: bySpan(({ ms }, span) => ms[span] / 1000),
      },
      {
        type: "gauge",
        across: "max",
        name: names.last,
        help: "When a version of a model answered last, in seconds since 1970.",
        series: byVersion(({ last }) => last / 1000),
      },
    ];
  }

  #of(name: string, version: string): Sums {
    const key = `${name}\n${version}`;
    let sums = this.#versions.get(key);
    if (sums === undefined) {
      if (this.#versions.size >= maxVersions) this.#versions.delete(this.#versions.keys().next().value ?? "");
      sums = { name, version, last: 0, rows: 0, counts: zero(), ms: zero() };
      this.#versions.set(key, sums);
    }
    return sums;
  }
}

function add({ counts, ms }: Sums, span: Span, spent: number): void {
  counts[span]++;
  if (spent > 0) ms[span] += spent;
}

const names = {
  rows: "trimaran_model_rows_total",
  count: "trimaran_model_requests_total",
  seconds: "trimaran_model_request_seconds_total",
  last: "trimaran_model_last_inference_timestamp_seconds",
} as const;

/** Back from the metrics of all processes. */
export function readStatistics(families: readonly MetricFamily[]): readonly VersionStatistics[] {
  const found = new Map<string, Sums>();
  for (const family of families) {
    if (family.type === "histogram" || !(Object.values(names) as readonly string[]).includes(family.name)) continue;
    for (const { labels, value } of family.series) {
      const { service: name = "", version = "", span } = labels;
      const key = `${name}\n${version}`;
      const sums = found.get(key) ?? { name, version, last: 0, rows: 0, counts: zero(), ms: zero() };
      found.set(key, sums);
      if (family.name === names.rows) sums.rows += value;
      else if (family.name === names.last) sums.last = Math.max(sums.last, value * 1000);
      else if (family.name === names.count) sums.counts[span as Span] += value;
      else sums.ms[span as Span] += value * 1000;
    }
  }
  return [...found.values()].map(({ name, version, last, rows, counts, ms }) => ({
    name,
    version,
    lastInferenceMs: Math.round(last),
    rows,
    spans: Object.fromEntries(
      spans.map((span) => [span, { count: counts[span], ns: Math.round(ms[span] * 1e6) }]),
    ) as unknown as VersionStatistics["spans"],
  }));
}
