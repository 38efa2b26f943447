// The slots of one name, one a lane, and which of them answers.
import type { ModelStatus } from "../catalog.ts";
import type { PredictionService } from "../prediction-service.ts";
import type { ModelSlot } from "./model-slot.ts";
import type { TargetRequest } from "./target-plan.ts";
import { compareVersions } from "./version-order.ts";

export interface SlotGroup {
  readonly name: string;
  /** By lane, in the order of the targets. */
  readonly lanes: Map<string, ModelSlot>;
  /** What `load` loads again, by lane. */
  readonly requests: Map<string, TargetRequest>;
  readonly service: PredictionService;
  /** It was served and nobody unloaded it; what never could be served does not make the others unready. */
  wanted: boolean;
  /** The lane that answers calls without a version; null: the newest. */
  chosen: string | null;
}

/** The slot that answers calls without a version: the chosen one, else the newest. */
export function currentSlot(group: SlotGroup): ModelSlot | null {
  return orderedSlots(group)[0] ?? null;
}

/**
 * The one that answers first, then the newest by number, those without a version last. Where versions are no numbers, in the order of
 * the targets.
 */
export function orderedSlots({ lanes, chosen }: SlotGroup): readonly ModelSlot[] {
  const first = chosen === null ? undefined : lanes.get(chosen);
  const slots = [...lanes.values()];
  if (slots.length < 2) return slots;
  slots.sort(newerFirst);
  if (first === undefined || first.current === null) return slots;
  return [first, ...slots.filter((slot) => slot !== first)];
}

/** The models behind a slot's definition, as the repository shows them. */
export function bareStatuses({ current }: ModelSlot): readonly ModelStatus[] {
  if (current === null) return [];
  return current.bare.map(({ name }) => ({ name, version: current.version, state: "READY", reason: "" }));
}

function newerFirst(one: ModelSlot, other: ModelSlot): number {
  if (one.current === null || other.current === null)
    return Number(one.current === null) - Number(other.current === null);
  return compareVersions(other.current.version, one.current.version);
}
