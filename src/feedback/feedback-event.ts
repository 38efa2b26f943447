// What is remembered of a prediction, and of what turned out to be true: one shape for all doors, one line of JSON each.
import type { Warning } from "../data/batch.ts";

export interface EventModel {
  readonly name: string;
  readonly uri: string;
  /** Null where the model names none. */
  readonly version: string | null;
  /** `sha256:` and 64 hex digits. */
  readonly digest: string;
}

export type EventDoor = "web" | "batch" | "stream";
export type EventRole = "champion" | "challenger" | "shadow";

/** What all events of one version of a deployment in one role have in common. */
export interface EventSource {
  readonly door: EventDoor;
  readonly deployment: string;
  /** Null without a definition. */
  readonly definition_digest: string | null;
  readonly models: readonly EventModel[];
  readonly role: EventRole;
}

/** What differs from row to row. */
export interface EventRow {
  /** The same where the input is the same; readers drop repeats. */
  readonly id: string;
  readonly key?: string | undefined;
  /** When the row happened. */
  readonly time: Date;
  /** The row as validated. */
  readonly input: unknown;
  /** As it went into the model. */
  readonly features: unknown;
  /** What `lookup` fetched. */
  readonly extra?: unknown;
  /** What the model computed, where the output is not just that. */
  readonly raw?: unknown;
  readonly output: unknown;
  /** Counted over a call; of a call with several rows they stand in the event of its first row. */
  readonly warnings: readonly Warning[];
  /** Of the whole call. */
  readonly latencyMs: number;
}

/** As it is read back. */
export interface PredictionEvent extends EventSource {
  readonly id: string;
  readonly key?: string;
  readonly time: string;
  readonly input: unknown;
  readonly features: unknown;
  readonly extra?: unknown;
  readonly raw?: unknown;
  readonly output: unknown;
  readonly warnings: readonly Warning[];
  readonly latency_ms: number;
}

/** What turned out to be true about a prediction that is named by its id or its key. */
export interface TruthEvent {
  readonly id?: string;
  readonly key?: string;
  /** When it became known: as sent, else when it came. */
  readonly time: string;
  readonly value: unknown;
  /** Who says so. */
  readonly source: string;
  /** Of what was sent: the same truth sent twice is the same here. */
  readonly digest: string;
}
