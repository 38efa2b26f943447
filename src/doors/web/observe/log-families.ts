// The metrics of a worker's own lines: with the access log on, a reader that is too slow loses some.
import type { Log } from "../../../io/log/log.ts";
import type { MetricFamily } from "../../../io/metrics/metric-family.ts";

export function logFamilies({ written, dropped }: Log): readonly MetricFamily[] {
  return [
    {
      type: "counter",
      name: "trimaran_log_lines_total",
      help: "Lines of the service's log, access log included.",
      series: [{ labels: {}, value: written }],
    },
    {
      type: "counter",
      name: "trimaran_log_lines_dropped_total",
      help: "Lines that were not written because nobody read them fast enough.",
      series: [{ labels: {}, value: dropped }],
    },
  ];
}
