// select, plainly.
import type { SelectOp } from "../../model/ops/select.ts";
import { denseInput, type KernelMaker } from "../kernel.ts";
import { type Numbers, numbersOf, type RuntimeValue, type SparseValue } from "../runtime-value.ts";

export const select: KernelMaker<"select"> =
  (op, { result }) =>
  ([input], frame): RuntimeValue => {
    if (input?.kind === "table") {
      return { kind: "table", columns: [...op.columns].flatMap((column) => input.columns[column] ?? []) };
    }
    const number = result.kind === "dense" || result.kind === "sparse" ? result.number : "f64";
    if (input?.kind === "sparse") return selectSparse(op, input, { rowCount: frame.rowCount, number });
    const { width, values: x } = denseInput(input);
    const chosen = op.columns.length;
    const values = numbersOf(number, frame.rowCount * chosen);
    for (let row = 0; row < frame.rowCount; row++) {
      for (let at = 0; at < chosen; at++)
        values[row * chosen + at] = x[row * width + (op.columns[at] as number)] as number;
    }
    return { kind: "dense", width: chosen, values };
  };

function selectSparse(
  op: SelectOp,
  { indptr, indices, data }: SparseValue,
  { rowCount, number }: { rowCount: number; number: string },
): SparseValue {
  const places = new Map<number, number[]>();
  for (const [at, column] of op.columns.entries()) places.set(column, [...(places.get(column) ?? []), at]);
  const starts = new Int32Array(rowCount + 1);
  const columns: number[] = [];
  const kept: number[] = [];
  for (let row = 0; row < rowCount; row++) {
    const entries: { column: number; value: number }[] = [];
    for (let at = indptr[row] as number; at < (indptr[row + 1] as number); at++) {
      for (const column of places.get(indices[at] as number) ?? []) entries.push({ column, value: data[at] as number });
    }
    // The sort is stable: names that occur twice keep their order.
    for (const { column, value } of entries.sort((a, b) => a.column - b.column)) {
      columns.push(column);
      kept.push(value);
    }
    starts[row + 1] = columns.length;
  }
  const values: Numbers = numbersOf(number, kept.length);
  values.set(kept);
  return { kind: "sparse", width: op.columns.length, indptr: starts, indices: Int32Array.from(columns), data: values };
}
