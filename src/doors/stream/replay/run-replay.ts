// `stream replay`: dead letters go back to where they came from, each once for a group; over Kafka in transactions.
import { type EngineSettings, openEngine } from "../open-engine.ts";
import type { StreamEvents } from "../port.ts";
import type { StreamPlace } from "../stream-place.ts";
import { fileReplay, type ReplayCounters, topicReplay } from "./replay-handlers.ts";

export interface ReplayOptions {
  readonly from: StreamPlace;
  /** null: each to the topic that it came from. */
  readonly to: StreamPlace | null;
  readonly group: string;
  readonly note: (text: string) => void;
}

/** @returns how many were sent @throws STREAM_REPLAY, and what opening and reading the places throws */
export async function runReplay(
  { from, to, group, note }: ReplayOptions,
  settings: EngineSettings,
  signal: AbortSignal,
): Promise<number> {
  const counters: ReplayCounters = { sent: 0 };
  const nothing = (): void => {};
  const events: StreamEvents = { rebalanced: nothing, lag: nothing, committed: nothing, aborted: nothing, note };
  await using engine = await openEngine({ from, to, deadLetter: null, group, isShared: true }, settings, events);
  const handler =
    from.kind === "kafka"
      ? topicReplay(counters, to !== null)
      : fileReplay(counters, from.kind === "file" ? from.path : "stdin");
  await engine.run(handler, signal);
  return counters.sent;
}
