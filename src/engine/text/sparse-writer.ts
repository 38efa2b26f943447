// Collects sparse rows whose columns come in any order: sorted and summed, one entry a column.
import type { NumberType } from "../../model/value.ts";
import { numbersOf, type SparseValue } from "../runtime-value.ts";

export interface SparseWriter {
  /** Adds to a column of the current row. */
  add(column: number, value: number): void;
  /** Ends the current row; `fill` replaces each entry. */
  endRow(fill: number | null): void;
  finish(): SparseValue;
}

export function sparseWriter({ width, number }: { readonly width: number; readonly number: NumberType }): SparseWriter {
  const round = number === "f32" ? Math.fround : (value: number): number => value;
  const starts = [0];
  const indices: number[] = [];
  const data: number[] = [];
  const row = new Map<number, number>();
  return {
    add(column, value) {
      row.set(column, round((row.get(column) ?? 0) + round(value)));
    },
    endRow(fill) {
      for (const column of [...row.keys()].sort((a, b) => a - b)) {
        indices.push(column);
        data.push(fill ?? (row.get(column) as number));
      }
      starts.push(indices.length);
      row.clear();
    },
    finish() {
      const numbers = numbersOf(number, data.length);
      numbers.set(data);
      return {
        kind: "sparse",
        width,
        indptr: Int32Array.from(starts),
        indices: Int32Array.from(indices),
        data: numbers,
      };
    },
  };
}
