// Fastify and Node's HTTP server, set up with our limits, our reading of bodies and our errors.
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from "fastify";
import { isTrimaranError, type TrimaranError, trimaranError } from "../../base/errors.ts";
import { http, https } from "../../io/plain-http.ts";
import { assertApiKey, hostCheck, needsNoKey } from "./access.ts";
import { answerBrokenRequest, answerOnSocket } from "./broken-request.ts";
import type { Door } from "./door.ts";
import { isIdentifier } from "./identifiers.ts";
import { answeredHttp } from "./observe/http-call.ts";
import { quickPredict } from "./quick-predict.ts";
import { type Body, receiveBody } from "./read-body.ts";
import { answerNothing, registerRoutes } from "./routes.ts";
import type { ResolvedWebOptions } from "./web-options.ts";

function noSchema(): never {
  throw new TypeError("a route of this door has a schema");
}

/** The routes over a server that does not listen yet. */
export function createApp(door: Door): { readonly app: FastifyInstance; readonly server: Server } {
  const { options } = door;
  const isAllowedHost = hostCheck(options.host, options.allowedHosts);
  let server: Server | undefined;
  const app = fastify({
    serverFactory: (handle) => {
      server = createHttpServer(door, quickPredict(door, isAllowedHost, handle as Handle));
      return server;
    },
    genReqId: (request) => {
      const sent = request.headers["x-request-id"];
      return isIdentifier(sent) ? sent : door.nextId();
    },
    // No route has a schema: Fastify's own compilers of schemas, a hundred modules, are not loaded.
    schemaController: { compilersFactory: { buildValidator: () => noSchema, buildSerializer: () => noSchema } },
    // A service on its way down still answers whoever reaches it.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 512, ignoreTrailingSlash: true },
    clientErrorHandler: (error, socket) => answerBrokenRequest(door, error, socket as Socket),
    frameworkErrors: (error, request, reply) => door.sendError(reply, fromFramework(error, request)),
  }) as unknown as FastifyInstance;
  app.decorateRequest("flight", null);
  app.decorateRequest("apiKey", null);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, payload, done) => {
    receiveBody(payload as IncomingMessage, options.bodyLimit, (body: Body) => done(null, body));
  });
  app.addHook("onRequest", (request, reply, done) => {
    const refusal = refuse(request, { options, isAllowedHost });
    if (refusal !== undefined) {
      reply.header("connection", "close");
      done(refusal);
    } else if (options.corsOrigins.length === 0 || !answerOrigin(request, reply, options.corsOrigins)) {
      done();
    }
  });
  const { observer } = door;
  if (observer !== null) {
    app.addHook("onResponse", (request, reply, done) => {
      observer.answered(answeredHttp(request, reply));
      done();
    });
  }
  app.setErrorHandler((error: FastifyError, request, reply) => {
    // Fastify looks for the type of a QUERY's body before it looks for its route, and no route here takes QUERY.
    if (error.code === "FST_ERR_ROUTE_MISSING_CONTENT_TYPE") {
      answerNothing(door, request, reply);
      return;
    }
    door.sendError(reply, isTrimaranError(error) ? error : fromFramework(error, request));
  });
  registerRoutes(app, door);
  // Fastify calls its factory at once.
  return { app, server: server! };
}

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

function createHttpServer(door: Door, handle: Handle): Server {
  const { options } = door;
  const { receiveTimeoutMs, headersTimeoutMs, tls } = options;
  const limits = {
    maxHeaderSize: options.maxHeaderBytes,
    requestTimeout: receiveTimeoutMs,
    headersTimeout: Math.min(headersTimeoutMs, receiveTimeoutMs),
    keepAliveTimeout: options.keepAliveTimeoutMs,
    // How often Node looks for connections that are over those limits.
    connectionsCheckingInterval: Math.min(1000, Math.ceil(Math.min(headersTimeoutMs, receiveTimeoutMs) / 4)),
    // Ours to refuse, so that it is a problem document.
    requireHostHeader: false,
  };
  const server =
    tls === undefined
      ? http.createServer(limits, handle)
      : https().createServer({ ...limits, ...tls, minVersion: "TLSv1.2", ALPNProtocols: ["http/1.1"] }, handle);
  // Headers beyond Node's own limit would be left out silently.
  server.maxHeadersCount = 0;
  server.setTimeout(options.connectionTimeoutMs);
  server.on("connection", limitConnections(door));
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    if (!(Number(request.headers["content-length"]) > options.bodyLimit)) response.writeContinue();
    handle(request, response);
  });
  return server;
}

