// What came over the truth topic.
import type { MetricFamily } from "../../../io/metrics/metric-family.ts";

export class TruthCounters {
  taken = 0;
  refused = 0;

  families(): readonly MetricFamily[] {
    const counter = (name: string, help: string, value: number): MetricFamily => ({
      type: "counter",
      name,
      help,
      series: [{ labels: {}, value }],
    });
    return [
      counter(
        "trimaran_stream_truth_total",
        "Records of the truth topic that were written to the truth log.",
        this.taken,
      ),
      counter("trimaran_stream_truth_refused_total", "Records of the truth topic that are no truth.", this.refused),
    ];
  }
}
