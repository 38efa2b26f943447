// Fastify and Node's HTTP server, set up with our limits, our reading of bodies and our errors.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type FastifyError, type FastifyInstance, type FastifyRequest, fastify } from "fastify";
import { isTrimaranError, trimaranError } from "../../base/errors.ts";
import { answerBrokenRequest } from "./broken-request.ts";
import type { Door } from "./door.ts";
import { isIdentifier } from "./identifiers.ts";
import { type Body, receiveBody } from "./read-body.ts";
import { registerRoutes } from "./routes.ts";
import type { ResolvedWebOptions } from "./web-options.ts";

/** The routes over a server that does not listen yet. */
export function createApp(door: Door): { readonly app: FastifyInstance; readonly server: Server } {
  const { options } = door;
  let server: Server | undefined;
  const app = fastify({
    serverFactory: (handle) => {
      server = createHttpServer(options, handle as Handle);
      return server;
    },
    genReqId: (request) => {
      const sent = request.headers["x-request-id"];
      return isIdentifier(sent) ? sent : door.nextId();
    },
    // A service on its way down still answers whoever reaches it.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 512, ignoreTrailingSlash: true },
    clientErrorHandler: (error, socket) => answerBrokenRequest(door, error, socket as Socket),
    frameworkErrors: (error, request, reply) => door.sendError(reply, fromFramework(error, request)),
  }) as unknown as FastifyInstance;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, payload, done) => {
    receiveBody(payload as IncomingMessage, options.bodyLimit, (body: Body) => done(null, body));
  });
  app.addHook("onRequest", (request, reply, done) => {
    if (hasOneHost(request.raw)) return done();
    reply.header("connection", "close");
    done(trimaranError("REQUEST_MALFORMED", { problem: "it must have exactly one Host header" }));
  });
  app.setErrorHandler((error: FastifyError, request, reply) => {
    door.sendError(reply, isTrimaranError(error) ? error : fromFramework(error, request));
  });
  registerRoutes(app, door);
  // Fastify calls its factory at once.
  return { app, server: server! };
}

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

function createHttpServer(options: ResolvedWebOptions, handle: Handle): Server {
  const { receiveTimeoutMs, headersTimeoutMs } = options;
  const server = createServer(
    {
      maxHeaderSize: options.maxHeaderBytes,
      requestTimeout: receiveTimeoutMs,
      headersTimeout: Math.min(headersTimeoutMs, receiveTimeoutMs),
      keepAliveTimeout: options.keepAliveTimeoutMs,
      // How often Node looks for connections that are over those limits.
      connectionsCheckingInterval: Math.min(1000, Math.ceil(Math.min(headersTimeoutMs, receiveTimeoutMs) / 4)),
      // Ours to refuse, so that it is a problem document.
      requireHostHeader: false,
    },
    handle,
  );
  server.setTimeout(options.connectionTimeoutMs);
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    if (!(Number(request.headers["content-length"]) > options.bodyLimit)) response.writeContinue();
    handle(request, response);
  });
  return server;
}

/** RFC 9112, section 3.2: a request of HTTP/1.1 has one Host header; Node's parser lets several pass. */
function hasOneHost(request: IncomingMessage): boolean {
  const { rawHeaders } = request;
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    if (name.length === 4 && name.toLowerCase() === "host") hosts++;
  }
  return hosts === 1 || (hosts === 0 && request.httpVersion === "1.0");
}

/** Fastify's own errors in our words. */
function fromFramework(error: FastifyError, request: FastifyRequest): unknown {
  switch (error.code) {
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return trimaranError("REQUEST_MEDIA_TYPE", { type: request.headers["content-type"] ?? "" }, { cause: error });
    case "FST_ERR_MAX_PARAM_LENGTH":
      return trimaranError("REQUEST_NO_SERVICE", { name: "so long a name" }, { cause: error });
    case "FST_ERR_BAD_URL":
      return trimaranError(
        "REQUEST_MALFORMED",
        { problem: "its path is not sound percent-encoding" },
        { cause: error },
      );
    default:
      return error;
  }
}
