// The routes of MLflow's scoring server.
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Door } from "../door.ts";
import type { Route } from "../route.ts";
import { invocations } from "./invocations.ts";
import { mlflowDialect } from "./mlflow-dialect.ts";

/** The release of MLflow whose scoring protocol is spoken: clients ask for it. */
const mlflowVersion = "3.17.2";

const dialect = mlflowDialect;

export const mlflowRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/invocations",
    about: "MLflow's scoring protocol: dataframe_split, dataframe_records, instances, inputs, or CSV.",
    dialect,
    handle: invocations,
  },
  {
    method: "POST",
    path: "/invocations/{name}",
    about: "The same for one of several services.",
    dialect,
    handle: invocations,
  },
  { method: "GET", path: "/ping", about: "200 when every model is loaded, as MLflow answers.", dialect, handle: ping },
  { method: "GET", path: "/health", about: "The same.", dialect, handle: ping },
  { method: "GET", path: "/version", about: "The MLflow version whose protocol this is.", dialect, handle: version },
];

function ping(door: Door, _request: FastifyRequest, reply: FastifyReply): void {
  const isReady = door.phase === "ready" && door.catalog.ready;
  door.send(reply.header("content-type", "application/json"), isReady ? 200 : 503, "\n");
}

function version(door: Door, _request: FastifyRequest, reply: FastifyReply): void {
  door.send(reply.header("content-type", "application/json"), 200, mlflowVersion);
}
