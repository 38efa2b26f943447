// A line for every answered request: what was asked of which route, what came of it, how long it took. Names, numbers and
// identifiers that were checked; never a URL, a header or a value as it was sent.
import type { Log } from "../../../io/log/log.ts";
import type { AnsweredCall, BrokenAnswer } from "./observer.ts";

export interface AccessLog {
  answered(call: AnsweredCall, traceId: string | null): void;
  broken(answer: BrokenAnswer): void;
}

export function accessLog(log: Log): AccessLog {
  return {
    answered(call, traceId) {
      const { flight, modelVersion, apiKey, grpcStatus } = call;
      log.write("info", "request", {
        method: call.method,
        route: call.route ?? "none",
        status: call.status,
        ...(grpcStatus === null ? {} : { grpc_status: grpcStatus }),
        ...(call.bytes === null ? {} : { bytes: call.bytes }),
        ms: Math.round(call.elapsedMs * 1000) / 1000,
        request_id: call.requestId,
        ...(flight?.service ? { service: flight.service } : {}),
        ...(modelVersion === null ? {} : { model_version: modelVersion }),
        ...(flight !== null && flight.rows > 0 ? { rows: flight.rows } : {}),
        ...(apiKey === null ? {} : { api_key: apiKey }),
        remote: call.remote,
        ...(traceId === null ? {} : { trace_id: traceId }),
        ...(call.aborted ? { aborted: true } : {}),
      });
    },
    broken({ requestId, status, remote }) {
      log.write("info", "request", { route: "none", status, request_id: requestId, remote });
    },
  };
}
