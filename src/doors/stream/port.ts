// What the parts of the stream door agree on: an engine brings records of one partition and commits what became of them together
// with its position; a handler says what became of them and knows no engine.

export interface StreamRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly (readonly [name: string, value: Uint8Array | null])[];
  /** Milliseconds since 1970. */
  readonly timestamp: number;
}

export interface OutgoingRecord {
  readonly to: "output" | "deadLetter";
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: StreamRecord["headers"];
  /** Milliseconds since 1970. @default when it is written */
  readonly timestamp?: number;
  /** Where it goes in the place of the engine's own topic, in the same transaction; a file has none. @default the engine's own */
  readonly topic?: string;
}

/** Records of one partition, in order; never empty. */
export interface StreamBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly StreamRecord[];
}

/** What became of a batch. */
export interface HandledBatch {
  /** To be written in this order, in one transaction with the position behind the batch. */
  readonly outgoing: readonly OutgoingRecord[];
  /**
   * The stream ends here: only so many records from the begin of the batch are done, with what is outgoing. Once that stands the engine
   * throws the error, and a restart begins with the record that it is about. @default the whole batch is done
   */
  readonly ended?: { readonly records: number; readonly error: Error };
  /** Called once, when all of it stands: then counters count it and prediction events are logged. Must not throw. */
  committed?(): void;
}

/**
 * What it throws ends the engine: nothing of the batch is written, and it is handled again after a restart. Temporary failures it
 * waits out by itself; an aborted signal makes it throw the signal's reason.
 */
export type BatchHandler = (batch: StreamBatch, signal: AbortSignal) => Promise<HandledBatch>;

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** What an engine tells as it runs; metrics and logs are made of it. Must not throw. */
export interface StreamEvents {
  rebalanced(change: {
    readonly assigned: readonly TopicPartition[];
    readonly revoked: readonly TopicPartition[];
  }): void;
  /** Records that wait behind the position. */
  lag(at: TopicPartition, records: number): void;
  /** A batch and its position stand. `milliseconds`: of writing and committing. */
  committed(at: TopicPartition, facts: { readonly records: number; readonly milliseconds: number }): void;
  /** A transaction was given up; its records come again, here or at another consumer. */
  aborted(at: TopicPartition, code: string): void;
  /** Something that a person should read, once. */
  note(text: string): void;
}

export type Delivery = "exactly-once" | "at-least-once";

/** One source with its sink, open. */
export interface StreamEngine extends AsyncDisposable {
  readonly delivery: Delivery;
  /**
   * Until the source ends, or the signal aborts: then what is under way is finished and committed, and nothing new is begun.
   * @throws what the handler throws, and the engine's own errors; what was not committed comes again
   */
  run(handler: BatchHandler, signal: AbortSignal): Promise<void>;
}
