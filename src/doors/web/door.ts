// What one running door keeps and shares among its routes: its phase, its services, its requests in flight, its counters.
import type { FastifyReply } from "fastify";
import { trimaranError } from "../../base/errors.ts";
import type { PredictionService } from "../../serving/prediction-service.ts";
import { WebCounters } from "./counters.ts";
import { Flights } from "./flights.ts";
import { createIdSource } from "./identifiers.ts";
import { type PublicError, problemText, problemType, toPublicError } from "./problem.ts";
import { acceptedEncodings } from "./read-body.ts";
import type { ResolvedWebOptions } from "./web-options.ts";

/**
 * - `loading`: models are not there yet
 * - `ready`
 * - `draining`: answers what still comes, and closes each connection behind it
 * - `failed`: a model did not load
 */
export type Phase = "loading" | "ready" | "draining" | "failed";

export class Door {
  readonly options: ResolvedWebOptions;
  readonly counters: WebCounters = new WebCounters();
  readonly flights: Flights<FastifyReply>;
  readonly nextId: () => string = createIdSource();
  phase: Phase = "loading";
  /** The first one answers the short routes. */
  services: readonly PredictionService[] = [];

  constructor(options: ResolvedWebOptions) {
    this.options = options;
    const limitMs = options.requestTimeoutMs;
    this.flights = new Flights(limitMs, (reply) =>
      this.sendError(reply, trimaranError("REQUEST_TIMEOUT", { limitMs })),
    );
  }

  /** @throws SERVICE_NAME_TAKEN */
  open(services: readonly PredictionService[]): void {
    const names = new Set<string>();
    for (const { name } of services) {
      if (names.has(name)) throw trimaranError("SERVICE_NAME_TAKEN", { name });
      names.add(name);
    }
    this.services = services;
    if (this.phase === "loading") this.phase = "ready";
  }

  /**
   * The service of that name; without a name the first.
   * @throws SERVICE_NOT_READY, REQUEST_NO_SERVICE
   */
  service(name?: string): PredictionService {
    const services = this.services;
    if (services.length === 0 && this.phase !== "ready")
      throw trimaranError("SERVICE_NOT_READY", { state: this.phase });
    const service = name === undefined ? services[0] : services.find((candidate) => candidate.name === name);
    if (service === undefined) throw trimaranError("REQUEST_NO_SERVICE", { name: name ?? "at all" });
    return service;
  }

  /** Sends text whose type and own headers are set. */
  send(reply: FastifyReply, status: number, text: string): void {
    this.counters.countAnswer(status);
    if (this.phase === "draining") reply.header("connection", "close");
    reply.header("x-request-id", reply.request.id).code(status).send(text);
  }

  sendJson(reply: FastifyReply, status: number, value: unknown): void {
    this.send(reply.header("content-type", "application/json; charset=utf-8"), status, JSON.stringify(value));
  }

  /** Sends any error as a problem document. */
  sendError(reply: FastifyReply, error: unknown): void {
    const requestId = reply.request.id;
    const shown = this.show(error, requestId);
    if (shown.status === 503) reply.header("retry-after", "1");
    if (shown.code === "REQUEST_ENCODING") reply.header("accept-encoding", acceptedEncodings);
    this.send(reply.header("content-type", problemType), shown.status, problemText(shown, requestId));
  }

  /** What of an error may be told; tells `onFault` of those that are ours. */
  show(error: unknown, requestId: string): PublicError {
    const shown = toPublicError(error);
    if (shown.status === 500) {
      this.counters.faults++;
      this.options.onFault({ requestId, error });
    }
    return shown;
  }
}
