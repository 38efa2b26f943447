// Who looks on: it is told of every answered request when its answer is out, and costs nothing where there is none.
import type { Flight } from "../flights.ts";

export interface Observer {
  answered(call: AnsweredCall): void;
  /** A request that no route saw: malformed, too slow, or one connection too many. */
  broken(answer: BrokenAnswer): void;
}

/** A request that was answered, whatever it came by. Names, numbers and identifiers that were checked, never a value. */
export interface AnsweredCall {
  /** `POST`; of gRPC the method's own name, `ModelInfer`. */
  readonly method: string;
  /** The route as it is documented, `/predict/{name}`, never what stands in the URL; null when there was none. */
  readonly route: string | null;
  /** Of HTTP, or what HTTP would have said. */
  readonly status: number;
  /** Of gRPC; null over HTTP. */
  readonly grpcStatus: number | null;
  /** Of the answer's body, where it is known. */
  readonly bytes: number | null;
  /** From the request to the end of its answer. */
  readonly elapsedMs: number;
  readonly requestId: string;
  /** Null when no prediction was asked for. */
  readonly flight: Flight<unknown> | null;
  readonly modelVersion: string | null;
  /** The name of the key that it came with. */
  readonly apiKey: string | null;
  readonly remote: string | undefined;
  /** The caller was gone before the end. */
  readonly aborted: boolean;
  /** W3C Trace Context, as it was sent. */
  readonly traceparent: unknown;
  readonly tracestate: unknown;
  /** By the semantic conventions of OpenTelemetry; asked for only where the request is traced. */
  readonly attributes: () => Readonly<Record<string, string | number>>;
}

export interface BrokenAnswer {
  readonly requestId: string;
  readonly status: number;
  readonly remote: string | undefined;
}
