// What a log wrote and what it could not keep, and the metrics of it.
import type { MetricFamily } from "../io/metrics/metric-family.ts";

/**
 * - `buffer_full`: events came faster than they could be written
 * - `write_failed`: the disk is full, the folder is not to be written, …
 * - `not_json`: a row that no JSON can be made of
 */
export type DropReason = "buffer_full" | "write_failed" | "not_json";

const reasons: readonly DropReason[] = ["buffer_full", "write_failed", "not_json"];

export class LogCounts {
  written = 0;
  bytes = 0;
  readonly dropped: Record<DropReason, number> = { buffer_full: 0, write_failed: 0, not_json: 0 };

  get droppedAll(): number {
    return reasons.reduce((sum, reason) => sum + this.dropped[reason], 0);
  }

  /** `log`: `prediction` or `truth`, as the metrics are named. */
  families(log: "prediction" | "truth"): readonly MetricFamily[] {
    const of = `the ${log} log`;
    return [
      {
        type: "counter",
        name: `trimaran_${log}_log_written_total`,
        help: `Events that were written to ${of}.`,
        series: [{ labels: {}, value: this.written }],
      },
      {
        type: "counter",
        name: `trimaran_${log}_log_dropped_total`,
        help: `Events that ${of} could not keep, by reason.`,
        series: reasons.map((reason) => ({ labels: { reason }, value: this.dropped[reason] })),
      },
      {
        type: "counter",
        name: `trimaran_${log}_log_written_bytes_total`,
        help: `Bytes that were written to ${of}.`,
        series: [{ labels: {}, value: this.bytes }],
      },
    ];
  }
}
