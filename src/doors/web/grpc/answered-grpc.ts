// A call of ModelInfer that was answered, as an observer is told of it.
import type { Metadata } from "@grpc/grpc-js";
import type { Flight } from "../flights.ts";
import type { AnsweredCall } from "../observe/observer.ts";
import { metadataText } from "./grpc-call.ts";

const service = "inference.GRPCInferenceService";

export interface GrpcCaller {
  readonly metadata: Metadata;
  readonly requestId: string;
  readonly method: string;
  readonly remote: string;
  readonly apiKey: string | null;
}

export function answeredGrpc(
  { metadata, requestId, method, remote, apiKey }: GrpcCaller,
  flight: Flight<unknown>,
  { code, httpStatus }: { readonly code: number; readonly httpStatus: number },
): AnsweredCall {
  return {
    method,
    route: `/${service}/${method}`,
    status: httpStatus,
    grpcStatus: code,
    bytes: null,
    elapsedMs: performance.now() - flight.since,
    requestId,
    flight,
    modelVersion: flight.version === "" ? null : flight.version,
    apiKey,
    remote: addressOf(remote),
    aborted: httpStatus === 499,
    traceparent: metadataText(metadata, "traceparent"),
    tracestate: metadataText(metadata, "tracestate"),
    attributes: () => ({
      "rpc.system": "grpc",
      "rpc.service": service,
      "rpc.method": method,
      "client.address": addressOf(remote),
    }),
  };
}

/** `127.0.0.1:50412` without its port. */
function addressOf(peer: string): string {
  return peer.replace(/:\d+$/, "");
}
