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
  /** What the format itself needs again, such as the attributes of a CloudEvent. */
  readonly envelope?: unknown;
}

export type DecodedMessage =
  | { readonly kind: "row"; readonly row: unknown; readonly carried: Carried }
  /** Poison: it goes to the dead letter topic. Paths are JSON Pointers into the message. */
  | { readonly kind: "refused"; readonly issues: readonly [Issue, ...Issue[]] };

export type EncodedMessage = Pick<OutgoingRecord, "key" | "value" | "headers" | "timestamp">;

export interface MessageShape {
  /** Where the row stands in a message: issues of the row stand below it (`/ride` + `/trip_distance`). */
  readonly rowPath: string;
  /**
   * Fetches what `decode` and `encode` need for these records, such as schemas that are not known yet; undefined when there is
   * nothing to fetch. A shape without it never waits for anybody.
   * @throws SCHEMA_REGISTRY_UNAVAILABLE and others of the registry: try again later, none of the records is to blame
   */
  prepare?(records: readonly StreamRecord[], signal: AbortSignal): Promise<void> | undefined;
  /** Never throws, whatever the bytes are. */
  decode(record: StreamRecord): DecodedMessage;
  /** `output` is `answers.value(row)`; `modelVersion` is never empty (`sha256:<12 hex>` where the model has none). */
  encode(output: Readonly<Record<string, unknown>>, carried: Carried, modelVersion: string): EncodedMessage;
}
