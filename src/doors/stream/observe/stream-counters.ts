// What a running stream measures, as metric families.
import type { Warning } from "../../../data/batch.ts";
import { durationBounds, Histogram, sizeBounds } from "../../../io/metrics/histogram.ts";
import type { HistogramSeries, Labels, MetricFamily, NumberSeries } from "../../../io/metrics/metric-family.ts";
import type { StreamEvents, TopicPartition } from "../port.ts";

export interface CountedBatch extends TopicPartition {
  readonly records: number;
  readonly poison: number;
  /** From the records to what is written for them. */
  readonly handledMs: number;
  /** The earliest timestamp of its records, in milliseconds since 1970. */
  readonly oldest: number;
}

/** Names may be hostile. */
const maxWarningSeries = 1000;
const maxEndToEndSeconds = 7 * 86_400;

export class StreamCounters {
  readonly #partitions = new Map<
    string,
    { readonly at: TopicPartition; records: number; poison: number; lag: number }
  >();
  readonly #handled = new Histogram(durationBounds);
  readonly #committed = new Histogram(durationBounds);
  readonly #endToEnd = new Histogram(durationBounds);
  readonly #rows = new Histogram(sizeBounds);
  readonly #warnings = new Map<string, { readonly labels: Labels; count: number }>();
  readonly #aborts = new Map<string, number>();
  #rebalances = 0;
  #waits = 0;
  /** When the last batch stood, in `performance.now()`. */
  lastCommit: number | null = null;

  get records(): number {
    return this.#sum((each) => each.records);
  }

  get poison(): number {
    return this.#sum((each) => each.poison);
  }

  get lag(): number {
    return this.#sum((each) => each.lag);
  }

  get aborted(): number {
    return [...this.#aborts.values()].reduce((sum, each) => sum + each, 0);
  }

  /** When all of it stands. */
  countBatch({ topic, partition, records, poison, handledMs, oldest }: CountedBatch): void {
    const known = this.#of({ topic, partition });
    known.records += records;
    known.poison += poison;
    this.#handled.record(handledMs / 1000);
    this.#rows.record(records);
    const seconds = (Date.now() - oldest) / 1000;
    if (seconds >= 0 && seconds < maxEndToEndSeconds) this.#endToEnd.record(seconds);
    this.lastCommit = performance.now();
  }

  countWarnings(warnings: readonly Warning[]): void {
    for (const { code, field, count } of warnings) {
      const name = this.#warnings.size < maxWarningSeries ? field : "*";
      const key = `${code}\n${name}`;
      const known = this.#warnings.get(key) ?? { labels: { code, field: name }, count: 0 };
      known.count += count;
      this.#warnings.set(key, known);
    }
  }

  countWait(): void {
    this.#waits++;
  }

  /** For an engine. */
  events(note: (text: string) => void): StreamEvents {
    return {
      rebalanced: ({ assigned, revoked }) => {
        this.#rebalances++;
        for (const { topic, partition } of revoked) {
          const known = this.#partitions.get(`${topic}/${partition}`);
          if (known !== undefined) known.lag = 0;
        }
        for (const at of assigned) this.#of(at);
      },
      lag: (at, records) => {
        this.#of(at).lag = records;
      },
      committed: (_, { milliseconds }) => this.#committed.record(milliseconds / 1000),
      aborted: (_, code) => void this.#aborts.set(code, (this.#aborts.get(code) ?? 0) + 1),
      note,
    };
  }

  families(): readonly MetricFamily[] {
    const partitions = [...this.#partitions.values()];
    const by = (value: (each: (typeof partitions)[number]) => number): readonly NumberSeries[] =>
      partitions.map((each) => ({ labels: labelsOf(each.at), value: value(each) }));
    return [
      counter(
        "trimaran_stream_records_total",
        "Records that were read and are done.",
        by((each) => each.records),
      ),
      counter(
        "trimaran_stream_poison_total",
        "Records that went to the dead letters.",
        by((each) => each.poison),
      ),
      {
        type: "gauge",
        across: "sum",
        name: "trimaran_stream_lag",
        help: "Records that wait behind the position of the group.",
        series: by((each) => each.lag),
      },
      histogram(
        "trimaran_stream_processing_seconds",
        "From a batch's records to what is written for them.",
        this.#handled,
      ),
      histogram(
        "trimaran_stream_commit_seconds",
        "Writing a batch and moving the position, in one step.",
        this.#committed,
      ),
      histogram(
        "trimaran_stream_end_to_end_seconds",
        "From the timestamp of a batch's oldest record to its commit.",
        this.#endToEnd,
      ),
      histogram("trimaran_stream_batch_records", "Records of a batch.", this.#rows),
      counter("trimaran_stream_rebalances_total", "How often partitions were given or taken.", [
        { labels: {}, value: this.#rebalances },
      ]),
      counter(
        "trimaran_stream_transactions_aborted_total",
        "Transactions that were given up; their records came again.",
        [...this.#aborts].map(([code, value]) => ({ labels: { code }, value })),
      ),
      counter("trimaran_stream_waits_total", "How often something temporary was waited for.", [
        { labels: {}, value: this.#waits },
      ]),
      counter(
        "trimaran_stream_warnings_total",
        "Warnings about records that were answered: categories that the model never saw, fields that nobody declared.",
        [...this.#warnings.values()].map(({ labels, count }) => ({ labels, value: count })),
      ),
    ];
  }

  #of(at: TopicPartition): { readonly at: TopicPartition; records: number; poison: number; lag: number } {
    const key = `${at.topic}/${at.partition}`;
    let known = this.#partitions.get(key);
    if (known === undefined) {
      known = { at: { topic: at.topic, partition: at.partition }, records: 0, poison: 0, lag: 0 };
      this.#partitions.set(key, known);
    }
    return known;
  }

  #sum(value: (each: { readonly records: number; readonly poison: number; readonly lag: number }) => number): number {
    return [...this.#partitions.values()].reduce((sum, each) => sum + value(each), 0);
  }
}

function labelsOf({ topic, partition }: TopicPartition): Labels {
  return { topic, partition: String(partition) };
}

function counter(name: string, help: string, series: readonly NumberSeries[]): MetricFamily {
  return { type: "counter", name, help, series };
}

function histogram(name: string, help: string, { bounds, counts, sum }: Histogram): MetricFamily {
  const series: HistogramSeries = { labels: {}, bounds, counts: [...counts], sum };
  return { type: "histogram", name, help, series: counts.some((count) => count > 0) ? [series] : [] };
}
