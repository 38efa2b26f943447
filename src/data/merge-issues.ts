// Issues of two stages of one batch.
import type { RowIssue } from "./batch.ts";

/** A row that was malformed never reached the model: what the model says of its placeholder does not count. */
export function mergeIssues(malformed: readonly RowIssue[], refused: readonly RowIssue[]): readonly RowIssue[] {
  if (malformed.length === 0) return refused;
  if (refused.length === 0) return malformed;
  const rows = new Set(malformed.map((issue) => issue.row));
  return [...malformed, ...refused.filter((issue) => !rows.has(issue.row))].sort((a, b) => a.row - b.row);
}
