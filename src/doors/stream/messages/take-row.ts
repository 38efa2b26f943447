// The value of a message, in whatever format it came → its row and what is kept for the answer.
import type { Issue } from "../../../base/errors.ts";
import { hasOverflow, overflowIssues } from "../../../data/overflow.ts";
import type { Layout } from "./layout.ts";
import { exactValue } from "./read-message-json.ts";
import type { Carried, DecodedMessage } from "./shape.ts";

export interface TakeOptions {
  readonly layout: Layout;
  /** No schema reads the rows, so that numbers too large for a double are found here. */
  readonly bare: boolean;
}

export interface MessageValue {
  readonly value: unknown;
  /** The JSON that the value was read from; without it its integers are exact already. */
  readonly text?: string;
  /** The member of that JSON which the value is. @default all of it */
  readonly member?: string;
}

/** `base` is where the value stands in the message: `""`, or `/data` in an event. */
export function takeRow(
  { value, text, member }: MessageValue,
  { layout, bare }: TakeOptions,
  carried: Omit<Carried, "kept"> & { readonly base?: string },
): DecodedMessage {
  const { base = "", record, time, headers, event, schema } = carried;
  const taken = layout.take(value);
  if (taken.kind === "refused") return base === "" ? taken : below(base, taken.issues);
  const { row } = taken;
  let { kept } = taken;
  // Most of what is kept is a small number or a text, and this runs for every message.
  if (!kept.every(isPlain)) {
    const large = kept.flatMap((item, index) => overflowsBelow(layout.keptPaths[index]!, item));
    if (large.length > 0) return below(base, large);
    // What is only copied is copied exactly.
    if (text !== undefined && kept.some(isInexact)) {
      const whole = exactValue(text);
      const again = layout.take(member === undefined ? whole : (whole as Readonly<Record<string, unknown>>)[member]);
      if (again.kind === "taken") kept = again.kept;
    }
  }
  if (bare) {
    const large = overflowsBelow(layout.rowPath, row);
    if (large.length > 0) return below(base, large);
  }
  if (event === undefined && schema === undefined) {
    return { kind: "row", row, carried: { record, time, kept, headers } };
  }
  const own = { ...(event === undefined ? {} : { event }), ...(schema === undefined ? {} : { schema }) };
  return { kind: "row", row, carried: { record, time, kept, headers, ...own } };
}

function isPlain(value: unknown): boolean {
  return typeof value === "number" ? Number.isSafeInteger(value) : typeof value === "string";
}

/** There is at least one issue. */
function below(base: string, issues: readonly Issue[]): DecodedMessage {
  const moved = issues.map((issue) => ({ ...issue, path: base + issue.path }));
  return { kind: "refused", issues: moved as [Issue, ...Issue[]] };
}

const maxOverflows = 16;
const noIssues: readonly Issue[] = [];

function overflowsBelow(path: string, value: unknown): readonly Issue[] {
  if (!hasOverflow(value)) return noIssues;
  return overflowIssues(value, maxOverflows).map((issue) => ({ ...issue, path: path + issue.path }));
}

/** Holds an integer beyond 2^53. */
function isInexact(value: unknown): boolean {
  if (typeof value === "number") return Number.isInteger(value) && !Number.isSafeInteger(value);
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(isInexact);
}
