// The forest by its definition: each row walks the arrays of each tree, and sums are stored in the sum's own type.
import type { ForestArrays } from "../../../src/engine/kernels/forest-arrays.ts";

type Numbers = Float64Array | Float32Array;

export function naiveSums(forest: ForestArrays, rows: Numbers, width: number): Numbers {
  const { roots, left, leaves, leafWidth, targets, base, sum } = forest;
  const rowCount = rows.length / width;
  const outputs = base.length;
  const sums = sum === "f32" ? new Float32Array(rowCount * outputs) : new Float64Array(rowCount * outputs);
  for (let row = 0; row < rowCount; row++) {
    const x = rows.subarray(row * width, (row + 1) * width);
    const at = row * outputs;
    sums.set(base, at);
    for (let tree = 0; tree + 1 < roots.length; tree++) {
      const leaf = left[naiveLeaf(forest, roots[tree], x)];
      if (targets !== null) sums[at + targets[tree]] += leaves[leaf];
      else for (let k = 0; k < leafWidth; k++) sums[at + k] += leaves[leaf * leafWidth + k];
    }
  }
  return sums;
}

export function naiveLeaf(forest: ForestArrays, root: number, x: Numbers): number {
  const { feature, threshold, left, right, missingLeft, rule } = forest;
  let node = root;
  while (feature[node] >= 0) {
    const value = x[feature[node]];
    const goesLeft = Number.isNaN(value)
      ? missingLeft !== null && missingLeft[node] === 1
      : rule === "le"
        ? value <= threshold[node]
        : value < threshold[node];
    node = goesLeft ? left[node] : right[node];
  }
  return node;
}
