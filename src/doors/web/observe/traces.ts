// A trace of every request that is sampled: a span of the server, and one for each phase inside of it. Spans are made when the answer
// is out, of the moments that are kept anyway, so that nothing is added to the request's own way.
import type { Context, Span, Tracer } from "@opentelemetry/api";
import type { Sampler } from "@opentelemetry/sdk-trace";
import { trimaranError } from "../../../base/errors.ts";
import type { Log } from "../../../io/log/log.ts";
import type { AnsweredCall } from "./observer.ts";
import { readTraceparent, type TraceSettings } from "./trace-settings.ts";

export interface Traces {
  /** @returns the trace's id */
  record(call: AnsweredCall): string;
  /** Sends what waits, and waits for a collector no longer than that. */
  close(timeoutMs: number): Promise<void>;
}

const packages = [
  "@opentelemetry/api",
  "@opentelemetry/sdk-trace",
  "@opentelemetry/exporter-trace-otlp-http",
  "@opentelemetry/resources",
].join(" ");

/** @throws TRACES_NOT_INSTALLED */
export async function openTraces(settings: TraceSettings, log: Log): Promise<Traces> {
  const loaded = await load().catch((cause: unknown) => {
    throw trimaranError("TRACES_NOT_INSTALLED", { name: settings.asked, packages }, { cause });
  });
  const { api, sdk, otlp, resources } = loaded;
  for (const note of settings.notes) log.write("warn", note);
  const warn = (text: string): void => log.write("warn", `Traces: ${text.slice(0, 300)}`);
  const quiet = (): void => {};
  // A collector that does not answer is told here, and nowhere else.
  api.diag.setLogger({ error: warn, warn, info: quiet, debug: quiet, verbose: quiet }, api.DiagLogLevel.WARN);
  const { scheduledDelayMillis, maxQueueSize, maxExportBatchSize } = settings;
  const exporter = new otlp.OTLPTraceExporter();
  const processor = new sdk.BatchSpanProcessor({ exporter, scheduledDelayMillis, maxQueueSize, maxExportBatchSize });
  const named = resources.resourceFromAttributes({ "service.name": "trimaran", "process.pid": process.pid });
  const said = resources.detectResources({ detectors: [resources.envDetector] });
  const provider = new sdk.TracerProvider({
    resource: resources.defaultResource().merge(named).merge(said),
    sampler: samplerOf(settings, sdk),
    spanProcessors: [processor],
  });
  const tracer = provider.getTracer("trimaran");
  return {
    record: (call) => recordSpans(call, { api, tracer }),
    close: async (timeoutMs) => {
      const late = new Promise<void>((resolve) => setTimeout(resolve, timeoutMs).unref());
      await Promise.race([provider.shutdown().catch(() => {}), late]);
    },
  };
}

type Api = typeof import("@opentelemetry/api");
type Sdk = typeof import("@opentelemetry/sdk-trace");

async function load(): Promise<{
  readonly api: Api;
  readonly sdk: Sdk;
  readonly otlp: typeof import("@opentelemetry/exporter-trace-otlp-http");
  readonly resources: typeof import("@opentelemetry/resources");
}> {
  const [api, sdk, otlp, resources] = await Promise.all([
    import("@opentelemetry/api"),
    import("@opentelemetry/sdk-trace"),
    import("@opentelemetry/exporter-trace-otlp-http"),
    import("@opentelemetry/resources"),
  ]);
  return { api, sdk, otlp, resources };
}

function samplerOf({ sampler, share }: TraceSettings, sdk: Sdk): Sampler {
  const root = sampler.endsWith("always_off")
    ? new sdk.AlwaysOffSampler()
    : sampler.endsWith("traceidratio")
      ? new sdk.TraceIdRatioBasedSampler(share)
      : new sdk.AlwaysOnSampler();
  return sampler.startsWith("parentbased_") ? new sdk.ParentBasedSampler({ root }) : root;
}

interface Tracing {
  readonly api: Api;
  readonly tracer: Tracer;
}

function recordSpans(call: AnsweredCall, tracing: Tracing): string {
  const { api, tracer } = tracing;
  const end = performance.now();
  const { status, grpcStatus } = call;
  const answer = grpcStatus === null ? { "http.response.status_code": status } : { "rpc.grpc.status_code": grpcStatus };
  const span = tracer.startSpan(
    nameOf(call),
    {
      kind: api.SpanKind.SERVER,
      startTime: performance.timeOrigin + end - call.elapsedMs,
      attributes: { ...call.attributes(), ...answer },
    },
    parentOf(call, api),
  );
  if (span.isRecording()) {
    if (status >= 500) {
      span.setAttribute("error.type", String(grpcStatus ?? status));
      span.setStatus({ code: api.SpanStatusCode.ERROR });
    }
    addFlight(span, call);
    recordPhases(span, call, { ...tracing, end });
  }
  span.end(performance.timeOrigin + end);
  return span.spanContext().traceId;
}

/** `POST /predict`; of gRPC `inference.GRPCInferenceService/ModelInfer`. */
function nameOf({ method, route, grpcStatus }: AnsweredCall): string {
  if (route === null) return method;
  return grpcStatus === null ? `${method} ${route}` : route.slice(1);
}

function addFlight(span: Span, { flight, requestId, modelVersion }: AnsweredCall): void {
  span.setAttribute("trimaran.request_id", requestId);
  if (modelVersion !== null) span.setAttribute("trimaran.model_version", modelVersion);
  if (flight === null) return;
  if (flight.service !== "") span.setAttribute("trimaran.service", flight.service);
  if (flight.rows > 0) span.setAttribute("trimaran.rows", flight.rows);
}

function recordPhases(parent: Span, { flight }: AnsweredCall, { api, tracer, end }: Tracing & { end: number }): void {
  if (flight === null) return;
  const context = api.trace.setSpan(api.ROOT_CONTEXT, parent);
  const { since, started, decoded, predicted } = flight;
  const phases: readonly (readonly [name: string, from: number, to: number])[] = [
    ["queue", since, started],
    ["decode", started, decoded],
    ["predict", decoded, predicted],
    ["encode", predicted, end],
  ];
  for (const [name, from, to] of phases) {
    // It did not come so far.
    if (from === 0 || to === 0) return;
    const startTime = performance.timeOrigin + from;
    tracer.startSpan(name, { startTime }, context).end(performance.timeOrigin + to);
  }
}

function parentOf({ traceparent, tracestate }: AnsweredCall, api: Api): Context {
  const parent = readTraceparent(traceparent);
  if (parent === null) return api.ROOT_CONTEXT;
  const state = typeof tracestate === "string" ? { traceState: api.createTraceState(tracestate) } : {};
  return api.trace.setSpanContext(api.ROOT_CONTEXT, { ...parent, ...state, isRemote: true });
}
