// What one running door keeps and shares among its routes: its phase, its services, its requests in flight, its counters.
import type { FastifyReply } from "fastify";
import { trimaranError } from "../../base/errors.ts";
import type { TruthEvent } from "../../feedback/feedback-event.ts";
import type { MetricFamily } from "../../io/metrics/metric-family.ts";
import { type Catalog, fixedCatalog } from "../../serving/catalog.ts";
import type { PredictionService } from "../../serving/prediction-service.ts";
import { Admission } from "./admission.ts";
import { WebCounters } from "./counters.ts";
import { type Dialect, ownDialect } from "./dialect.ts";
import { doneWithin } from "./done-within.ts";
import { type Flight, Flights } from "./flights.ts";
import { createIdSource } from "./identifiers.ts";
import { ModelStatistics } from "./model-statistics.ts";
import type { Observer } from "./observe/observer.ts";
import { type PublicError, toPublicError } from "./problem.ts";
import { acceptedEncodings } from "./read-body.ts";
import type { ResolvedWebOptions } from "./web-options.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** How the route says errors. */
    readonly dialect?: Dialect;
    /** The route as it is documented: `/predict/{name}`. */
    readonly template?: string;
  }
  interface FastifyRequest {
    /** Set for requests for predictions. */
    flight: Flight<FastifyReply> | null;
    /** The name of the key that it came with. */
    apiKey: string | null;
  }
}

/**
 * - `loading`: models are not there yet
 * - `ready`
 * - `draining`: answers what still comes, and closes each connection behind it
 * - `failed`: a model did not load
 */
export type Phase = "loading" | "ready" | "draining" | "failed";

/** A request that is answered without Fastify. */
export interface BareCall {
  fail(error: unknown): void;
}

/** What an error is on the wire. */
export interface ErrorReply {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly text: string;
}

/** Keeps what turned out to be true. */
export interface TruthSink {
  /** @returns whether all of it is on file */
  write(deployment: string, events: readonly TruthEvent[]): Promise<boolean>;
}

export class Door {
  readonly options: ResolvedWebOptions;
  readonly counters: WebCounters = new WebCounters();
  readonly statistics: ModelStatistics = new ModelStatistics();
  readonly flights: Flights<FastifyReply | BareCall>;
  readonly admission: Admission;
  readonly nextId: () => string = createIdSource();
  readonly #started = Promise.withResolvers<void>();
  #isOpen = false;
  phase: Phase = "loading";
  /** While draining: for a moment connections are kept, so that nobody is on the way to a port that is about to be closed. */
  isSettling = false;
  catalog: Catalog = fixedCatalog([]);
  /** Calls that came over gRPC, and those of them that are being answered. */
  grpc: { readonly calls: number; readonly inFlight: number } | null = null;
  /** Set before the routes are made. */
  observer: Observer | null = null;
  /** Where `/feedback` goes. */
  truth: TruthSink | null = null;
  /** What is measured beside the door's own: logs. */
  moreFamilies: () => readonly MetricFamily[] = () => [];

  constructor(options: ResolvedWebOptions) {
    this.options = options;
    this.flights = new Flights<FastifyReply | BareCall>(options.requestTimeoutMs, (owner, limitMs) => {
      const error = trimaranError("REQUEST_TIMEOUT", { limitMs });
      if ("fail" in owner) owner.fail(error);
      else this.sendError(owner, error);
    });
    this.admission = new Admission(options);
  }

  /** Requests of every protocol that are being answered or wait. */
  get inFlight(): number {
    return this.flights.count + (this.grpc?.inFlight ?? 0);
  }

  /** What is served is there; callers are answered from `start` on. */
  open(catalog: Catalog): void {
    this.catalog = catalog;
    this.#isOpen = true;
  }

  /** Where several processes answer, each begins when all of them can. */
  start(): void {
    if (this.phase === "loading") this.phase = "ready";
    this.#started.resolve();
  }

  /** It could answer, and waits for the others: one of them may have heard already that all are there. */
  get isAboutToStart(): boolean {
    return this.#isOpen && this.phase === "loading";
  }

