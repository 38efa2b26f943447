// The table of routes: what is registered, what `GET /` lists, and what 405 allows.
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { trimaranError } from "../../base/errors.ts";
import { prometheusText, prometheusType } from "../../io/metrics/prometheus-text.ts";
import { ownDialect } from "./dialect.ts";
import type { Door } from "./door.ts";
import { doorFamilies } from "./door-families.ts";
import { feedbackRoutes } from "./feedback/feedback-routes.ts";
import { kserveRoutes } from "./kserve/kserve-routes.ts";
import { mlflowRoutes } from "./mlflow/mlflow-routes.ts";
import { oipDialect } from "./oip/oip-dialect.ts";
import { oipRoutes } from "./oip/oip-routes.ts";
import { openapiRoutes } from "./openapi/openapi-routes.ts";
import { predict } from "./predict.ts";
import type { Route } from "./route.ts";

const routes: readonly Route[] = [
  {
    method: "POST",
    path: "/predict",
    about: "One row object, an array of rows, or NDJSON; ?meta=true tells more about each answer.",
    handle: predict,
  },
  { method: "POST", path: "/predict/{name}", about: "The same for one of several services.", handle: predict },
  ...feedbackRoutes,
  ...mlflowRoutes,
  ...oipRoutes,
  ...kserveRoutes,
  { method: "GET", path: "/health/live", about: "200 while the process runs.", handle: answerLive },
  { method: "GET", path: "/health/ready", about: "200 when every model is loaded, else 503.", handle: answerReady },
  { method: "GET", path: "/metrics", about: "What is measured, for Prometheus.", handle: answerMetrics },
  ...openapiRoutes(() => routes),
  { method: "GET", path: "/", about: "This list.", handle: answerIndex },
];

export function registerRoutes(app: FastifyInstance, door: Door): void {
  for (const { method, path, dialect, handle } of routes) {
    app.route({
      method,
      url: toPattern(path),
      config: { dialect, template: path },
      handler: (request, reply) => handle(door, request, reply),
    });
  }
  app.setNotFoundHandler((request, reply) => answerNothing(door, request, reply));
}

function answerLive(door: Door, _request: FastifyRequest, reply: FastifyReply): void {
  door.sendJson(reply, 200, { state: "live" });
}

function answerReady(door: Door, _request: FastifyRequest, reply: FastifyReply): void {
  const services = door.catalog.names.map((name) => ({
    name,
    model_version: door.catalog.find(name)?.model.version ?? null,
  }));
  const isReady = door.phase === "ready" && door.catalog.ready;
  door.sendJson(reply, isReady ? 200 : 503, { state: door.phase, services });
}

function answerMetrics(door: Door, _request: FastifyRequest, reply: FastifyReply): void {
  door.options.collectMetrics(doorFamilies(door)).then(
    (families) => door.send(reply.header("content-type", prometheusType), 200, prometheusText(families)),
    (error: unknown) => door.sendError(reply, error),
  );
}

/** JSON, or plain text for a browser. */
function answerIndex(door: Door, request: FastifyRequest, reply: FastifyReply): void {
  const services = door.catalog.names;
  const list = routes.map(({ method, path, about }) => ({ method, path, about }));
  if (!request.headers.accept?.includes("text/html")) {
    door.sendJson(reply, 200, { state: door.phase, services, routes: list });
    return;
  }
  const lines = list.map(({ method, path, about }) => `${method.padEnd(5)}${path.padEnd(18)}${about}`);
  const text = `Trimaran serves ${services.join(", ")} (${door.phase}).\n\n${lines.join("\n")}\n`;
  door.send(reply.header("content-type", "text/plain; charset=utf-8"), 200, text);
}

/** 405 where the path has other methods, else 404. */
export function answerNothing(door: Door, request: FastifyRequest, reply: FastifyReply): void {
  const path = request.url.split("?", 1)[0]!;
  const dialect = /^\/v2(\/|$)/.test(path) ? oipDialect : ownDialect;
  const allowed = routes.filter((route) => matches(route.path, path)).map((route) => route.method);
  if (allowed.length === 0) {
    door.sendError(reply, trimaranError("REQUEST_NO_ROUTE", { method: request.method, path }), dialect);
    return;
  }
  const methods = allowed.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])).join(", ");
  reply.header("allow", methods);
  door.sendError(reply, trimaranError("REQUEST_METHOD", { path, method: request.method, allowed: methods }), dialect);
}

function matches(template: string, path: string): boolean {
  return patternOf(template).test(path.length > 1 ? path.replace(/\/$/, "") : path);
}

function patternOf(template: string): RegExp {
  const parts = template.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^/]+")}$`);
}

/** In the router's words a parameter is `:name`, and a colon of the path itself is written twice. */
function toPattern(path: string): string {
  return path
    .replace(/:/g, "::")
    .replace(/\{(\w+)\}(?=::)/g, ":$1(^[^/:]+)")
    .replace(/\{(\w+)\}/g, ":$1");
}
