// One request in, one answer out: checks, routing, reading, the handler, writing, and errors as the protocol has them.
import { isTrimaranError } from "../../base/errors.ts";
import type { AnswerInput, Endpoint, RequestOf } from "../../mlflow/wire/endpoint.ts";
import { readRequest, writeAnswer } from "../../mlflow/wire/server-side.ts";
import { WireError, writeWireError } from "../../mlflow/wire/wire-error.ts";
import type { AccessGate } from "../access/gate.ts";
import type { Caller, ServerContext, TrackingContext } from "../handlers/handler.ts";
import { type Answered, answeredEndpoints } from "../handlers/handler-table.ts";
import type { ReadPool } from "../reads/read-pool.ts";
import { artifactsOnlyRoutes, onlyArtifacts } from "./artifacts-only.ts";
import { callerBase } from "./caller-base.ts";
import { type HttpAnswer, type HttpRequest, jsonAnswer } from "./exchange.ts";
import { type GuardOptions, refusal } from "./guards.ts";
import { readBody } from "./json-body.ts";
import type { RawRoute } from "./raw-call.ts";
import { addRawRoutes } from "./raw-routes.ts";
import { type Routed, Router } from "./router.ts";
import { storeFailure } from "./store-failure.ts";

export interface AppOptions {
  readonly context: ServerContext;
  /** Experiments, runs and models are not answered. @default false */
  readonly isArtifactsOnly?: boolean;
  readonly guards: GuardOptions | null;
  /** Null: everybody may do everything. @default null */
  readonly gate?: AccessGate | null;
  /** Answers what only reads, beside this thread. @default it is answered here */
  readonly reads?: ReadPool | null;
  /** What `GET /` says. */
  readonly page: string;
  /** Failures that the client did not cause. */
  readonly onFailure: (error: unknown) => void;
}

/** `name` is that of the endpoint, or the path of a route that is none. */
type Route = { readonly name: string } & (Answered | { readonly raw: RawRoute; readonly endpoint: Endpoint | null });

export type App = (request: HttpRequest) => Promise<HttpAnswer>;

export function makeApp(options: AppOptions): App {
  const { context, guards, gate = null, reads = null, onFailure } = options;
  const router = routesOf(options);
  return async (request) => {
    try {
      const url = request.target.indexOf("?");
      const path = url < 0 ? request.target : request.target.slice(0, url);
      const refused = guards === null ? null : refusal(request, path, guards);
      if (refused !== null) return refused;
      const query = new URLSearchParams(url < 0 ? "" : request.target.slice(url + 1));
      if (request.method === "OPTIONS") return { status: 204, headers: {}, body: "" };
      const routed = router.find(request.method, path);
      const name = routed.kind === "found" ? routed.route.name : null;
      const caller: Caller = {
        base: guards === null ? null : callerBase(request),
        // Also before an unknown path is told from a known one.
        identity: gate === null ? null : await gate.identify(name, request.header("authorization")),
        access: gate?.access ?? null,
        defaultPermission: gate?.defaultPermission ?? "MANAGE",
      };
      return await answer(request, { routed, query, context: { ...context, caller }, gate, reads });
    } catch (error) {
      return failure(error, onFailure);
    }
  };
}

function routesOf({ page, isArtifactsOnly = false }: AppOptions): Router<Route> {
  const router = new Router<Route>();
  const isLeft = (name: string): boolean => isArtifactsOnly && !artifactsOnlyRoutes.has(name);
  const raw = (name: string, route: RawRoute, endpoint: Endpoint | null): Route => ({
    name,
    endpoint,
    raw: isLeft(name) ? onlyArtifacts : route,
  });
  addRawRoutes(
    {
      add: (endpoint, route) => router.add(endpoint, raw(endpoint.name, route.raw, endpoint)),
      addPath: (method, path, route) => router.addPath(method, path, raw(path, route.raw, null)),
    },
    page,
  );
  for (const answered of answeredEndpoints) {
    const { name } = answered.endpoint;
    const { endpoint } = answered;
    router.add(endpoint, isLeft(name) ? raw(name, onlyArtifacts, endpoint) : { name, ...answered });
  }
  return router;
}

interface Call {
  readonly routed: Routed<Route>;
  readonly query: URLSearchParams;
  readonly context: TrackingContext;
  readonly gate: AccessGate | null;
  readonly reads: ReadPool | null;
}

async function answer(request: HttpRequest, { routed, query, context, gate, reads }: Call): Promise<HttpAnswer> {
  if (routed.kind === "none") throw new WireError("ENDPOINT_NOT_FOUND", "There is no such endpoint here.");
  if (routed.kind === "method") {
    const body = writeWireError({
      errorCode: "ENDPOINT_NOT_FOUND",
      message: "The endpoint does not take this method.",
    });
    const refused = jsonAnswer(405, body);
    return { ...refused, headers: { ...refused.headers, allow: routed.allowed.join(", ") } };
  }
  const { route, parameters } = routed;
  const { identity } = context.caller;
  if ("raw" in route) {
    const facts = { endpoint: route.endpoint, query, parameters, header: request.header };
    await gate?.checkRaw(route.name, facts, identity);
    return route.raw({ request, query, parameters, context });
  }
  const body = await readBody(route.name, request.body);
  const wire = {
    method: request.method,
    pathParameters: parameters,
    query,
    contentType: request.header("content-type"),
    body,
  };
  const read = readRequest(route.endpoint, wire);
  const pool = reads?.has(route.name) === true ? reads : null;
  if (pool !== null && gate === null) return bytesAnswer(await pool.bytes(route.name, read));
  const ask = async (asked: RequestOf<Endpoint>): Promise<AnswerInput<Endpoint>> =>
    pool === null ? route.handler(asked, context) : ((await pool.value(route.name, asked)) as AnswerInput<Endpoint>);
  const given = gate === null ? await ask(read) : await gate.asked(route.name, read, { identity, ask });
  return jsonAnswer(200, writeAnswer(route.endpoint, given));
}

/** JSON that is written already. */
function bytesAnswer(bytes: Uint8Array): HttpAnswer {
  return { ...jsonAnswer(200, ""), body: bytes };
}

function failure(error: unknown, onFailure: (error: unknown) => void): HttpAnswer {
  const wire = error instanceof WireError ? error : isTrimaranError(error) ? storeFailure(error) : cutOff(error);
  if (wire === null || wire.status >= 500) onFailure(error);
  const told = wire ?? new WireError("INTERNAL_ERROR", "The server failed; its log says more.");
  const answered = jsonAnswer(told.status, writeWireError(told));
  if (told.status !== 401) return answered;
  return { ...answered, headers: { ...answered.headers, "www-authenticate": 'Basic realm="mlflow"' } };
}

/** A client that went away in the middle of its body is no failure of ours. */
function cutOff(error: unknown): WireError | null {
  const code = error instanceof Error && "code" in error ? error.code : null;
  return code === "ECONNRESET" ? new WireError("BAD_REQUEST", "The request's body was cut off.", error) : null;
}
