// Numbers of JSON that are too large for a double: JSON.parse turns them into infinities, which JSON cannot write.
import type { Issue } from "../base/errors.ts";
import { jsonPointer } from "./json-pointer.ts";

/** Whether there is such a number. */
export function hasOverflow(value: unknown): boolean {
  if (typeof value === "number") return !Number.isFinite(value);
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some(hasOverflow);
  const record = value as Readonly<Record<string, unknown>>;
  for (const key in record) if (hasOverflow(record[key])) return true;
  return false;
}

/** An issue for each of those numbers, the first `maxIssues` of them. */
export function overflowIssues(value: unknown, maxIssues: number): Issue[] {
  const issues: Issue[] = [];
  const visit = (item: unknown, path: string): void => {
    if (issues.length >= maxIssues || !hasOverflow(item)) return;
    if (typeof item === "number") {
      issues.push({ path, code: "not_finite", message: "The number is too large for a 64-bit float." });
    } else {
      const steps = Array.isArray(item) ? item.entries() : Object.entries(item as object);
      for (const [step, inner] of steps) visit(inner, path + jsonPointer(step));
    }
  };
  visit(value, "");
  return issues;
}
