// What a leaf of a classifier's tree contributes: class probabilities, or the position of its most frequent class.
import { pairwiseSum } from "../../engine/pairwise-sum.ts";
import { attributeError, type Instance, wrote } from "./instance.ts";
import type { FittedTree } from "./tree.ts";

/** Where the numbers of a leaf go. */
export interface LeafPlace {
  readonly leaves: Float64Array;
  readonly at: number;
  /** The tree's position in its ensemble. */
  readonly tree: number;
}

export type LeafWriter = (tree: FittedTree, node: number, place: LeafPlace) => void;

/** @throws MODEL_ATTRIBUTE when a tree's values do not fit the classes of each output */
export function assertClasses(self: Instance, tree: FittedTree, counts: readonly number[]): void {
  if (tree.outputs !== counts.length || Math.max(...counts) * tree.outputs !== tree.valueWidth) {
    throw attributeError(self, "classes_", "it does not fit the tree's values");
  }
}

/** Class by class, output by output. Values are weighted counts until 1.3 and fractions from 1.4. */
export function probabilityLeaf(self: Instance, counts: readonly number[]): LeafWriter {
  const fractions = wrote(self, 1, 4);
  return (tree, node, place) => {
    const stride = tree.valueWidth / tree.outputs;
    let to = place.at;
    for (const [output, count] of counts.entries()) {
      const from = node * tree.valueWidth + output * stride;
      const sum = fractions ? 1 : pairwiseSum(tree.values, from, count);
      const divisor = sum === 0 ? 1 : sum;
      for (let i = 0; i < count; i++) place.leaves[to++] = (tree.values[from + i] as number) / divisor;
    }
  };
}

/** One number an output: the first of the most frequent classes. */
export function classLeaf(counts: readonly number[]): LeafWriter {
  return (tree, node, place) => {
    for (const [output, count] of counts.entries()) {
      place.leaves[place.at + output] = largestClass(tree, node, { output, count });
    }
  };
}

export function largestClass(
  tree: FittedTree,
  node: number,
  { output, count }: { output: number; count: number },
): number {
  const from = node * tree.valueWidth + output * (tree.valueWidth / tree.outputs);
  let best = 0;
  for (let i = 1; i < count; i++) {
    if ((tree.values[from + i] as number) > (tree.values[from + best] as number)) best = i;
  }
  return best;
}
