// `GET /v1/models` and `/v1/models/{name}`: KServe's `name` and `ready` with TensorFlow Serving's status of each version.
import type { FastifyReply, FastifyRequest } from "fastify";
import { trimaranError } from "../../../base/errors.ts";
import type { ModelState, ModelStatus } from "../../../serving/catalog.ts";
import type { Door } from "../door.ts";

export function listModels(door: Door, _request: FastifyRequest, reply: FastifyReply): void {
  door.sendJson(reply, 200, { models: door.catalog.names });
}

/** 503 while no version of the name answers, as KServe does. */
export function showModel(door: Door, request: FastifyRequest, reply: FastifyReply): void {
  const { name, version } = request.params as { readonly name: string; readonly version?: string };
  try {
    door.service(name, version);
  } catch (error) {
    door.sendError(reply, error);
    return;
  }
  const statuses = door.catalog
    .statuses()
    .filter((status) => status.name === name && (version === undefined || status.version === version));
  if (statuses.length === 0) {
    door.sendError(reply, trimaranError("REQUEST_NO_VERSION", { name, version: version ?? "at all" }));
    return;
  }
  const ready = door.phase === "ready";
  door.sendJson(reply, 200, { name, ready, model_version_status: statuses.map(versionStatus) });
}

const stateNames = {
  UNKNOWN: "UNKNOWN",
  READY: "AVAILABLE",
  UNAVAILABLE: "END",
  LOADING: "LOADING",
  UNLOADING: "UNLOADING",
} as const satisfies { readonly [State in ModelState]: string };

function versionStatus({ version, state, reason }: ModelStatus): unknown {
  const status =
    state === "UNAVAILABLE"
      ? { error_code: "UNAVAILABLE", error_message: reason }
      : { error_code: "OK", error_message: reason };
  return { version, state: stateNames[state], status };
}
