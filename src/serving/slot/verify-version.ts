// What a new version must pass before it serves: it is what was planned, it fits its definition, and it fits the callers of the
// version that serves.
import { type Issue, trimaranError } from "../../base/errors.ts";
import { checkInputExample } from "../check-input-example.ts";
import type { PredictionService } from "../prediction-service.ts";
import { compatibilityIssues } from "./compatibility.ts";
import type { TargetPlan } from "./target-plan.ts";

export interface VerifyOptions {
  readonly plan: TargetPlan;
  /** The version that serves; null where callers know none yet, or are ready for anything. */
  readonly against: PredictionService | null;
}

/**
 * What is worth a line of the log.
 * @throws SLOT_CHANGED, CHECK_FAILED, SLOT_EXAMPLE, SLOT_INCOMPATIBLE
 */
export async function verifyVersion(
  service: PredictionService,
  { plan, against }: VerifyOptions,
): Promise<readonly string[]> {
  const { name } = plan;
  if (service.model.digest !== plan.modelDigest) throw trimaranError("SLOT_CHANGED", { what: "The model", name });
  if (service.definitionDigest !== plan.definitionDigest) {
    throw trimaranError("SLOT_CHANGED", { what: "The definition", name });
  }
  const notes = await verifyAlone(service, name);
  const unfit: readonly Issue[] = against === null ? [] : compatibilityIssues(against, service);
  if (unfit.length > 0) throw trimaranError("SLOT_INCOMPATIBLE", { name, count: unfit.length }, { issues: unfit });
  return notes;
}

/**
 * What can be said of a version without knowing any other: it answers its definition's examples, and its model's own. Gives notes.
 * @throws CHECK_FAILED, SLOT_EXAMPLE
 */
export async function verifyAlone(service: PredictionService, name: string): Promise<readonly string[]> {
  const { issues, notes } = await service.check();
  if (issues.length > 0) throw trimaranError("CHECK_FAILED", { name, count: issues.length }, { issues });
  const unanswered = await checkInputExample(service);
  if (unanswered.length > 0) {
    throw trimaranError("SLOT_EXAMPLE", { name, count: unanswered.length }, { issues: unanswered });
  }
  return notes.map(({ message }) => message);
}
