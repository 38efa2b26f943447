// What a user's function threw, in words that hold no cell values.
import { typeOfValue } from "./field-issue.ts";

/** The error's class and its place in the user's file. Never its message: that may quote a cell. */
export function describeThrown(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `it threw ${typeOfValue(thrown)}`;
  const place = /([^/\\()\s]+\.(?:[cm]?[jt]s))(?:\?[^:)\s]*)?:(\d+):\d+/.exec(thrown.stack ?? "");
  const kind = thrown.constructor.name || "Error";
  const article = /^[AEIOU]/.test(kind) ? "an" : "a";
  return `it threw ${article} ${kind}${place === null ? "" : ` (${place[1]}, line ${place[2]})`}`;
}
