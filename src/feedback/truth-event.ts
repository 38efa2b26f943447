// What a caller says turned out to be true, checked and made an event.
import { createHash } from "node:crypto";
import { didYouMean } from "../base/did-you-mean.ts";
import type { Issue } from "../base/errors.ts";
import { typeOfValue } from "../data/field-issue.ts";
import { jsonPointer } from "../data/json-pointer.ts";
import { jsonValueText } from "../data/json-value-text.ts";
import type { TruthEvent } from "./feedback-event.ts";

const members = ["id", "key", "value", "time", "source"] as const;
const maxName = 512;

/** RFC 3339 with its zone: a time without one is a guess. */
const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/i;

/** The event, or what is wrong with it; paths are relative to `path`. `now` is when it came. */
export function readTruth(
  sent: unknown,
  { path, now }: { readonly path: string; readonly now: Date },
): TruthEvent | Issue[] {
  if (typeof sent !== "object" || sent === null || Array.isArray(sent)) {
    return [{ path, code: "wrong_type", message: `Must be an object; ${typeOfValue(sent)} came.` }];
  }
  const issues: Issue[] = [];
  const given = sent as { readonly [Name in (typeof members)[number]]?: unknown };
  const refuse = (name: string, code: string, message: string): void => {
    issues.push({ path: path + (name === "" ? "" : jsonPointer(name)), code, message });
  };
  for (const name of Object.keys(sent)) {
    if ((members as readonly string[]).includes(name)) continue;
    refuse(name, "unknown_field", `There is no such member${didYouMean(name, members)}.`);
  }
  const { id, key, value, time, source = "web" } = given;
  if ((id === undefined) === (key === undefined)) {
    refuse("", "required", "Must name the prediction by its `id` or its `key`, one of them.");
  }
  if (id !== undefined && !isName(id)) refuse("id", "wrong_type", nameText);
  if (key !== undefined && !isName(key)) refuse("key", "wrong_type", nameText);
  if (!isName(source)) refuse("source", "wrong_type", nameText);
  if (value === undefined || value === null) refuse("value", "required", "Must be what turned out to be true.");
  else if (!isExact(value)) refuse("value", "not_exact", "Holds a number that a 64-bit float cannot hold.");
  const at = time === undefined ? now.getTime() : timeOf(time);
  if (Number.isNaN(at)) refuse("time", "wrong_type", 'Must be a time with its zone, such as "2026-01-31T12:00:00Z".');
  if (issues.length > 0) return issues;
  const said = { id, key, value, source, time: time === undefined ? undefined : new Date(at) };
  const digest = createHash("sha256").update(jsonValueText(said)).digest("hex").slice(0, 16);
  const named = id === undefined ? { key: key as string } : { id: id as string };
  return { ...named, time: new Date(at).toISOString(), value, source: source as string, digest };
}

export function truthText(event: TruthEvent): string {
  return `${jsonValueText(event)}\n`;
}

const nameText = `Must be a text of 1 to ${maxName} characters without control characters.`;

function isName(value: unknown): value is string {
  return (
    typeof value === "string" &&
    value.length >= 1 &&
    value.length <= maxName &&
    !/[\u0000-\u001f\u007f-\u009f\ud800-\udfff]/u.test(value)
  );
}

/** A number too large for a double is an infinity by now. */
function isExact(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null) return true;
  return Object.values(value).every(isExact);
}

function timeOf(text: unknown): number {
  return typeof text === "string" && timestamp.test(text) ? Date.parse(text) : Number.NaN;
}
