// Messages that are JSON, with nothing around it: plain rows, the course's envelope, or any other that a layout describes.
import type { Issue } from "../../../base/errors.ts";
import { hasOverflow, overflowIssues } from "../../../data/overflow.ts";
import type { StreamRecord } from "../port.ts";
import type { Layout } from "./layout.ts";
import { exactValue, type MessageLimits, readMessageJson, refused } from "./read-message-json.ts";
import type { Carried, DecodedMessage, MessageShape } from "./shape.ts";

export interface JsonShapeOptions {
  readonly layout: Layout;
  readonly limits: MessageLimits;
  /** No schema reads the rows, so that numbers too large for a double are found here. */
  readonly bare: boolean;
}

export function jsonShape(options: JsonShapeOptions): MessageShape {
  const { layout } = options;
  return {
    rowPath: layout.rowPath,
    decode(record) {
      if (record.value === null) return refused("empty", "The message has no value.");
      return decodeJson(record.value, { ...options, record });
    },
    encode(output, { record, kept, time }, modelVersion) {
      const value = Buffer.from(layout.text(output, kept, modelVersion));
      return { key: record.key, value, headers: record.headers, timestamp: time };
    },
  };
}

export interface JsonContext extends JsonShapeOptions {
  readonly record: StreamRecord;
  /** @default the record's */
  readonly time?: number;
  readonly envelope?: unknown;
}

/** A row and what is kept, from the bytes of JSON. */
export function decodeJson(bytes: Uint8Array, context: JsonContext): DecodedMessage {
  const read = readMessageJson(bytes, context.limits);
  if (read.kind === "refused") return read;
  return takeRow(read.value, context, () => exactValue(read.text));
}

/** A row and what is kept, from a JSON value. `exact` gives the value anew, with large integers as bigints. */
export function takeRow(value: unknown, context: JsonContext, exact: () => unknown): DecodedMessage {
  const { layout, bare, record, time = record.timestamp, envelope } = context;
  const taken = layout.take(value);
  if (taken.kind === "refused") return taken;
  const { row } = taken;
  let { kept } = taken;
  if (kept.length > 0) {
    const large = kept.flatMap((value, index) => overflowsBelow(layout.keptPaths[index]!, value));
    if (large.length > 0) return { kind: "refused", issues: large as [Issue, ...Issue[]] };
    // What is only copied is copied exactly.
    if (kept.some(isInexact)) {
      const again = layout.take(exact());
      if (again.kind === "taken") kept = again.kept;
    }
  }
  if (bare) {
    const large = overflowsBelow(layout.rowPath, row);
    if (large.length > 0) return { kind: "refused", issues: large as [Issue, ...Issue[]] };
  }
  const carried: Carried = envelope === undefined ? { record, time, kept } : { record, time, kept, envelope };
  return { kind: "row", row, carried };
}

const maxOverflows = 16;

function overflowsBelow(path: string, value: unknown): readonly Issue[] {
  if (!hasOverflow(value)) return noIssues;
  return overflowIssues(value, maxOverflows).map((issue) => ({ ...issue, path: path + issue.path }));
}

const noIssues: readonly Issue[] = [];

/** Holds an integer beyond 2^53. */
function isInexact(value: unknown): boolean {
  if (typeof value === "number") return Number.isInteger(value) && !Number.isSafeInteger(value);
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(isInexact);
}
