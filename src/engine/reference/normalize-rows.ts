// normalize_rows, plainly. Dense rows are summed in numpy's pairwise order, sparse ones from left to right.
import type { NormalizeRowsOp } from "../../model/ops/normalize-rows.ts";
import { denseInput, type KernelMaker } from "../kernel.ts";
import { pairwiseSum } from "../pairwise-sum.ts";
import type { Numbers } from "../runtime-value.ts";

export const normalizeRows: KernelMaker<"normalize_rows"> =
  ({ norm, smallest = 0 }) =>
  ([input], { rowCount }) => {
    if (input?.kind === "sparse") {
      const data = input.data.slice();
      for (let row = 0; row < rowCount; row++) {
        const own = data.subarray(input.indptr[row], input.indptr[row + 1]);
        divide(own, normOf(own, norm, sumInOrder), smallest);
      }
      return { ...input, data };
    }
    const { width, values: x } = denseInput(input);
    const values = x.slice();
    for (let row = 0; row < rowCount; row++) {
      const own = values.subarray(row * width, (row + 1) * width);
      divide(own, normOf(own, norm, pairwise), smallest);
    }
    return { kind: "dense", width, values };
  };

function normOf(row: Numbers, norm: NormalizeRowsOp["norm"], sum: (terms: Numbers) => number): number {
  switch (norm) {
    case "l1":
      return sum(row.map(Math.abs));
    case "l2":
      return Math.sqrt(sum(row.map((x) => x * x)));
    case "max":
      return largest(row.map(Math.abs));
    case "largest":
      return largest(row);
  }
}

function largest(row: Numbers): number {
  let most = row[0] ?? 0;
  for (const x of row) most = Math.max(most, x);
  return most;
}

function pairwise(terms: Numbers): number {
  return pairwiseSum(terms, 0, terms.length);
}

function sumInOrder(terms: Numbers): number {
  let sum = 0;
  for (const term of terms) sum += term;
  return sum;
}

function divide(row: Numbers, norm: number, smallest: number): void {
  // The largest of negative numbers is negative itself.
  if (norm === 0 || Math.abs(norm) < smallest) return;
  for (let at = 0; at < row.length; at++) row[at] = (row[at] as number) / norm;
}
