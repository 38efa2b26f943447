// What OpenTelemetry's standard environment variables ask for.
// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/

export type Environment = Readonly<Record<string, string | undefined>>;

export interface TraceSettings {
  /** The variable that asks for traces. */
  readonly asked: string;
  readonly sampler: string;
  /** 0 to 1. */
  readonly share: number;
  readonly scheduledDelayMillis: number;
  readonly maxQueueSize: number;
  readonly maxExportBatchSize: number;
  /** What is asked for and not done here. */
  readonly notes: readonly string[];
}

/** Null: nobody asks for traces. An empty variable counts as none. */
export function readTraceSettings(env: Environment): TraceSettings | null {
  const of = (name: string): string | undefined => env[name]?.trim() || undefined;
  if (of("OTEL_SDK_DISABLED")?.toLowerCase() === "true") return null;
  const exporters = of("OTEL_TRACES_EXPORTER")
    ?.split(",")
    .map((name) => name.trim());
  const known = exporters?.includes("otlp") ?? true;
  const endpoints = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];
  const asked = exporters === undefined ? endpoints.find((name) => of(name) !== undefined) : "OTEL_TRACES_EXPORTER";
  if (asked === undefined || exporters?.join() === "none") return null;
  const notes: string[] = [];
  if (!known) notes.push("OTEL_TRACES_EXPORTER names no exporter that is known here: traces are only sent by otlp.");
  const protocol = of("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") ?? of("OTEL_EXPORTER_OTLP_PROTOCOL");
  if (protocol !== undefined && protocol !== "http/json") {
    notes.push("Traces are sent as OTLP over HTTP in JSON, whatever OTEL_EXPORTER_OTLP_PROTOCOL says.");
  }
  const share = numberOf(of("OTEL_TRACES_SAMPLER_ARG"), 1);
  return {
    asked,
    sampler: known ? (of("OTEL_TRACES_SAMPLER") ?? "parentbased_always_on") : "always_off",
    share: share <= 1 ? share : 1,
    scheduledDelayMillis: numberOf(of("OTEL_BSP_SCHEDULE_DELAY"), 5000),
    maxQueueSize: numberOf(of("OTEL_BSP_MAX_QUEUE_SIZE"), 2048),
    maxExportBatchSize: numberOf(of("OTEL_BSP_MAX_EXPORT_BATCH_SIZE"), 512),
    notes,
  };
}

function numberOf(text: string | undefined, fallback: number): number {
  return text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) : fallback;
}

export interface RemoteParent {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
}

/**
 * W3C Trace Context, section 3.2: `version-traceid-parentid-flags`, lower-case hex; version ff and ids of zeros are invalid, and
 * only a version above 00 may have more behind. Anything else is no parent: a new trace begins.
 */
export function readTraceparent(header: unknown): RemoteParent | null {
  if (typeof header !== "string") return null;
  const found = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(header.trim());
  if (found === null) return null;
  const [, version, traceId = "", spanId = "", flags = "", more] = found;
  if (version === "ff" || (version === "00" && more !== undefined)) return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1 };
}
