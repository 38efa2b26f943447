// Whose callers a change must fit: those who name no version get what answers after it, without being asked.
import { trimaranError } from "../../base/errors.ts";
import type { PredictionService } from "../prediction-service.ts";
import { compatibilityIssues } from "./compatibility.ts";
import { chosenLane, type ServingChange } from "./serving-change.ts";
import { currentSlot, type SlotGroup } from "./slot-group.ts";
import type { TargetPlan } from "./target-plan.ts";
import { compareVersions } from "./version-order.ts";

/** The service that a plan takes the place of: what its lane serves, or what answers for the name if it is to answer. */
export function replacedBy(
  { lane, version }: TargetPlan,
  group: SlotGroup | undefined,
  changes: readonly ServingChange[],
): PredictionService | null {
  if (group === undefined) return null;
  const own = group.lanes.get(lane)?.current;
  if (own) return own.service;
  const answers = currentSlot(group)?.current ?? null;
  const chosen = chosenLane(changes, group.name, group.chosen);
  const isNewest = answers !== null && compareVersions(version, answers.version) >= 0;
  return chosen === lane || (chosen === null && isNewest) ? (answers?.service ?? null) : null;
}

/** One that is served beside others is to answer for the name. @throws SLOT_INCOMPATIBLE */
export function assertMayAnswer(group: SlotGroup, lane: string | null): void {
  const next = lane === null ? undefined : group.lanes.get(lane)?.current?.service;
  const serving = currentSlot(group)?.current?.service;
  if (next === undefined || serving === undefined) return;
  const issues = compatibilityIssues(serving, next);
  if (issues.length === 0) return;
  throw trimaranError("SLOT_INCOMPATIBLE", { name: group.name, count: issues.length }, { issues });
}
