// The answers to some of the rows of a batch, as if they had been asked alone.
import type { OutputColumn } from "../data/predictions.ts";
import type { Answers } from "./answers.ts";

/** Rows `from` to before `to`. Warnings are counted over a batch and cannot be split: only for answers without any. */
export function sliceAnswers(answers: Answers, from: number, to: number): Answers {
  const issues = answers.issues.filter(({ row }) => row >= from && row < to);
  const { columns } = answers;
  return {
    rowCount: to - from,
    issues: from === 0 ? issues : issues.map((issue) => ({ ...issue, row: issue.row - from })),
    warnings: [],
    modelVersion: answers.modelVersion,
    // Few callers read columns.
    get columns() {
      if (columns === undefined) return undefined;
      return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, sliceColumn(column, from, to)]));
    },
    text: (row) => answers.text(from + row),
    value: (row) => answers.value(from + row),
    record: (row) => answers.record(from + row),
  };
}

function sliceColumn(column: OutputColumn, from: number, to: number): OutputColumn {
  if (column.kind === "list") return { kind: "list", items: column.items.map((item) => sliceColumn(item, from, to)) };
  const [begin, end] = [from * column.width, to * column.width];
  switch (column.kind) {
    case "number":
      return { ...column, values: column.values.subarray(begin, end) };
    case "label":
      return { ...column, codes: column.codes.subarray(begin, end) };
    case "cell":
      return { ...column, cells: column.cells.slice(begin, end) };
  }
}
