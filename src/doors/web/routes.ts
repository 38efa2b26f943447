// The table of routes: what is registered, what `GET /` lists, and what 405 allows.
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { trimaranError } from "../../base/errors.ts";
import type { Door } from "./door.ts";
import { predict } from "./predict.ts";

interface Route {
  readonly method: "GET" | "POST";
  /** With `{name}` for one segment. */
  readonly path: string;
  readonly about: string;
  readonly handle: (door: Door, request: FastifyRequest, reply: FastifyReply) => void;
}

const routes: readonly Route[] = [
  {
    method: "POST",
    path: "/predict",
    about: "One row object, an array of rows, or NDJSON; ?meta=true tells more about each answer.",
    handle: predict,
  },
  { method: "POST", path: "/predict/{name}", about: "The same for one of several services.", handle: predict },
  { method: "GET", path: "/health/live", about: "200 while the process runs.", handle: answerLive },
  { method: "GET", path: "/health/ready", about: "200 when every model is loaded, else 503.", handle: answerReady },
  { method: "GET", path: "/", about: "This list.", handle: answerIndex },
];

export function registerRoutes(app: FastifyInstance, door: Door): void {
  for (const { method, path, handle } of routes) {
    app.route({
      method,
      url: path.replace(/\{(\w+)\}/g, ":$1"),
      handler: (request, reply) => handle(door, request, reply),
    });
  }
  app.setNotFoundHandler((request, reply) => answerNothing(door, request, reply));
}

function answerLive(door: Door, _request: FastifyRequest, reply: FastifyReply): void {
  door.sendJson(reply, 200, { state: "live" });
}

function answerReady(door: Door, _request: FastifyRequest, reply: FastifyReply): void {
  const services = door.services.map(({ name, model }) => ({ name, model_version: model.version }));
  door.sendJson(reply, door.phase === "ready" ? 200 : 503, { state: door.phase, services });
}

/** JSON, or plain text for a browser. */
function answerIndex(door: Door, request: FastifyRequest, reply: FastifyReply): void {
  const services = door.services.map(({ name }) => name);
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
function answerNothing(door: Door, request: FastifyRequest, reply: FastifyReply): void {
  const path = request.url.split("?", 1)[0]!;
  const allowed = routes.filter((route) => matches(route.path, path)).map((route) => route.method);
  if (allowed.length === 0) {
    door.sendError(reply, trimaranError("REQUEST_NO_ROUTE", { method: request.method, path }));
    return;
  }
  const methods = allowed.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])).join(", ");
  reply.header("allow", methods);
  door.sendError(reply, trimaranError("REQUEST_METHOD", { path, method: request.method, allowed: methods }));
}

function matches(template: string, path: string): boolean {
  const wanted = template.split("/");
  const steps = (path.length > 1 ? path.replace(/\/$/, "") : path).split("/");
  return wanted.length === steps.length && wanted.every((step, index) => step.startsWith("{") || step === steps[index]);
}
