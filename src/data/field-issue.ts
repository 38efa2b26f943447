// How a field's reader reports: names, expectations and the type of what came, never its value.
import { countWarning } from "./batch.ts";
import type { RowNotes } from "./schema-row.ts";

/** What a reader gives instead of a value after it added an issue. */
export const refused: unique symbol = Symbol("refused");

/** Above this many issues of one request nothing more is written down, so that a hostile body cannot fill the memory. */
export const maxIssues = 1000;
const maxUnknownNames = 32;
const maxNameChars = 64;

/** The stable codes of problems in rows. */
export type FieldIssueCode =
  | "missing_field"
  | "unknown_field"
  | "wrong_type"
  | "out_of_range"
  | "not_whole"
  | "not_exact"
  | "not_finite"
  | "not_allowed"
  | "bad_format"
  | "bad_text"
  | "too_long"
  | "too_short"
  | "too_many_items"
  | "too_few_items";

export interface FieldIssue {
  readonly path: string;
  readonly code: FieldIssueCode;
  readonly message: string;
}

export function refuse(notes: RowNotes, issue: FieldIssue): typeof refused {
  if (notes.issues.length < maxIssues) notes.issues.push(issue);
  return refused;
}

/** Counts a field that was ignored; beyond 32 different names the rest is counted as `*`. */
export function countUnknownField(notes: RowNotes, name: string): void {
  const full = notes.warnings.size >= maxUnknownNames || name.length > maxNameChars;
  countWarning(notes.warnings, "unknown_field", full ? "*" : name);
}

/** `a string`, `null`, `an array`: what came, without saying which. */
export function typeOfValue(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (value instanceof Date) return "a Date";
  switch (typeof value) {
    case "undefined":
      return "nothing";
    case "object":
      return "an object";
    default:
      return `a ${typeof value}`;
  }
}
