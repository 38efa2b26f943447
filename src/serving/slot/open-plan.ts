// What a worker does with a plan: opens the very model and definition that were prepared.
import { openDefinition } from "../../deployment/open-definition.ts";
import type { OpenedDefinition } from "../../deployment/resolved-deployment.ts";
import { modelOpener } from "../model-opener.ts";
import { type OpenServiceOptions, openDeploymentService, openService } from "../open-service.ts";
import type { PredictionService } from "../prediction-service.ts";
import { packedOpener } from "./packed-models.ts";
import { plannedService } from "./planned-service.ts";
import type { TargetPlan } from "./target-plan.ts";

export interface OpenPlanOptions
  extends Pick<OpenServiceOptions, "maxModelBytes" | "limits" | "threads" | "place" | "cache"> {
  /**
   * Definitions by their digest: a module that was imported is never freed, so one that did not change is not imported again.
   * @default none is kept
   */
  readonly definitions?: Map<string, OpenedDefinition>;
}

/**
 * Neither verified nor warmed: `ModelSlot` does both.
 * @throws every code of loading a definition or a model
 */
export async function openPlan(plan: TargetPlan, options: OpenPlanOptions = {}): Promise<PredictionService> {
  const { definitions, ...load } = options;
  const { model, members, env } = plan.request;
  const face = { name: plan.name, version: plan.placeVersion };
  const asked: OpenServiceOptions = {
    ...load,
    open: packedOpener(plan.packed ?? [], modelOpener(load.cache)),
    model,
    members,
    env: env ?? {},
    // A plan without a definition was prepared as a model.
    isModel: plan.definitionDigest === null,
    verify: false,
  };
  if (plan.definitionDigest === null) return plannedService(await openService(plan.place, asked), face);
  let opened = definitions?.get(plan.definitionDigest);
  if (opened === undefined) {
    opened = await openDefinition(plan.place);
    definitions?.set(opened.digest, opened);
  }
  return plannedService(await openDeploymentService(opened, asked), face);
}
