// The answers to a batch of rows, in order, ready to be encoded by a door.
import type { RowIssue, Warning } from "../data/batch.ts";
import type { OutputColumn } from "../data/predictions.ts";

/** What a row was and became, as the prediction log keeps it. */
export interface AnsweredRow {
  /** As validated. */
  readonly input: unknown;
  /** As it went into the model; of several models one a name. */
  readonly features: unknown;
  /** What `lookup` fetched for it. */
  readonly extra?: unknown;
  /** What the model computed, by method, where the output is not just that. */
  readonly raw?: unknown;
  readonly output: Readonly<Record<string, unknown>>;
}

export interface Answers {
  readonly rowCount: number;
  /** Problems in row order; paths are relative to the row (`/trip_distance`). A row that stands here has no answer. */
  readonly issues: readonly RowIssue[];
  /** Counted over the rows that were answered; names and counts only. */
  readonly warnings: readonly Warning[];
  readonly modelVersion: string | null;
  /** Of a model served alone: what each asked method computed, of all rows. Cells of rows with issues are meaningless. */
  readonly columns?: Readonly<Record<string, OutputColumn>>;
  /** The output of row `row` as one JSON object text, without `model_version`: `{"duration":12.5}`. */
  text(row: number): string;
  /** The output of row `row` as an object: the definition's output, or one key a method. */
  value(row: number): Readonly<Record<string, unknown>>;
  /** Only asked for rows that have an answer. */
  record(row: number): AnsweredRow;
}

/** The issues of one row. */
export function issuesOf(answers: Answers, row: number): readonly RowIssue[] {
  return answers.issues.filter((issue) => issue.row === row);
}