/** Whoever comes when there are too many is told so, and not left waiting. */
function limitConnections(door: Door): (socket: Socket) => void {
  const { maxConnections, tls } = door.options;
  let open = 0;
  return (socket) => {
    open++;
    socket.once("close", () => open--);
    if (open <= maxConnections) return;
    if (tls === undefined) answerOnSocket(door, trimaranError("SERVICE_FULL", { limit: maxConnections }), socket);
    else socket.destroy();
  };
}

interface Gate {
  readonly options: ResolvedWebOptions;
  readonly isAllowedHost: (header: string) => boolean;
}

/** What is wrong with a request before its body is read. */
function refuse(request: FastifyRequest, { options, isAllowedHost }: Gate): TrimaranError | undefined {
  const { raw } = request;
  const count = raw.rawHeaders.length / 2;
  if (count > options.maxHeaders) {
    return trimaranError("REQUEST_TOO_MANY_HEADERS", { count, limit: options.maxHeaders });
  }
  if (!hasOneHost(raw)) return trimaranError("REQUEST_MALFORMED", { problem: "it must have exactly one Host header" });
  const { host, "transfer-encoding": encoding } = raw.headers;
  if (encoding !== undefined && (encoding.toLowerCase() !== "chunked" || raw.httpVersion === "1.0")) {
    return trimaranError("REQUEST_MALFORMED", { problem: "its Transfer-Encoding must be chunked, in HTTP/1.1" });
  }
  if (host !== undefined && !isAllowedHost(host)) return trimaranError("REQUEST_HOST", {});
  if (!request.url.startsWith("/") && !isAllowedHost(authorityOf(request.url)))
    return trimaranError("REQUEST_HOST", {});
  if (options.apiKeys.length === 0 || needsNoKey(request.url) || isPreflight(request, options)) return undefined;
  try {
    request.apiKey = assertApiKey(options.apiKeys, raw.headers).name;
    return undefined;
  } catch (error) {
    return error as TrimaranError;
  }
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

/** RFC 9112, section 3.2.2: the host of a target in absolute form wins over the Host header. */
function authorityOf(target: string): string {
  return /^https?:\/\/([^/?#]*)/i.exec(target)?.[1] ?? "localhost";
}

function isPreflight({ method, headers }: FastifyRequest, { corsOrigins }: ResolvedWebOptions): boolean {
  return corsOrigins.length > 0 && method === "OPTIONS" && headers["access-control-request-method"] !== undefined;
}

/** Cross-origin rules of the Fetch standard, without credentials. True when the request is a preflight and is answered here. */
function answerOrigin(request: FastifyRequest, reply: FastifyReply, origins: readonly string[]): boolean {
  const { origin } = request.headers;
  reply.header("vary", "Origin");
  if (origin === undefined || !(origins.includes("*") || origins.includes(origin))) return false;
  reply.header("access-control-allow-origin", origin);
  reply.header(
    "access-control-expose-headers",
    "x-request-id, x-prediction-id, x-model-version, x-trimaran-warnings, retry-after",
  );
  if (request.method !== "OPTIONS" || request.headers["access-control-request-method"] === undefined) return false;
  reply.header("access-control-allow-methods", "GET, POST");
  reply.header("access-control-allow-headers", request.headers["access-control-request-headers"] ?? "content-type");
  reply.header("access-control-max-age", "600").code(204).send();
  return true;
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
