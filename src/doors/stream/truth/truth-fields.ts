// Where in a message of the truth topic things stand: the stream section's `truth`. Without it messages are what `POST /feedback`
// takes: {"id" or "key", "value", "time", "source"}.
import { didYouMean } from "../../../base/did-you-mean.ts";
import { type Issue, trimaranError } from "../../../base/errors.ts";
import type { TruthEvent } from "../../../feedback/feedback-event.ts";
import { readTruth } from "../../../feedback/truth-event.ts";
import { type Layout, resolveLayout } from "../messages/layout.ts";

const members = ["id", "key", "value", "time", "source"] as const;
type Member = (typeof members)[number];

/** A message's value, and when it came; → the event, or what is wrong with it. */
export type TruthReader = (message: unknown, came: Date) => TruthEvent | readonly Issue[];

const usualSource = "stream";

/** `format` is another's. @throws STREAM_TRUTH, STREAM_SHAPE_INVALID */
export function truthReader({ format: _, ...fields }: Readonly<Record<string, string>>): TruthReader {
  const names = Object.keys(fields);
  if (names.length === 0) return readWhole;
  const refuse = (problem: string): Error => trimaranError("STREAM_TRUTH", { problem });
  for (const name of names) {
    if ((members as readonly string[]).includes(name)) continue;
    throw refuse(`it has no "${name}"${didYouMean(name, members)}`);
  }
  if (Object.hasOwn(fields, "id") === Object.hasOwn(fields, "key")) throw refuse("it needs id or key, one of them");
  if (!Object.hasOwn(fields, "value")) throw refuse("it does not say where the value stands");
  const places = names.map((name) => [name as Member, resolveLayout({ at: fields[name]! }, [])] as const);
  return (message, came) => readParts(message, came, places);
}

function readWhole(message: unknown, came: Date): TruthEvent | readonly Issue[] {
  const isObject = typeof message === "object" && message !== null && !Array.isArray(message);
  return readTruth(isObject ? { source: usualSource, ...message } : message, { path: "", now: came });
}

function readParts(
  message: unknown,
  came: Date,
  places: readonly (readonly [Member, Layout])[],
): TruthEvent | readonly Issue[] {
  const sent: Record<string, unknown> = { source: usualSource };
  const issues: Issue[] = [];
  for (const [name, place] of places) {
    const taken = place.take(message);
    if (taken.kind === "refused") issues.push(...taken.issues);
    else sent[name] = name === "id" || name === "key" ? asName(taken.row) : taken.row;
  }
  if (issues.length > 0) return issues;
  return readTruth(sent, { path: "", now: came });
}

/** A key is often a number. */
function asName(value: unknown): unknown {
  return (typeof value === "number" && Number.isSafeInteger(value)) || typeof value === "bigint"
    ? String(value)
    : value;
}
