// The answers to some of the rows of a batch, as if they had been asked alone.
import type { Answers } from "./answers.ts";

/** Rows `from` to before `to`. Warnings are counted over a batch and cannot be split: only for answers without any. */
export function sliceAnswers(answers: Answers, from: number, to: number): Answers {
  const issues = answers.issues.filter(({ row }) => row >= from && row < to);
  return {
    rowCount: to - from,
    issues: from === 0 ? issues : issues.map((issue) => ({ ...issue, row: issue.row - from })),
    warnings: [],
    modelVersion: answers.modelVersion,
    text: (row) => answers.text(from + row),
    value: (row) => answers.value(from + row),
    record: (row) => answers.record(from + row),
  };
}
