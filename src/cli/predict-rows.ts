// Batches of rows through a service, answers out in the same order; one batch is in memory at a time.
import { trimaranError } from "../base/errors.ts";
import type { RowIssue, Warning } from "../data/batch.ts";
import type { PredictionService } from "../serving/prediction-service.ts";
import type { RowBatch } from "../tables/row-batch.ts";
import { issueText, type RowEncoder } from "../tables/row-encoder.ts";

export interface PredictRowsOptions {
  readonly batches: AsyncIterable<RowBatch>;
  readonly encoder: RowEncoder;
  /** Of a model served alone. */
  readonly methods?: readonly string[];
  /** Resolves when more may be written. */
  readonly write: (text: string) => Promise<void>;
  readonly signal: AbortSignal;
  /** Is told after each batch how many rows are answered. */
  readonly onProgress: (rows: number) => void;
}

export interface PredictedRows {
  readonly rows: number;
  /** Rows that have an error in their place. */
  readonly failed: number;
  readonly warnings: readonly Warning[];
}

/** @throws what the service and `write` throw; the signal's reason */
export async function predictRows(service: PredictionService, options: PredictRowsOptions): Promise<PredictedRows> {
  const { encoder, methods, write, signal } = options;
  const warnings = new Map<string, Warning>();
  let rows = 0;
  let failed = 0;
  await write(encoder.head);
  for await (const batch of options.batches) {
    signal.throwIfAborted();
    const { broken } = batch;
    const sound = broken.size === 0 ? batch.rows : batch.rows.filter((_, at) => !broken.has(at));
    const answers = await service.answer(sound, { methods, unknownFields: "ignore" });
    for (const warning of answers.warnings) addWarning(warnings, warning);
    const issues = new IssueCursor(answers.issues);
    let text = "";
    let asked = 0;
    for (let at = 0; at < batch.rows.length; at++) {
      const unread = broken.get(at);
      const rowIssues = unread === undefined ? issues.take(asked) : [];
      if (unread !== undefined) text += encoder.failure(unread);
      else if (rowIssues.length === 0) text += encoder.answer(answers.text(asked));
      else text += encoder.failure(rowError(rowIssues));
      if (unread !== undefined || rowIssues.length > 0) failed++;
      if (unread === undefined) asked++;
    }
    rows += batch.rows.length;
    await write(text);
    options.onProgress(rows);
  }
  signal.throwIfAborted();
  return { rows, failed, warnings: [...warnings.values()] };
}

/** Walks issues that stand in row order. */
class IssueCursor {
  readonly #issues: readonly RowIssue[];
  #next = 0;

  constructor(issues: readonly RowIssue[]) {
    this.#issues = issues;
  }

  take(row: number): readonly RowIssue[] {
    const start = this.#next;
    while (this.#issues[this.#next]?.row === row) this.#next++;
    return this.#next === start ? [] : this.#issues.slice(start, this.#next);
  }
}

function rowError(issues: readonly RowIssue[]): ReturnType<typeof trimaranError> {
  const [first] = issues;
  const slots = { count: issues.length, first: first === undefined ? "" : issueText(first) };
  return trimaranError("ROW_INVALID", slots, {
    issues: issues.map(({ path, code, message }) => ({ path, code, message })),
  });
}

function addWarning(warnings: Map<string, Warning>, { code, field, count }: Warning): void {
  const key = `${code}\u0000${field}`;
  warnings.set(key, { code, field, count: (warnings.get(key)?.count ?? 0) + count });
}
