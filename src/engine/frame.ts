// One call's side: which rows are refused and why, and what is to be warned of.
import type { RowIssue, Warning, WarningCode } from "../data/batch.ts";

/** More issues of one row than this are not listed; the row is refused either way. */
const maxIssuesPerRow = 16;

export interface Frame {
  readonly rowCount: number;
  refuse(row: number, issue: { path: string; code: string; message: string }): void;
  /** @param count of so many rows; @default one */
  warn(code: WarningCode, field: string, count?: number): void;
}

/** Most calls refuse nothing and warn of nothing, so nothing is made before it is needed. */
export class CallFrame implements Frame {
  readonly rowCount: number;
  #issues: RowIssue[] | null = null;
  #issueCounts: Map<number, number> | null = null;
  /** How often each field was warned of, by code. */
  #warnings: Map<WarningCode, Map<string, number>> | null = null;

  constructor(rowCount: number) {
    this.rowCount = rowCount;
  }

  refuse(row: number, issue: { path: string; code: string; message: string }): void {
    this.#issues ??= [];
    this.#issueCounts ??= new Map();
    const count = (this.#issueCounts.get(row) ?? 0) + 1;
    this.#issueCounts.set(row, count);
    if (count <= maxIssuesPerRow) this.#issues.push({ row, ...issue });
  }

  warn(code: WarningCode, field: string, count = 1): void {
    this.#warnings ??= new Map();
    let fields = this.#warnings.get(code);
    if (fields === undefined) {
      fields = new Map();
      this.#warnings.set(code, fields);
    }
    fields.set(field, (fields.get(field) ?? 0) + count);
  }

  /** In row order. */
  get issues(): readonly RowIssue[] {
    return this.#issues?.sort((a, b) => a.row - b.row) ?? [];
  }

  get warnings(): readonly Warning[] {
    const warnings: Warning[] = [];
    if (this.#warnings === null) return warnings;
    for (const [code, fields] of this.#warnings) {
      for (const [field, count] of fields) warnings.push({ code, field, count });
    }
    return warnings;
  }
}
