// A line for every answered request: what was asked of which route, what came of it, how long it took. Names, numbers and
// identifiers that were checked; never a URL, a header or a value as it was sent.
import type { Socket } from "node:net";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Log } from "../../../io/log/log.ts";
import { type BrokenAnswer, type Observer, routeOf } from "./observer.ts";

export function accessLog(log: Log): Observer {
  /** What a connection had sent after its last answer: an answer in parts says nowhere how long it is. */
  const sent = new WeakMap<Socket, number>();
  return {
    answered(request: FastifyRequest, reply: FastifyReply) {
      const { flight, raw } = request;
      const { socket } = raw;
      const length = Number(reply.getHeader("content-length") ?? Number.NaN);
      const before = sent.get(socket) ?? 0;
      sent.set(socket, socket.bytesWritten ?? 0);
      const version = reply.getHeader("x-model-version");
      log.write("info", "request", {
        method: request.method,
        route: routeOf(request) ?? "none",
        status: reply.statusCode,
        bytes: Number.isNaN(length) ? Math.max(0, (socket.bytesWritten ?? 0) - before) : length,
        ms: Math.round(reply.elapsedTime * 1000) / 1000,
        request_id: request.id,
        ...(flight?.service ? { service: flight.service } : {}),
        ...(version === undefined ? {} : { model_version: String(version) }),
        ...(flight !== null && flight.rows > 0 ? { rows: flight.rows } : {}),
        ...(request.apiKey === null ? {} : { api_key: request.apiKey }),
        remote: request.ip,
        ...(request.traceId === null ? {} : { trace_id: request.traceId }),
        ...(reply.raw.writableFinished ? {} : { aborted: true }),
      });
    },
    broken({ requestId, status, remote }: BrokenAnswer) {
      log.write("info", "request", { route: "none", status, request_id: requestId, remote });
    },
  };
}
