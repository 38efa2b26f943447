// Which service a v1 path means: a name, with a version or a label where the path has one.
import type { FastifyRequest } from "fastify";
import { trimaranError } from "../../../base/errors.ts";
import type { PredictionService } from "../../../serving/prediction-service.ts";
import type { Door } from "../door.ts";

/** `stable` is the version that serves, `canary` the one that answers a share. @throws as `Door.service`; KSERVE_NO_LABEL */
export function findService(door: Door, request: FastifyRequest): PredictionService {
  const { name, version, label } = request.params as { readonly name: string; version?: string; label?: string };
  const service = door.service(name, version);
  if (label === undefined) return service;
  const { catalog } = door;
  const isKnown = label === "stable" || label === "canary";
  const labelled = isKnown ? catalog.labelled?.(name, label) : undefined;
  if (labelled !== undefined) return labelled;
  if (label === "stable") return service;
  throw trimaranError("KSERVE_NO_LABEL", { name, label });
}
