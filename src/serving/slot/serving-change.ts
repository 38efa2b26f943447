// What one process is told to change of what it serves. Plain data: a supervisor sends the same to every worker, first to `stage`
// (load beside what serves) and, when all of them could, to `commit`.
import type { TargetPlan } from "./target-plan.ts";

export interface CanaryPlan {
  readonly plan: TargetPlan;
  /** From 0 to 1: the part of the calls that it answers. */
  readonly share: number;
}

/** `isAccepted`: callers know it, or others serve it already; else what it takes is held against what serves. */
export type ServingChange =
  /** The plan takes the place of what its lane serves. */
  | { readonly kind: "apply"; readonly plan: TargetPlan; readonly isAccepted: boolean }
  | { readonly kind: "remove"; readonly name: string; readonly lane: string }
  | { readonly kind: "unload"; readonly name: string }
  /** Which lane answers calls that name no version; null: the newest. */
  | { readonly kind: "choose"; readonly name: string; readonly lane: string | null; readonly isAccepted: boolean }
  | {
      readonly kind: "shadow";
      readonly name: string;
      readonly lane: string;
      readonly plan: TargetPlan | null;
    }
  | {
      readonly kind: "canary";
      readonly name: string;
      readonly lane: string;
      readonly canary: CanaryPlan | null;
    };

/** The lane that answers for a name after these changes; `was`: the one that does now. */
export function chosenLane(changes: readonly ServingChange[], name: string, was: string | null): string | null {
  const chosen = changes.findLast((change) => change.kind === "choose" && change.name === name);
  return chosen?.kind === "choose" ? chosen.lane : was;
}

/** Lanes that end with these changes. */
export function removedLanes(changes: readonly ServingChange[]): ReadonlySet<string> {
  return new Set(changes.flatMap((change) => (change.kind === "remove" ? [change.lane] : [])));
}
