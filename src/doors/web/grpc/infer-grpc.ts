// ModelInfer and ModelStreamInfer: a message → an inference through the door's queue, within the call's own deadline.
import { Metadata, type ServerDuplexStream, status } from "@grpc/grpc-js";
import { trimaranError } from "../../../base/errors.ts";
import { inferRequestFromMessage, inferResponseToMessage } from "../../../formats/oip/grpc-messages.ts";
import type { Answers } from "../../../serving/answers.ts";
import type { Door } from "../door.ts";
import { type Flight, Flights } from "../flights.ts";
import { isIdentifier, readIdentifier } from "../identifiers.ts";
import type { Observer } from "../observe/observer.ts";
import { inferRows } from "../oip/infer-rows.ts";
import { oipErrorText } from "../oip/oip-dialect.ts";
import type { PublicError } from "../problem.ts";
import { headerText, warningsHeader } from "../warnings-header.ts";
import { answeredGrpc } from "./answered-grpc.ts";
import { assertKey, type GrpcMessage, grpcDialect, metadataText, type UnaryHandler } from "./grpc-call.ts";
import { grpcCode, grpcFailure } from "./grpc-status.ts";

/** Who waits for an answer. */
export interface Waiting {
  readonly isGone: () => boolean;
  readonly signal: AbortSignal;
  readonly metadata: Metadata;
  /** Milliseconds that are left of the call's deadline; Infinity without one. */
  readonly remainingMs: number;
  readonly requestId: string;
  /** As it is logged. */
  readonly method: "ModelInfer" | "ModelStreamInfer";
  readonly remote: string;
  /** The name of the key that it came with, when that was looked at. */
  apiKey: string | null;
  readonly answer: (message: object, beside: Metadata) => void;
  readonly fail: (error: PublicError) => void;
}

export type InferFlights = Flights<Waiting>;

export function inferFlights(door: Door): InferFlights {
  return new Flights<Waiting>(door.options.requestTimeoutMs, (waiting, limitMs) => {
    waiting.fail(door.show(trimaranError("REQUEST_TIMEOUT", { limitMs }), waiting.requestId));
  });
}

export interface InferDoor {
  readonly door: Door;
  readonly flights: InferFlights;
}

export function modelInfer(infer: InferDoor): UnaryHandler {
  const { door } = infer;
  return (call, done) => {
    const gone = new AbortController();
    call.on("cancelled", () => gone.abort());
    const fail = (error: PublicError): void => done(grpcFailure(error, door.admission.retrySeconds));
    void inferMessage(infer, call.request, {
      isGone: () => call.cancelled,
      signal: gone.signal,
      metadata: call.metadata,
      remainingMs: remainingMs(call.getDeadline()),
      requestId: requestIdOf(door, call.metadata),
      method: "ModelInfer",
      remote: call.getPeer(),
      apiKey: null,
      answer: (message, beside) => {
        call.sendMetadata(beside);
        done(null, message);
      },
      fail,
    });
  };
}

/** As Triton streams: each request is answered in order, and an error is an answer that ends nothing. */
export function modelStreamInfer(infer: InferDoor): (call: ServerDuplexStream<GrpcMessage, object>) => void {
  const { door } = infer;
  return (call) => {
    const gone = new AbortController();
    call.on("cancelled", () => gone.abort());
    call.on("error", () => gone.abort());
    const run = async (): Promise<void> => {
      for await (const message of call) {
        await new Promise<void>((resolve) => {
          const write = (answer: object): void => {
            if (!call.cancelled) call.write(answer);
            resolve();
          };
          void inferMessage(infer, message as GrpcMessage, {
            isGone: () => call.cancelled,
            signal: gone.signal,
            metadata: call.metadata,
            remainingMs: remainingMs(call.getDeadline()),
            requestId: requestIdOf(door, call.metadata),
            method: "ModelStreamInfer",
            remote: call.getPeer(),
            apiKey: null,
            answer: (answer) => write({ error_message: "", infer_response: answer }),
            fail: (error) => write({ error_message: oipErrorText(error) }),
          }).finally(resolve);
        });
        if (call.cancelled) return;
      }
      call.end();
    };
    run().catch(() => {
      if (!call.cancelled) call.emit("error", { code: status.INTERNAL, details: "The stream broke off." });
    });
  };
}

