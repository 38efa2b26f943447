// One call's side: which rows are refused and why, and what is to be warned of.
import { countWarning, type RowIssue, type Warning, type WarningCode } from "../data/batch.ts";

/** More issues of one row than this are not listed; the row is refused either way. */
const maxIssuesPerRow = 16;

export interface Frame {
  readonly rowCount: number;
  refuse(row: number, issue: { path: string; code: string; message: string }): void;
  warn(code: WarningCode, field: string): void;
}

export interface OpenFrame extends Frame {
  readonly issues: () => readonly RowIssue[];
  readonly warnings: () => readonly Warning[];
}

export function openFrame(rowCount: number): OpenFrame {
  const issues: RowIssue[] = [];
  let counts: Map<number, number> | null = null;
  let warnings: Map<string, Warning> | null = null;
  return {
    rowCount,
    refuse(row, issue) {
      counts ??= new Map();
      const count = (counts.get(row) ?? 0) + 1;
      counts.set(row, count);
      if (count <= maxIssuesPerRow) issues.push({ row, ...issue });
    },
    warn(code, field) {
      warnings ??= new Map();
      countWarning(warnings, code, field);
    },
    issues: () => (issues.length < 2 ? issues : issues.sort((a, b) => a.row - b.row)),
    warnings: () => (warnings === null ? [] : [...warnings.values()]),
  };
}
