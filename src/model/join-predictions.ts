// The answers to consecutive parts of a batch as the answers to the batch.
import type { RowIssue, Warning } from "../data/batch.ts";
import type { OutputColumn, Predictions } from "../data/predictions.ts";

/** Parts of the same model and methods, in the order of their rows. */
export function joinPredictions(parts: readonly Predictions[], rowCount: number): Predictions {
  const [first] = parts;
  const outputs: Record<string, OutputColumn> = {};
  for (const [method, column] of Object.entries(first?.outputs ?? {})) {
    outputs[method] = joinColumns(
      column,
      parts.map((part) => part.outputs[method] as OutputColumn),
    );
  }
  return { rowCount, outputs, issues: joinIssues(parts), warnings: joinWarnings(parts) };
}

function joinColumns(first: OutputColumn, parts: readonly OutputColumn[]): OutputColumn {
  switch (first.kind) {
    case "number": {
      const arrays = ofKind(parts, "number").map(({ values }) => values);
      const length = totalLength(arrays);
      const values = first.values instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
      return { ...first, values: fill(values, arrays) };
    }
    case "label": {
      const arrays = ofKind(parts, "label").map(({ codes }) => codes);
      return { ...first, codes: fill(new Int32Array(totalLength(arrays)), arrays) };
    }
    case "cell":
      return { ...first, cells: ofKind(parts, "cell").flatMap(({ cells }) => cells) };
    case "list": {
      const lists = ofKind(parts, "list");
      const items = first.items.map((item, at) =>
        joinColumns(
          item,
          lists.map((list) => list.items[at] as OutputColumn),
        ),
      );
      return { kind: "list", items };
    }
  }
}

function ofKind<Kind extends OutputColumn["kind"]>(
  columns: readonly OutputColumn[],
  kind: Kind,
): readonly Extract<OutputColumn, { readonly kind: Kind }>[] {
  const isKind = (column: OutputColumn): column is Extract<OutputColumn, { readonly kind: Kind }> =>
    column.kind === kind;
  return columns.filter(isKind);
}

function totalLength(arrays: readonly ArrayLike<number>[]): number {
  return arrays.reduce((sum, { length }) => sum + length, 0);
}

function fill<Target extends { set(from: ArrayLike<number>, at: number): void }>(
  target: Target,
  arrays: readonly ArrayLike<number>[],
): Target {
  let at = 0;
  for (const array of arrays) {
    target.set(array, at);
    at += array.length;
  }
  return target;
}

function joinIssues(parts: readonly Predictions[]): readonly RowIssue[] {
  const issues: RowIssue[] = [];
  let start = 0;
  for (const part of parts) {
    for (const issue of part.issues) issues.push({ ...issue, row: issue.row + start });
    start += part.rowCount;
  }
  return issues;
}

/** By code, then by field, in the order in which the rows meet them. */
function joinWarnings(parts: readonly Predictions[]): readonly Warning[] {
  const byCode = new Map<Warning["code"], Map<string, number>>();
  for (const { warnings } of parts) {
    for (const { code, field, count } of warnings) {
      const fields = byCode.get(code) ?? new Map<string, number>();
      byCode.set(code, fields);
      fields.set(field, (fields.get(field) ?? 0) + count);
    }
  }
  return [...byCode].flatMap(([code, fields]) => [...fields].map(([field, count]) => ({ code, field, count })));
}