/** The same, and what is answered is told. */
function observed(waiting: Waiting, observer: Observer, flightOf: () => Flight<Waiting>): Waiting {
  const told: Waiting = {
    ...waiting,
    answer: (message, beside) => {
      waiting.answer(message, beside);
      observer.answered(answeredGrpc(told, flightOf(), { code: status.OK, httpStatus: 200 }));
    },
    fail: (error) => {
      waiting.fail(error);
      observer.answered(answeredGrpc(told, flightOf(), { code: grpcCode(error), httpStatus: error.status }));
    },
  };
  return told;
}

/** What nginx writes for a caller that went away; HTTP itself has no such status. */
const cancelled = { code: status.CANCELLED, httpStatus: 499 };

/** Answers or fails exactly once, unless nobody waits any longer. Never throws. */
async function inferMessage({ door, flights }: InferDoor, message: GrpcMessage, waiting: Waiting): Promise<void> {
  const { remainingMs: limitMs } = waiting;
  const owner: Waiting =
    door.observer === null ? waiting : observed(waiting, door.observer, (): Flight<Waiting> => flight);
  const flight: Flight<Waiting> = flights.begin(owner, Number.isFinite(limitMs) ? Math.max(1, limitMs) : undefined);
  try {
    const { isGone } = waiting;
    const job = (): Promise<void> => {
      flight.started = performance.now();
      return answer({ door, flights }, message, flight);
    };
    await door.admission.run(job, { isGone: () => flight.settled || isGone(), deadline: flight.deadline });
  } catch (error) {
    if (flight.settled || waiting.isGone()) {
      if (!flight.settled) door.observer?.answered(answeredGrpc(owner, flight, cancelled));
      flights.end(flight);
      return;
    }
    const shown = door.show(error, waiting.requestId);
    count(door, flight, shown.status);
    flights.end(flight);
    owner.fail(shown);
    return;
  }
  flights.end(flight);
}

async function answer({ door, flights }: InferDoor, message: GrpcMessage, flight: Flight<Waiting>): Promise<void> {
  const { metadata, signal, requestId, answer: send, isGone } = flight.owner;
  flight.owner.apiKey = assertKey(door, metadata);
  readIdentifier(metadataText(metadata, "x-request-id"), "x-request-id");
  const sentId = readIdentifier(metadataText(metadata, "x-prediction-id"), "x-prediction-id");
  const predictionId = sentId ?? requestId;
  const limits = { maxElements: Math.max(door.options.bodyLimit, door.options.maxRows) };
  const name = String(message["model_name"] ?? "");
  const version = String(message["model_version"] ?? "");
  const service = door.service(name, version === "" ? undefined : version);
  flight.service = service.name;
  const request = inferRequestFromMessage(message, limits);
  const inferred = await inferRows({ door, flights, flight, service, request, predictionId, signal });
  if (inferred === undefined || isGone()) return;
  const { answers, response } = inferred;
  const text = inferResponseToMessage(response, { raw: request.raw });
  const beside = besideMetadata(answers, { predictionId, requestId });
  count(door, flight, 200);
  flights.end(flight);
  send(text, beside);
}

function besideMetadata(
  { warnings, modelVersion }: Answers,
  { predictionId, requestId }: { readonly predictionId: string; readonly requestId: string },
): Metadata {
  const metadata = new Metadata();
  metadata.set("x-request-id", requestId);
  metadata.set("x-prediction-id", predictionId);
  if (modelVersion !== null) metadata.set("x-model-version", headerText(modelVersion));
  if (warnings.length > 0) metadata.set("x-trimaran-warnings", warningsHeader(warnings));
  return metadata;
}

function count(door: Door, flight: Flight<Waiting>, httpStatus: number): void {
  const series = door.counters.of(flight.service, grpcDialect);
  door.counters.countAnswer(series, httpStatus);
  door.counters.recordTimes(series, flight);
  door.recordInference(flight, httpStatus < 400);
}

function remainingMs(deadline: Date | number): number {
  return Number(deadline) - Date.now();
}

/** The caller's where it is sound; one that is not is refused when its turn comes. */
function requestIdOf(door: Door, metadata: Metadata): string {
  const sent = metadataText(metadata, "x-request-id");
  return sent !== undefined && isIdentifier(sent) ? sent : door.nextId();
}
