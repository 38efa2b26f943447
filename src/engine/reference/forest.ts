// forest, plainly: each row walks each tree. A sparse row is written into a dense scratch row and cleared again.
import type { ForestOp } from "../../model/ops/forest.ts";
import { denseInput, type KernelMaker } from "../kernel.ts";
import { type Numbers, numbersOf, type RuntimeValue } from "../runtime-value.ts";

export const forest: KernelMaker<"forest"> = (op, { inputs }) => {
  const type = inputs[0];
  const float32 = (type?.kind === "dense" || type?.kind === "sparse") && type.number === "f32";
  const outputs = op.base.length;
  return ([input], frame): RuntimeValue => {
    const values = numbersOf(op.sum, frame.rowCount * outputs);
    const sums = numbersOf(op.sum, outputs);
    const answer = (row: number, x: Numbers): void => {
      sums.set(op.base);
      addTrees(op, x, sums);
      values.set(sums, row * outputs);
    };
    if (input?.kind === "sparse") {
      const scratch = numbersOf(float32 ? "f32" : "f64", input.width);
      for (let row = 0; row < frame.rowCount; row++) {
        const start = input.indptr[row] as number;
        const end = input.indptr[row + 1] as number;
        for (let at = start; at < end; at++) scratch[input.indices[at] as number] = input.data[at] as number;
        answer(row, scratch);
        for (let at = start; at < end; at++) scratch[input.indices[at] as number] = 0;
      }
    } else {
      const { width, values: x } = denseInput(input);
      for (let row = 0; row < frame.rowCount; row++) answer(row, x.subarray(row * width, (row + 1) * width));
    }
    return { kind: "dense", width: outputs, values };
  };
};

/** Adds every tree's leaf for the row `x` to `sums`, tree by tree; storing into `sums` rounds to its type. */
function addTrees(op: ForestOp, x: Numbers, sums: Numbers): void {
  for (let tree = 0; tree + 1 < op.roots.length; tree++) {
    const leaf = op.left[walk(op, op.roots[tree] as number, x)] as number;
    if (op.targets !== null) {
      const target = op.targets[tree] as number;
      sums[target] = (sums[target] as number) + (op.leaves[leaf] as number);
      continue;
    }
    for (let output = 0; output < op.leafWidth; output++) {
      sums[output] = (sums[output] as number) + (op.leaves[leaf * op.leafWidth + output] as number);
    }
  }
}

function walk(op: ForestOp, root: number, x: Numbers): number {
  let node = root;
  for (;;) {
    const feature = op.feature[node] as number;
    if (feature < 0) return node;
    const value = x[feature] as number;
    const threshold = op.threshold[node] as number;
    const goesLeft = Number.isNaN(value)
      ? op.missingLeft?.[node] === 1
      : op.rule === "le"
        ? value <= threshold
        : value < threshold;
    node = (goesLeft ? op.left[node] : op.right[node]) as number;
  }
}
