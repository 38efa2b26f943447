// One request for predictions on its way, whatever its dialect: its identifiers, its body, its time limit, its errors.
import type { FastifyReply, FastifyRequest } from "fastify";
import { trimaranError } from "../../base/errors.ts";
import type { PredictionService } from "../../serving/prediction-service.ts";
import type { Door } from "./door.ts";
import type { Flight } from "./flights.ts";
import { readIdentifier } from "./identifiers.ts";
import { type Body, decompressBody } from "./read-body.ts";

export interface WebCall {
  readonly door: Door;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly flight: Flight<FastifyReply>;
  readonly predictionId: string;
  /** The body after decompression. */
  readonly bytes: Buffer;
}

/** Reads the request and has it answered, now or later. What `answer` throws is answered in the route's dialect. Never throws. */
export function handleCall(
  door: Door,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  answer: (call: WebCall) => void | Promise<void>,
): void {
  let flight: Flight<FastifyReply>;
  try {
    flight = door.flights.begin(reply, readTimeout(request.headers["x-request-timeout-ms"]));
    request.flight = flight;
  } catch (error) {
    door.sendError(reply, error);
    return;
  }
  const finish = (): void => {
    if (flight.started > 0) door.admission.leave(flight.started);
    if (!flight.streaming) door.flights.end(flight);
  };
  const fail = (error: unknown): void => {
    if (flight.started > 0) door.admission.leave(flight.started);
    const late = flight.settled;
    door.flights.end(flight);
    if (!late) door.sendError(reply, error);
  };
  try {
    const done = begin(door, { request, flight }, answer);
    if (done === undefined) finish();
    else done.then(finish, fail);
  } catch (error) {
    fail(error);
  }
}

interface Begun {
  readonly request: FastifyRequest;
  readonly flight: Flight<FastifyReply>;
}

/** Nothing is awaited unless there is something to wait for: that would cost more than a small model. */
function begin(
  door: Door,
  { request, flight }: Begun,
  answer: (call: WebCall) => void | Promise<void>,
): void | Promise<void> {
  const body = request.body as Body;
  if (isBroken(body)) return;
  const reply = flight.owner;
  const requestId = readIdentifier(request.headers["x-request-id"], "x-request-id");
  const sentId = readIdentifier(request.headers["x-prediction-id"], "x-prediction-id");
  // Where neither came, both are the one that was made for the request.
  const predictionId = sentId ?? (requestId === undefined ? request.id : door.nextId());
  const encoding = request.headers["content-encoding"];
  const sent = receivedBytes(body, door, reply);
  const admit = (bytes: Buffer): void | Promise<void> => {
    if (flight.settled) return;
    const isGone = (): boolean => flight.settled || reply.raw.destroyed;
    const job = (since: number): void | Promise<void> => {
      flight.started = since;
      return answer({ door, request, reply, flight, predictionId, bytes });
    };
    return door.admission.enter(job, { isGone, deadline: flight.deadline });
  };
  const enter = (bytes: Buffer, coding: string | undefined): void | Promise<void> =>
    coding === undefined ? admit(bytes) : decompressBody(bytes, coding, door.options.bodyLimit).then(admit);
  if (door.isAboutToStart) return door.aboutToStart().then(() => enter(sent, encoding));
  return enter(sent, encoding);
}

/**
 * The service that a call asks: `Door.service`, and from then on the call is counted as that service's.
 * @throws SERVICE_NOT_READY, REQUEST_NO_SERVICE, REQUEST_NO_VERSION
 */
export function serviceOf({ door, flight }: WebCall, name?: string, version?: string): PredictionService {
  const service = door.service(name, version);
  flight.service = service.name;
  return service;
}

const maxTimeoutMs = 3_600_000;

/** How long the caller waits for the answer. @throws REQUEST_DEADLINE */
function readTimeout(sent: unknown): number | undefined {
  if (sent === undefined) return undefined;
  const ms = typeof sent === "string" && /^\d{1,7}$/.test(sent) ? Number(sent) : 0;
  if (ms < 1 || ms > maxTimeoutMs) throw trimaranError("REQUEST_DEADLINE", { limitMs: maxTimeoutMs });
  return ms;
}

function isBroken(body: Body): boolean {
  return body !== undefined && !Buffer.isBuffer(body) && body.fault === "broken";
}

function receivedBytes(body: Body, door: Door, reply: FastifyReply): Buffer {
  if (Buffer.isBuffer(body)) return body;
  if (body === undefined) return Buffer.alloc(0);
  if (body.open) reply.header("connection", "close");
  throw trimaranError("REQUEST_TOO_LARGE", { limit: door.options.bodyLimit });
}
