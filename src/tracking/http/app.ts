// One request in, one answer out: checks, routing, reading, the handler, writing, and errors as the protocol has them.
import { isTrimaranError } from "../../base/errors.ts";
import { readRequest, writeAnswer } from "../../mlflow/wire/server-side.ts";
import { WireError, writeWireError } from "../../mlflow/wire/wire-error.ts";
import type { Caller, ServerContext, TrackingContext } from "../handlers/handler.ts";
import { type Answered, answeredEndpoints } from "../handlers/handler-table.ts";
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
  /** What `GET /` says. */
  readonly page: string;
  /** Failures that the client did not cause. */
  readonly onFailure: (error: unknown) => void;
}

/** `name` is that of the endpoint, or the path of a route that is none. */
type Route = { readonly name: string } & (Answered | { readonly raw: RawRoute });

export type App = (request: HttpRequest) => Promise<HttpAnswer>;

export function makeApp(options: AppOptions): App {
  const { context, guards, onFailure } = options;
  const router = routesOf(options);
  return async (request) => {
    try {
      const url = request.target.indexOf("?");
      const path = url < 0 ? request.target : request.target.slice(0, url);
      const refused = guards === null ? null : refusal(request, path, guards);
      if (refused !== null) return refused;
      const query = new URLSearchParams(url < 0 ? "" : request.target.slice(url + 1));
      if (request.method === "OPTIONS") return { status: 204, headers: {}, body: "" };
      const caller: Caller = { base: guards === null ? null : callerBase(request) };
      return await answer(request, {
        routed: router.find(request.method, path),
        query,
        context: { ...context, caller },
      });
    } catch (error) {
      return failure(error, onFailure);
    }
  };
}

function routesOf({ page, isArtifactsOnly = false }: AppOptions): Router<Route> {
  const router = new Router<Route>();
  const isLeft = (name: string): boolean => isArtifactsOnly && !artifactsOnlyRoutes.has(name);
  const raw = (name: string, route: { readonly raw: RawRoute }): Route =>
    isLeft(name) ? { name, raw: onlyArtifacts } : { name, ...route };
  addRawRoutes(
    {
      add: (endpoint, route) => router.add(endpoint, raw(endpoint.name, route)),
      addPath: (method, path, route) => router.addPath(method, path, raw(path, route)),
    },
    page,
  );
  for (const answered of answeredEndpoints) {
    const { name } = answered.endpoint;
    router.add(answered.endpoint, isLeft(name) ? { name, raw: onlyArtifacts } : { name, ...answered });
  }
  return router;
}

interface Call {
  readonly routed: Routed<Route>;
  readonly query: URLSearchParams;
  readonly context: TrackingContext;
}

async function answer(request: HttpRequest, { routed, query, context }: Call): Promise<HttpAnswer> {
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
  if ("raw" in route) return route.raw({ request, query, parameters, context });
  const body = await readBody(request.body);
  const wire = {
    method: request.method,
    pathParameters: parameters,
    query,
    contentType: request.header("content-type"),
    body,
  };
  const given = await route.handler(readRequest(route.endpoint, wire), context);
  return jsonAnswer(200, writeAnswer(route.endpoint, given));
}

function failure(error: unknown, onFailure: (error: unknown) => void): HttpAnswer {
  const wire = error instanceof WireError ? error : isTrimaranError(error) ? storeFailure(error) : cutOff(error);
  if (wire === null || wire.status >= 500) onFailure(error);
  const told = wire ?? new WireError("INTERNAL_ERROR", "The server failed; its log says more.");
  return jsonAnswer(told.status, writeWireError(told));
}

/** A client that went away in the middle of its body is no failure of ours. */
function cutOff(error: unknown): WireError | null {
  const code = error instanceof Error && "code" in error ? error.code : null;
  return code === "ECONNRESET" ? new WireError("BAD_REQUEST", "The request's body was cut off.", error) : null;
}
