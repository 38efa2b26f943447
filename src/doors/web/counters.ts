// What a running door measures. Recording is a few additions on objects that are there already; names and texts are made when
// somebody asks.
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Warning } from "../../data/batch.ts";
import { durationBounds, Histogram, sizeBounds } from "../../io/metrics/histogram.ts";
import type { HistogramSeries, Labels, MetricFamily, NumberSeries } from "../../io/metrics/metric-family.ts";

/** Beyond this many different (service, code, field) the rest is counted under the field `*`: names may be hostile. */
const maxWarningSeries = 1000;

/** How often the event loop is looked at. */
const delayMs = 20;

export const lagName = "trimaran_event_loop_lag_seconds";

export interface WarningCount extends Warning {
  readonly service: string;
}

/** Where the time of a request goes. `total` is from the last byte of the request to the answer. */
const phases = ["queue", "decode", "predict", "encode", "total"] as const;
type Phase = (typeof phases)[number];

/** What is counted of one service in one dialect. */
export class ServiceMetrics {
  readonly service: string;
  readonly dialect: string;
  readonly answers: Map<number, number> = new Map();
  readonly durations: { readonly [Each in Phase]: Histogram };
  readonly rows: Histogram = new Histogram(sizeBounds);

  constructor(service: string, dialect: string) {
    this.service = service;
    this.dialect = dialect;
    const histogram = (): Histogram => new Histogram(durationBounds);
    this.durations = {
      queue: histogram(),
      decode: histogram(),
      predict: histogram(),
      encode: histogram(),
      total: histogram(),
    };
  }
}

/** The moments of a request, in `performance.now()`; 0 where it did not come so far. */
export interface Moments {
  readonly since: number;
  readonly started: number;
  readonly decoded: number;
  readonly predicted: number;
  readonly rows: number;
}

export class WebCounters {
  /** Failures that were ours. */
  faults = 0;
  /** Refusals by error code. */
  readonly #refusals = new Map<string, number>();
  /** By dialect and service. */
  readonly #series = new Map<string, Map<string, ServiceMetrics>>();
  readonly #warnings = new Map<string, WarningCount>();
  readonly #delay: ReturnType<typeof monitorEventLoopDelay> = monitorEventLoopDelay({ resolution: delayMs });

  constructor() {
    this.#delay.enable();
  }

  close(): void {
    this.#delay.disable();
  }

  /** Every warning that was answered, summed up by service, code and field. */
  get warnings(): readonly WarningCount[] {
    return [...this.#warnings.values()];
  }

  /** Answers by HTTP status. */
  get answers(): ReadonlyMap<number, number> {
    const sums = new Map<number, number>();
    for (const { answers } of this.#all()) {
      for (const [status, count] of answers) sums.set(status, (sums.get(status) ?? 0) + count);
    }
    return sums;
  }

  /** Every answer in that dialect. */
  countOf(dialect: string): number {
    let sum = 0;
    for (const { answers } of this.#series.get(dialect)?.values() ?? [])
      for (const count of answers.values()) sum += count;
    return sum;
  }

  /** `service` is one that is served, or empty where the request named none. */
  of(service: string, dialect: string): ServiceMetrics {
    const services = this.#series.get(dialect) ?? new Map<string, ServiceMetrics>();
    const known = services.get(service);
    if (known !== undefined) return known;
    const series = new ServiceMetrics(service, dialect);
    this.#series.set(dialect, services.set(service, series));
    return series;
  }

  countAnswer(series: ServiceMetrics, status: number): void {
    series.answers.set(status, (series.answers.get(status) ?? 0) + 1);
  }

  recordTimes({ durations, rows }: ServiceMetrics, moments: Moments, now: number = performance.now()): void {
    const { since, started, decoded, predicted } = moments;
    durations.total.record((now - since) / 1000);
    if (started > 0) durations.queue.record((started - since) / 1000);
    if (decoded > 0) durations.decode.record((decoded - started) / 1000);
    if (predicted > 0) {
      durations.predict.record((predicted - decoded) / 1000);
      durations.encode.record((now - predicted) / 1000);
    }
    if (moments.rows > 0) rows.record(moments.rows);
  }

  countRefusal(code: string): void {
    this.#refusals.set(code, (this.#refusals.get(code) ?? 0) + 1);
  }

  countWarnings(service: string, warnings: readonly Warning[]): void {
    for (const { code, field, count } of warnings) {
      let name = field;
      let key = `${service}\n${code}\n${name}`;
      if (!this.#warnings.has(key) && this.#warnings.size >= maxWarningSeries) {
        name = "*";
        key = `${service}\n${code}\n*`;
      }
      const known = this.#warnings.get(key);
      this.#warnings.set(key, { service, code, field: name, count: (known?.count ?? 0) + count });
    }
  }

  #all(): readonly ServiceMetrics[] {
    return [...this.#series.values()].flatMap((services) => [...services.values()]);
  }

  families(): readonly MetricFamily[] {
    const series = this.#all();
    const byPhase = series.flatMap(({ service, dialect, durations }) =>
      phases.map((phase) => histogramSeries({ service, dialect, phase }, durations[phase])),
    );
    const answers = series.flatMap(({ service, dialect, answers }) =>
      [...answers].map(
        ([status, value]): NumberSeries => ({ labels: { service, dialect, status: String(status) }, value }),
      ),
    );
    const rows = series.map(({ service, dialect, rows }) => histogramSeries({ service, dialect }, rows));
    return [
      counter("trimaran_requests_total", "Requests that were answered, by HTTP status.", answers),
      {
        type: "histogram",
        name: "trimaran_request_duration_seconds",
        help: "Seconds from the last byte of a request to its answer, and where they went.",
        series: byPhase.filter(isUsed),
      },
      { type: "histogram", name: "trimaran_batch_rows", help: "Rows of a request.", series: rows.filter(isUsed) },
      counter(
        "trimaran_errors_total",
        "Requests that were answered with an error, by its code.",
        [...this.#refusals].map(([code, value]) => ({ labels: { code }, value })),
      ),
      counter("trimaran_faults_total", "Failures of the service itself.", [{ labels: {}, value: this.faults }]),
      counter(
        "trimaran_warnings_total",
        "Warnings about rows that were answered: categories that the model never saw, fields that nobody declared.",
        this.warnings.map(({ service, code, field, count }) => ({ labels: { service, code, field }, value: count })),
      ),
      this.#lag(),
    ];
  }

  /** Since the last time it was asked for, so that a pause is seen once. */
  #lag(): MetricFamily {
    const [mean, p99, max] = [this.#delay.mean, this.#delay.percentile(99), this.#delay.max];
    this.#delay.reset();
    // What is measured is the time between two looks, which is meant to be that long.
    const seconds = (nanoseconds: number): number =>
      Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e9 - delayMs / 1000) : 0;
    return {
      type: "gauge",
      across: "max",
      name: lagName,
      help: "How late the event loop was since the last scrape; of several workers the latest.",
      series: [
        { labels: { stat: "mean" }, value: seconds(mean) },
        { labels: { stat: "p99" }, value: seconds(p99) },
        { labels: { stat: "max" }, value: seconds(max) },
      ],
    };
  }
}

function counter(name: string, help: string, series: readonly NumberSeries[]): MetricFamily {
  return { type: "counter", name, help, series };
}

function histogramSeries(labels: Labels, { bounds, counts, sum }: Histogram): HistogramSeries {
  return { labels, bounds, counts: [...counts], sum };
}

function isUsed({ counts }: HistogramSeries): boolean {
  return counts.some((count) => count > 0);
}
