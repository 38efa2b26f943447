// When two answers are the same to a client: status and body; of an error its code and how its message begins.
import { isDeepStrictEqual } from "node:util";
import { differences } from "./differences.ts";
import type { Told } from "./one-side.ts";

/** What clients and their tests look for in messages. */
const known = [
  /^Missing value for required parameter '/,
  /^Invalid value .* for parameter '/,
  /^No Experiment with id=/,
  /^Could not find experiment/,
  /^Run with id=/,
  /^Registered Model with name=/,
  /^The (run|experiment) .* must be in/,
  /^Registered model alias /,
  / already exists\.$/,
  /^Trace with ID '/,
  /^Logged model with ID '/,
];

/** Null: as it should be. */
export function problemOf(title: string, theirs: Told, ours: Told): string | null {
  const isSame = isAlike(theirs, ours);
  const listed = Object.hasOwn(differences, title) ? differences[title] : undefined;
  if (listed === undefined) return isSame ? null : tell(theirs, ours);
  if (isSame) return "a difference is listed, and there is none";
  return ours.status === listed[0] ? null : tell(theirs, ours);
}

function isAlike(theirs: Told, ours: Told): boolean {
  if (theirs.status !== ours.status) return false;
  if (theirs.body === "<page>") return true;
  if (theirs.status < 400) return isDeepStrictEqual(rounded(theirs.body), rounded(ours.body));
  const [a, b] = [errorOf(theirs.body), errorOf(ours.body)];
  if (a.code !== b.code) return false;
  const words = known.find((pattern) => pattern.test(a.message));
  return words === undefined || words.test(b.message);
}

function errorOf(body: unknown): { readonly code: string; readonly message: string } {
  const { error_code: code = "", message = "" } = (body ?? {}) as { error_code?: string; message?: string };
  return { code, message };
}

/** Sums are added in another order. */
function rounded(value: unknown): unknown {
  if (typeof value === "number") return Number.isInteger(value) ? value : Number(value.toPrecision(12));
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rounded(item)]));
}

function tell(theirs: Told, ours: Told): string {
  if (theirs.status === ours.status && theirs.status < 400)
    return differenceOf(rounded(theirs.body), rounded(ours.body), "answer");
  return `theirs ${theirs.status} ${textOf(theirs.body)}\n  ours   ${ours.status} ${textOf(ours.body)}`;
}

/** Where two values begin to differ. */
function differenceOf(theirs: unknown, ours: unknown, path: string): string {
  if (typeof theirs === "object" && typeof ours === "object" && theirs !== null && ours !== null) {
    for (const key of new Set([...Object.keys(theirs), ...Object.keys(ours)])) {
      const [a, b] = [
        (theirs as Readonly<Record<string, unknown>>)[key],
        (ours as typeof theirs & Readonly<Record<string, unknown>>)[key],
      ];
      if (!isDeepStrictEqual(a, b)) return differenceOf(a, b, `${path}.${key}`);
    }
  }
  return `${path}: theirs ${textOf(theirs)}, ours ${textOf(ours)}`;
}

function textOf(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 300);
}
