// What a short-lived process does before workers open a target: reads and verifies it once, and packs its model for them.
import { findDefinition, openDefinition } from "../../deployment/open-definition.ts";
import { isUri, resolveModelUri } from "../../deployment/resolve-model-uri.ts";
import type { OpenedDefinition } from "../../deployment/resolved-deployment.ts";
import { splitMembers } from "../../loaders/split-members.ts";
import { versionText } from "../catalog.ts";
import { modelOpener } from "../model-opener.ts";
import { type OpenServiceOptions, openDeploymentService, openService } from "../open-service.ts";
import { settleTarget } from "./expand-target.ts";
import { type PackedModel, packingOpener } from "./packed-models.ts";
import { plannedService } from "./planned-service.ts";
import type { TargetPlan, TargetRequest } from "./target-plan.ts";
import { verifyAlone } from "./verify-version.ts";

/** With a `cache` the model is packed into it, and workers that are given the same one open it from there. */
export type PrepareOptions = Pick<
  OpenServiceOptions,
  "maxModelBytes" | "limits" | "threads" | "place" | "cache" | "tracking"
>;

/** @throws every code of loading a definition or a model; CHECK_FAILED, SLOT_EXAMPLE, SLOT_NO_VERSION */
export async function prepareTarget(request: TargetRequest, options: PrepareOptions = {}): Promise<TargetPlan> {
  const { maxModelBytes, limits, threads, cache, tracking } = options;
  const readAt = Date.now();
  const { target, model, members, env = {} } = request;
  const packed: PackedModel[] = [];
  const asked: OpenServiceOptions = {
    maxModelBytes,
    limits,
    threads,
    tracking,
    open: packingOpener(modelOpener(cache), packed),
    place: options.place,
    model,
    members,
    env,
    isModel: request.isModel,
    verify: false,
  };
  const settled = await settleTarget(request);
  const { place } = settled;
  const opened = request.isModel === true ? null : await openIfDefinition(place);
  const service = plannedService(
    opened === null ? await openService(place, asked) : await openDeploymentService(opened, asked),
    settled,
  );
  try {
    await verifyAlone(service, target);
    return {
      request: plainRequest(request),
      lane: request.lane ?? target,
      place,
      placeVersion: settled.version,
      name: service.name,
      version: versionText(service),
      modelDigest: service.model.digest,
      definitionDigest: service.definitionDigest,
      modules: opened?.modules ?? [],
      packed,
      readAt,
      uris:
        settled.folder !== null
          ? [settled.folder]
          : opened === null
            ? [splitMembers(service.model.uri).uri]
            : urisOf(opened, request),
    };
  } finally {
    await service.close();
  }
}

async function openIfDefinition(target: string): Promise<OpenedDefinition | null> {
  const isModel = (isUri(target) && !/^file:/i.test(target)) || splitMembers(target).members.length > 0;
  const file = isModel ? null : await findDefinition(target);
  return file === null ? null : openDefinition(file);
}

function urisOf({ definition, file }: OpenedDefinition, { model, env = {} }: TargetRequest): readonly string[] {
  const { line } = resolveModelUri(definition, { flag: model, env, file });
  const uris = line.kind === "single" ? [line.uri] : Object.values(line.uris);
  return uris.map((uri) => splitMembers(uri).uri);
}

/** Of the environment only what chooses a model: a plan goes to other processes and into logs. */
function plainRequest(request: TargetRequest): TargetRequest {
  const { MODEL_URI, RUN_ID } = request.env ?? {};
  return {
    ...request,
    env: { ...(MODEL_URI ? { MODEL_URI } : {}), ...(RUN_ID ? { RUN_ID } : {}) },
  };
}
