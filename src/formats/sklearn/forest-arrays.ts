// Fitted trees laid end to end, as the forest op wants them.
import type { ForestOp } from "../../model/ops/forest.ts";
import { type FittedTree, treeError } from "./tree.ts";
import type { LeafWriter } from "./tree-leaves.ts";

export interface ForestArraysOptions {
  readonly path: string;
  /** Feature count that every tree must have. */
  readonly width: number;
  /** Numbers a leaf contributes. */
  readonly leafWidth: number;
  /** Writes the numbers of a leaf. @default a copy of its values */
  readonly leaf?: LeafWriter;
  /** Trees that see some columns only: tree t reads column `features[t][f]` where it says f; null: all, in order. */
  readonly features?: readonly (Int32Array | null)[];
}

export type ForestArrays = Pick<
  ForestOp,
  "roots" | "feature" | "threshold" | "left" | "right" | "missingLeft" | "leaves" | "leafWidth" | "cover"
>;

/** @throws MODEL_TREE when a tree has another width, or children outside of it */
export function forestArrays(trees: readonly FittedTree[], options: ForestArraysOptions): ForestArrays {
  const { leafWidth, leaf: writeLeaf } = options;
  const nodes = trees.reduce((sum, tree) => sum + tree.nodeCount, 0);
  const roots = new Int32Array(trees.length + 1);
  const feature = new Int32Array(nodes);
  const threshold = new Float64Array(nodes);
  const left = new Int32Array(nodes);
  const right = new Int32Array(nodes);
  const cover = new Float64Array(nodes);
  const missingLeft = trees.some((tree) => tree.missingLeft !== null) ? new Uint8Array(nodes) : null;
  const leafCount = trees.reduce((sum, tree) => sum + countLeaves(tree), 0);
  const leaves = new Float64Array(leafCount * leafWidth);
  let leaf = 0;
  let start = 0;
  for (const [index, tree] of trees.entries()) {
    const path = `${options.path}[${index}].tree_`;
    const columns = options.features?.[index] ?? null;
    const width = columns?.length ?? options.width;
    if (tree.features !== width) throw treeError(path, `it has ${tree.features} features, the model ${width}`);
    threshold.set(tree.threshold, start);
    cover.set(tree.cover, start);
    if (tree.missingLeft !== null) missingLeft?.set(tree.missingLeft, start);
    const { nodeCount, valueWidth, values } = tree;
    for (let node = 0; node < nodeCount; node++) {
      const here = start + node;
      const leftChild = tree.left[node] as number;
      if (leftChild === -1) {
        feature[here] = -1;
        threshold[here] = 0;
        left[here] = leaf;
        right[here] = -1;
        const at = leaf * leafWidth;
        if (writeLeaf !== undefined) writeLeaf(tree, node, { leaves, at, tree: index });
        else for (let i = 0; i < leafWidth; i++) leaves[at + i] = values[node * valueWidth + i] as number;
        leaf++;
        continue;
      }
      const rightChild = tree.right[node] as number;
      if (leftChild <= 0 || leftChild >= nodeCount || rightChild <= 0 || rightChild >= nodeCount) {
        throw treeError(path, `node ${node} has a child outside of the tree`);
      }
      const split = tree.feature[node] as number;
      if (split < 0 || split >= width) throw treeError(path, `node ${node} splits on no feature`);
      feature[here] = columns === null ? split : (columns[split] as number);
      left[here] = start + leftChild;
      right[here] = start + rightChild;
    }
    start += tree.nodeCount;
    roots[index + 1] = start;
  }
  return { roots, feature, threshold, left, right, missingLeft, leaves, leafWidth, cover };
}

function countLeaves(tree: FittedTree): number {
  let count = 0;
  for (const child of tree.left) if (child === -1) count++;
  return count;
}
