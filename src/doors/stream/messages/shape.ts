// What a message is: bytes, key and headers → a row, and a row's output → bytes, key and headers. A format (JSON, CloudEvents,
// Avro …) and a layout (where the row stands, what is copied into the answer) make a shape; the handler sees only this.
import type { Issue } from "../../../base/errors.ts";
import type { OutgoingRecord, StreamRecord } from "../port.ts";

/** What an answer takes over from its message. */
export interface Carried {
  readonly record: StreamRecord;
  /** When the event happened, in milliseconds since 1970: its own time where the format has one, else the record's. */
  readonly time: number;
  /** What the definition's `stream.keep` names, in its order. */
  readonly kept: readonly unknown[];
  /** The record's headers without those that say how its value is written. */
  readonly headers: StreamRecord["headers"];
  /** Of a CloudEvent: what it says of itself. */
  readonly event?: EventContext;
  /** Of a message with a schema: the types of what is kept, so that the answer's schema has them too. */
  readonly schema?: CarriedSchema;
}

export interface EventContext {
  /** Structured: the event is the value; binary: the value is its data, and headers say the rest. */
  readonly mode: "structured" | "binary";
  /** `subject`, `time` and extensions, by name. */
  readonly attributes: Readonly<Record<string, EventAttribute>>;
}

export type EventAttribute = string | number | boolean;

export interface CarriedSchema {
  /** Equal for equal schemas. */
  readonly id: string;
  /** One a kept field, as Avro writes types. */
  readonly kept: readonly unknown[];
}

export type DecodedMessage =
  | { readonly kind: "row"; readonly row: unknown; readonly carried: Carried }
  | RefusedMessage;

/** Poison: it goes to the dead letter topic. Paths are JSON Pointers into the message. */
export interface RefusedMessage {
  readonly kind: "refused";
  readonly issues: readonly [Issue, ...Issue[]];
}

export type EncodedMessage = Pick<OutgoingRecord, "key" | "value" | "headers" | "timestamp">;

/** How messages are read. */
export interface MessageDecoder {
  /** Where the row stands in a message: issues of the row stand below it (`/ride` + `/trip_distance`). */
  readonly rowPath: string;
  /**
   * Fetches what `decode` and `encode` need for these records, such as schemas that are not known yet; undefined when there is
   * nothing to fetch. A shape without it never waits for anybody.
   * @throws SCHEMA_REGISTRY_UNAVAILABLE and others of the registry: none of the records is to blame
   */
  prepare?(records: readonly StreamRecord[], signal: AbortSignal): Promise<void> | undefined;
  /** Never throws, whatever the bytes are. */
  decode(record: StreamRecord): DecodedMessage;
}

/** How answers are written. */
export interface MessageEncoder {
  /** As the decoder's, once the records are decoded; before `encode`. */
  prepareAnswers?(carried: readonly Carried[], signal: AbortSignal): Promise<void> | undefined;
  /** `output` is `answers.value(row)`; `modelVersion` is never empty (`sha256:<12 hex>` where the model has none). */
  encode(output: Readonly<Record<string, unknown>>, carried: Carried, modelVersion: string): EncodedMessage;
}

/**
 * The time of the record that answers: its message's own, which the broker has taken already. What an event says of its time stays in
 * the event: a broker refuses a whole transaction for one record from the future.
 */
export function timestampOf({ timestamp }: StreamRecord): number | undefined {
  return timestamp >= 0 && timestamp < endOfYears ? timestamp : undefined;
}

/** The year 10000, which RFC 3339 cannot write. */
export const endOfYears = 253_402_300_800_000;

export type MessageShape = MessageDecoder & MessageEncoder;
