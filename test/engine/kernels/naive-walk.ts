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
      const leaf = left[naiveLeaf(forest, roots[tree] as number, x)] as number;
      for (let k = 0; k < leafWidth; k++) {
        const output = at + (targets === null ? k : (targets[tree] as number));
        sums[output] = (sums[output] as number) + (leaves[leaf * leafWidth + k] as number);
      }
    }
  }
  return sums;
}

export function naiveLeaf(forest: ForestArrays, root: number, x: Numbers): number {
  const { feature, threshold, left, right, missingLeft, rule } = forest;
  let node = root;
  for (let at = feature[node] as number; at >= 0; at = feature[node] as number) {
    const value = x[at] as number;
    const bound = threshold[node] as number;
    const goesLeft = Number.isNaN(value) ? missingLeft?.[node] === 1 : rule === "le" ? value <= bound : value < bound;
    node = (goesLeft ? left[node] : right[node]) as number;
  }
  return node;
}