  /** Resolves when it has started, or after a moment. */
  async aboutToStart(): Promise<void> {
    await doneWithin(this.#started.promise, startMs);
  }

  /**
   * The service of that name and version; without a name the first, without a version the current one.
   * @throws SERVICE_NOT_READY, REQUEST_NO_SERVICE, REQUEST_NO_VERSION
   */
  service(name?: string, version?: string): PredictionService {
    const { catalog } = this;
    if (this.phase === "loading") throw trimaranError("SERVICE_NOT_READY", { state: "loading" });
    const service = catalog.find(name, version);
    if (service !== undefined) return service;
    const known = name === undefined ? catalog.names[0] : catalog.names.find((candidate) => candidate === name);
    if (known === undefined) {
      if (this.phase !== "ready") throw trimaranError("SERVICE_NOT_READY", { state: this.phase });
      throw trimaranError("REQUEST_NO_SERVICE", { name: name ?? "at all" });
    }
    if (version !== undefined && catalog.find(known) !== undefined) {
      throw trimaranError("REQUEST_NO_VERSION", { name: known, version });
    }
    throw trimaranError("SERVICE_NOT_READY", { state: "unloaded" });
  }

  /** Sends text or bytes whose type and own headers are set. */
  send(reply: FastifyReply, status: number, text: string | Buffer): void {
    const { flight, routeOptions } = reply.request;
    this.count(flight ?? null, (routeOptions.config?.dialect ?? ownDialect).name, status);
    if (this.closesConnections) reply.header("connection", "close");
    reply.header("x-request-id", reply.request.id).code(status).send(text);
  }

  /** An answer closes its connection: others take new ones. */
  get closesConnections(): boolean {
    return this.phase === "draining" && !this.isSettling;
  }

  /** An answer that is about to be sent. */
  count(flight: Flight<unknown> | null, dialect: string, status: number): void {
    const { counters } = this;
    const series = counters.of(flight?.service ?? "", dialect);
    counters.countAnswer(series, status);
    if (flight !== null && !flight.streaming) {
      const now = performance.now();
      counters.recordTimes(series, flight, now);
      this.recordInference(flight, status < 400, now);
    }
  }

  /** For the statistics of the model that was asked, whatever the door and the dialect. */
  recordInference(flight: Omit<Flight<unknown>, "owner">, isAnswered: boolean, now: number = performance.now()): void {
    if (flight.service === "") return;
    const version = flight.version === "" ? (this.catalog.versions(flight.service)[0] ?? "1") : flight.version;
    this.statistics.record(flight, version, { isAnswered, now });
  }

  /** An answer in parts, when its last part is sent. */
  countStream(flight: Flight<FastifyReply>): void {
    const { counters } = this;
    const series = counters.of(flight.service, ownDialect.name);
    counters.countAnswer(series, 200);
    counters.recordTimes(series, flight);
  }

  sendJson(reply: FastifyReply, status: number, value: unknown): void {
    this.send(reply.header("content-type", "application/json; charset=utf-8"), status, JSON.stringify(value));
  }

  /** Sends any error in the route's own dialect; where there is no route, in `elsewhere`. */
  sendError(reply: FastifyReply, error: unknown, elsewhere: Dialect = ownDialect): void {
    const dialect = reply.request.routeOptions?.config?.dialect ?? elsewhere;
    const { status, headers, text } = this.errorReply(error, reply.request.id, dialect);
    for (const [name, value] of headers) reply.header(name, value);
    this.send(reply, status, text);
  }

  /** Tells `onFault` of what is ours. */
  errorReply(error: unknown, requestId: string, dialect: Dialect): ErrorReply {
    const shown = this.show(error, requestId);
    const { status, type, text } = dialect.errorReply(shown, requestId);
    const headers: [string, string][] = [["content-type", type]];
    if (shown.status === 503) headers.push(["retry-after", String(this.admission.retrySeconds)]);
    if (shown.status === 401) headers.push(["www-authenticate", "Bearer"]);
    if (shown.code === "REQUEST_ENCODING") headers.push(["accept-encoding", acceptedEncodings]);
    return { status, headers, text };
  }

  /** What of an error may be told; tells `onFault` of those that are ours. */
  show(error: unknown, requestId: string): PublicError {
    const shown = toPublicError(error);
    this.counters.countRefusal(shown.code);
    if (shown.status === 500) {
      this.counters.faults++;
      this.options.onFault({ requestId, error });
    }
    return shown;
  }
}

/** What a word of the supervisor may take to be heard by all. */
const startMs = 500;
