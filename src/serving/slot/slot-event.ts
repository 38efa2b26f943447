// What a slot tells of itself: what happened to versions, and what was answered by which of them.
import type { Answers } from "../answers.ts";
import type { AnswerOptions, PredictionService } from "../prediction-service.ts";

/** `champion` serves; a `challenger` answers a share (canary); a `shadow` gets a copy and its answers are dropped. */
export type ServingRole = "champion" | "challenger" | "shadow";

interface SlotEventFace {
  readonly name: string;
  /** As the Open Inference Protocol shows it. */
  readonly version: string;
  readonly role: ServingRole;
}

/**
 * The life of a version, in order: `loading` → `ready` (verified and warmed) → `swapped` (it serves; `from` is the version it
 * replaced, null at first) → `unloaded` (it serves no more) → `freed` (its last answer is given and its memory free).
 * `refused` ends it early: what served goes on to serve.
 */
export type SlotEvent =
  | (SlotEventFace & { readonly kind: "loading" })
  | (SlotEventFace & { readonly kind: "ready"; readonly loadMs: number; readonly notes: readonly string[] })
  | (SlotEventFace & { readonly kind: "swapped"; readonly from: string | null })
  | (SlotEventFace & { readonly kind: "refused"; readonly reason: string; readonly error?: unknown })
  | (SlotEventFace & { readonly kind: "unloaded" })
  | (SlotEventFace & { readonly kind: "freed" });

/** One answered call: the rows of a request, a batch or a poll. */
export interface AnsweredEvent {
  /** The version's own service: its definition, model, digests. Not the facade that callers hold. */
  readonly service: PredictionService;
  readonly version: string;
  readonly role: ServingRole;
  /** `Answers.record(row)` is what a prediction event is made of. */
  readonly answers: Answers;
  /** As the caller gave them; a shadow has those of the call that it copies. */
  readonly options: AnswerOptions;
  readonly latencyMs: number;
}

export type AnsweredListener = (event: AnsweredEvent) => void;
