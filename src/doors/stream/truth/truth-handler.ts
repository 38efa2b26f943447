// Records of the truth topic → the log of what turned out to be true, below `.trimaran/truth/`, which the feedback loop reads. Written
// before the position moves, so a record may be there twice after a crash: its digest is the same, and readers drop repeats.
import { type Issue, trimaranError } from "../../../base/errors.ts";
import type { TruthEvent } from "../../../feedback/feedback-event.ts";
import type { TruthLog } from "../../../feedback/truth-log.ts";
import type { MessageDecoder } from "../messages/shape.ts";
import type { BatchHandler, HandledBatch, StreamRecord } from "../port.ts";
import { patiently } from "../temporary.ts";
import type { TruthCounters } from "./truth-counters.ts";
import type { TruthReader } from "./truth-fields.ts";

export interface TruthHandlerOptions {
  readonly decoder: MessageDecoder;
  readonly read: TruthReader;
  readonly log: TruthLog;
  /** Whose predictions it is about. */
  readonly deployment: string;
  readonly counters: TruthCounters;
  /** Told of a record that is no truth: where it stands, and why. It stays where it is, and the others go on. */
  readonly onRefused: (text: string) => void;
  readonly onWait: (text: string) => void;
  /** Aborts when the stream is told to stop. */
  readonly stop: AbortSignal;
}

export function truthHandler(options: TruthHandlerOptions): BatchHandler {
  const { decoder, log, deployment, counters, onRefused, onWait, stop } = options;
  return async ({ records }, signal): Promise<HandledBatch> => {
    const patience = { signal, stop, onWait };
    if (decoder.prepare !== undefined) {
      await patiently(async () => decoder.prepare?.(records, signal), patience);
    }
    const events: TruthEvent[] = [];
    for (const record of records) {
      const read = readRecord(record, options);
      if (!isIssues(read)) {
        events.push(read);
        continue;
      }
      counters.refused++;
      const { topic, partition, offset } = record;
      const [first] = read;
      onRefused(
        `${topic}/${partition}/${offset} is no truth: ${`${first?.path ?? ""} ${first?.message ?? ""}`.trim()}`,
      );
    }
    const write = async (): Promise<void> => {
      const isWritten = await log.write(deployment, events);
      if (!isWritten) throw trimaranError("FEEDBACK_UNAVAILABLE", { problem: "the truth could not be written" });
    };
    await patiently(write, patience);
    const committed = (): void => {
      counters.taken += events.length;
    };
    return { outgoing: [], committed };
  };
}

function readRecord(record: StreamRecord, { decoder, read }: TruthHandlerOptions): TruthEvent | readonly Issue[] {
  const decoded = decoder.decode(record);
  if (decoded.kind === "refused") return decoded.issues;
  const { time } = decoded.carried;
  return read(decoded.row, new Date(time > 0 && time < 8.64e15 ? time : Date.now()));
}

function isIssues(read: TruthEvent | readonly Issue[]): read is readonly Issue[] {
  return Array.isArray(read);
}
