// A trace of every request that is sampled: a span of the server, and one for each phase inside of it. Spans are made when the answer
// is out, of the moments that are kept anyway, so that nothing is added to the request's own way.
import type { Context, Span, Tracer } from "@opentelemetry/api";
import type { Sampler } from "@opentelemetry/sdk-trace";
import type { FastifyReply, FastifyRequest } from "fastify";
import { trimaranError } from "../../../base/errors.ts";
import type { Log } from "../../../io/log/log.ts";
import { routeOf } from "./observer.ts";
import { readTraceparent, type TraceSettings } from "./trace-settings.ts";

export interface Traces {
  record(request: FastifyRequest, reply: FastifyReply): void;
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
    record: (request, reply) => {
      request.traceId = recordSpans(request, reply, { api, tracer });
    },
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

/** @returns the trace's id */
function recordSpans(request: FastifyRequest, reply: FastifyReply, tracing: Tracing): string {
  const { api, tracer } = tracing;
  const end = performance.now();
  const route = routeOf(request);
  const { method } = request;
  const { statusCode } = reply;
  const span = tracer.startSpan(
    route === null ? method : `${method} ${route}`,
    {
      kind: api.SpanKind.SERVER,
      startTime: performance.timeOrigin + end - reply.elapsedTime,
      attributes: { ...httpAttributes(request, route), "http.response.status_code": statusCode },
    },
    parentOf(request, api),
  );
  if (span.isRecording()) {
    if (statusCode >= 500) {
      span.setAttribute("error.type", String(statusCode));
      span.setStatus({ code: api.SpanStatusCode.ERROR });
    }
    addFlight(span, request, reply);
    recordPhases(span, request, { ...tracing, end });
  }
  span.end(performance.timeOrigin + end);
  return span.spanContext().traceId;
}

/** The semantic conventions of HTTP servers. A path is what the caller sent: only that of a known route is told, and no query. */
function httpAttributes(request: FastifyRequest, route: string | null): Record<string, string | number> {
  const { raw, protocol, hostname, port, ip } = request;
  return {
    "http.request.method": request.method,
    ...(route === null ? {} : { "http.route": route, "url.path": request.url.split("?", 1)[0]! }),
    "url.scheme": protocol,
    "network.protocol.version": raw.httpVersion,
    "server.address": hostname.slice(0, 255),
    ...(port === null || Number.isNaN(port) ? {} : { "server.port": port }),
    "client.address": ip,
  };
}

function addFlight(span: Span, { flight, id }: FastifyRequest, reply: FastifyReply): void {
  span.setAttribute("trimaran.request_id", id);
  const version = reply.getHeader("x-model-version");
  if (version !== undefined) span.setAttribute("trimaran.model_version", String(version));
  if (flight === null) return;
  if (flight.service !== "") span.setAttribute("trimaran.service", flight.service);
  if (flight.rows > 0) span.setAttribute("trimaran.rows", flight.rows);
}

function recordPhases(parent: Span, { flight }: FastifyRequest, { api, tracer, end }: Tracing & { end: number }): void {
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

function parentOf({ headers }: FastifyRequest, api: Api): Context {
  const parent = readTraceparent(headers["traceparent"]);
  if (parent === null) return api.ROOT_CONTEXT;
  const { tracestate } = headers;
  const state = typeof tracestate === "string" ? { traceState: api.createTraceState(tracestate) } : {};
  return api.trace.setSpanContext(api.ROOT_CONTEXT, { ...parent, ...state, isRemote: true });
}
