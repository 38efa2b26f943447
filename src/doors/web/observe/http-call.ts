// A request that went through Fastify, as an observer is told of it.
import type { Socket } from "node:net";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { AnsweredCall } from "./observer.ts";

/** What a connection had sent after its last answer: an answer in parts says nowhere how long it is. */
const sent = new WeakMap<Socket, number>();

export function answeredHttp(request: FastifyRequest, reply: FastifyReply): AnsweredCall {
  const { flight, headers, raw, routeOptions } = request;
  const version = reply.getHeader("x-model-version");
  const route = routeOptions?.config?.template ?? null;
  return {
    method: request.method,
    route,
    status: reply.statusCode,
    grpcStatus: null,
    bytes: bytesOf(raw.socket, reply),
    elapsedMs: reply.elapsedTime,
    requestId: request.id,
    flight,
    modelVersion: version === undefined ? null : String(version),
    apiKey: request.apiKey,
    remote: request.ip,
    aborted: !reply.raw.writableFinished,
    traceparent: headers["traceparent"],
    tracestate: headers["tracestate"],
    attributes: () => httpAttributes(request, route),
  };
}

function bytesOf(socket: Socket, reply: FastifyReply): number {
  const length = Number(reply.getHeader("content-length") ?? Number.NaN);
  const written = socket.bytesWritten ?? 0;
  const before = sent.get(socket) ?? 0;
  sent.set(socket, written);
  return Number.isNaN(length) ? Math.max(0, written - before) : length;
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
