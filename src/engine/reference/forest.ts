// forest, plainly: each row walks each tree. A sparse row is written into a dense scratch row and cleared again.
import type { ForestCategories, ForestOp } from "../../model/ops/forest.ts";
import { denseInput, type KernelMaker } from "../kernel.ts";
import { type Numbers, numbersOf, type RuntimeValue } from "../runtime-value.ts";

export const forest: KernelMaker<"forest"> = (op, { inputs }) => {
  const type = inputs[0];
  const float32 = (type?.kind === "dense" || type?.kind === "sparse") && type.number === "f32";
  const outputs = op.base.length;
  return ([input, second], frame): RuntimeValue => {
    const values = numbersOf(op.sum, frame.rowCount * outputs);
    const sums = numbersOf(op.sum, outputs);
    const starts = op.inputs.length === 2 ? denseInput(second).values : null;
    const answer = (row: number, x: Numbers): void => {
      sums.set(starts === null ? op.base : starts.subarray(row * outputs, (row + 1) * outputs));
      addTrees(op, x, sums);
      values.set(sums, row * outputs);
    };
    if (input?.kind === "sparse") {
      const absent = op.absent === "missing" ? Number.NaN : 0;
      const scratch = numbersOf(float32 ? "f32" : "f64", input.width).fill(absent);
      for (let row = 0; row < frame.rowCount; row++) {
        const start = input.indptr[row] as number;
        const end = input.indptr[row + 1] as number;
        for (let at = start; at < end; at++) scratch[input.indices[at] as number] = input.data[at] as number;
        answer(row, scratch);
        for (let at = start; at < end; at++) scratch[input.indices[at] as number] = absent;
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
      sums[target] = (sums[target] as number) + leafNumber(op, leaf, x);
      continue;
    }
    for (let output = 0; output < op.leafWidth; output++) {
      sums[output] = (sums[output] as number) + (op.leaves[leaf * op.leafWidth + output] as number);
    }
  }
}

function leafNumber({ leaves, linear }: ForestOp, leaf: number, x: Numbers): number {
  if (linear === undefined || linear === null) return leaves[leaf] as number;
  const { constants, offsets, features, coefficients } = linear;
  let sum = constants[leaf] as number;
  for (let at = offsets[leaf] as number; at < (offsets[leaf + 1] as number); at++) {
    const value = x[features[at] as number] as number;
    if (Number.isNaN(value)) return leaves[leaf] as number;
    sum += (coefficients[at] as number) * value;
  }
  return sum;
}

function walk(op: ForestOp, root: number, x: Numbers): number {
  let node = root;
  for (;;) {
    const feature = op.feature[node] as number;
    if (feature < 0) return node;
    node = (goesLeft(op, node, x[feature] as number) ? op.left[node] : op.right[node]) as number;
  }
}

/** The largest magnitude that counts as zero where zero is missing: LightGBM's kZeroThreshold, a float32. */
const zeroBound = Math.fround(1e-35);

/** Whether a number counts as zero where zero is missing. */
export function isZero(value: number): boolean {
  return Math.abs(value) <= zeroBound;
}

/** Whether a cell goes left at a split. */
export function goesLeft(op: ForestOp, node: number, value: number): boolean {
  const missing = Number.isNaN(value) || (op.zeroMissing?.[node] === 1 && isZero(value));
  if (missing) return op.missingLeft?.[node] === 1;
  const set = op.categories?.left[node] ?? -1;
  if (set >= 0) return categoryGoesLeft(op, node, value);
  const threshold = op.threshold[node] as number;
  return op.rule === "le" ? value <= threshold : value < threshold;
}

function categoryGoesLeft({ categories, missingLeft }: ForestOp, node: number, value: number): boolean {
  if (categories === undefined || categories === null) return false;
  const missing = missingLeft?.[node] === 1;
  if (value < 0 && categories.negative === "missing") return missing;
  const outside = value < 0 && categories.negative === "outside";
  const category = outside ? -1 : categoryOf(value, categories.number);
  if (isInSet(categories, categories.left[node] as number, category)) return true;
  const right = categories.right[node] as number;
  return right !== -1 && !isInSet(categories, right, category) && missing;
}

/** C's conversion on x86-64 gives -2^31, whose low byte is 0, for whatever 32 bits do not hold. */
export function categoryOf(value: number, number: ForestCategories["number"]): number {
  const whole = Math.trunc(value);
  if (number === "integer") return whole;
  return whole >= -0x80000000 && whole <= 0x7fffffff ? whole & 255 : 0;
}

function isInSet({ offsets, words }: ForestCategories, set: number, category: number): boolean {
  const start = offsets[set] as number;
  const count = (offsets[set + 1] as number) - start;
  if (!(category >= 0 && category < count * 32)) return false;
  return (((words[start + (category >>> 5)] as number) >>> (category & 31)) & 1) === 1;
}
