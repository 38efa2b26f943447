// Everything that a door tells on `/metrics`: its own counters, its queue, its models, its process.
import type { MetricFamily } from "../../io/metrics/metric-family.ts";
import { versionText } from "../../serving/catalog.ts";
import type { Door } from "./door.ts";

export function doorFamilies(door: Door): readonly MetricFamily[] {
  const { admission, catalog, counters } = door;
  return [
    ...counters.families(),
    ...door.statistics.families(),
    gauge("trimaran_requests_in_flight", "Requests that are being answered or wait.", door.inFlight),
    gauge("trimaran_requests_waiting", "Requests that wait for their turn.", admission.waiting),
    {
      type: "counter",
      name: "trimaran_requests_rejected_total",
      help: "Requests that were turned away because too many wait, or that nobody waited for any longer.",
      series: [
        { labels: { reason: "queue_full" }, value: admission.refused },
        { labels: { reason: "abandoned" }, value: admission.abandoned },
      ],
    },
    {
      type: "gauge",
      across: "max",
      name: "trimaran_model_info",
      help: "The models that answer now: 1 for each version.",
      series: catalog.names.flatMap((name) => {
        const service = catalog.find(name);
        if (service === undefined) return [];
        return [{ labels: { service: name, version: versionText(service), digest: service.model.digest }, value: 1 }];
      }),
    },
    ...(catalog.families?.() ?? []),
    ...door.moreFamilies(),
    ...processFamilies(),
  ];
}

/** Under the names that every Prometheus client gives them. */
function processFamilies(): readonly MetricFamily[] {
  const { user, system } = process.cpuUsage();
  const pid = String(process.pid);
  return [
    {
      type: "counter",
      name: "process_cpu_seconds_total",
      help: "Seconds of CPU that the process used.",
      series: [{ labels: { pid }, value: (user + system) / 1e6 }],
    },
    {
      type: "gauge",
      across: "max",
      name: "process_resident_memory_bytes",
      help: "Resident memory of the process.",
      series: [{ labels: { pid }, value: process.memoryUsage.rss() }],
    },
    {
      type: "gauge",
      across: "max",
      name: "process_start_time_seconds",
      help: "When the process started, in seconds since 1970.",
      series: [{ labels: { pid }, value: Math.round(performance.timeOrigin) / 1000 }],
    },
  ];
}

function gauge(name: string, help: string, value: number): MetricFamily {
  return { type: "gauge", across: "sum", name, help, series: [{ labels: {}, value }] };
}
