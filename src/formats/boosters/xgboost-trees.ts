// XGBoost's trees → the arrays of a forest. Source: xgboost/src/tree/tree_model.cc, src/common/categorical.h.
//
// A split by category goes right for the categories that it names, and left for all others, negative ones too; the forest
// op names the set that goes left, so the children of such a split change places.
import { trimaranError } from "../../base/errors.ts";
import type { ForestOp } from "../../model/ops/forest.ts";
import { type CategorySetBuilder, categorySetBuilder } from "./category-sets.ts";
import type { XgboostParts, XgboostTree } from "./xgboost-parts.ts";

export type XgboostForest = Omit<ForestOp, "kind" | "inputs" | "base">;

export interface XgboostForestOptions {
  /** Only the trees before this one. */
  readonly trees: number;
  /** What dart predicts a tree on top of, takes away again and then multiplies; null: it multiplies the leaf. */
  readonly dartBase: Float64Array | null;
  readonly name: string;
}

interface Arrays {
  readonly feature: Int32Array;
  readonly threshold: Float64Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly missingLeft: Uint8Array;
  readonly cover: Float64Array;
  readonly leftSet: Int32Array;
}

/** @throws MODEL_TREE, FORMAT_LIMIT */
export function xgboostForest(parts: XgboostParts, options: XgboostForestOptions): XgboostForest {
  const trees = parts.trees.slice(0, options.trees);
  const kept = trees.map((tree) => reachedNodes(tree));
  const total = kept.reduce((sum, nodes) => sum + nodes.length, 0);
  const roots = new Int32Array(trees.length + 1);
  const arrays: Arrays = {
    feature: new Int32Array(total),
    threshold: new Float64Array(total),
    left: new Int32Array(total),
    right: new Int32Array(total),
    missingLeft: new Uint8Array(total),
    cover: new Float64Array(total),
    leftSet: new Int32Array(total).fill(-1),
  };
  const vectorWidth = trees[0]?.vectors?.width ?? 1;
  const leaves: number[] = [];
  const sets = categorySetBuilder(options.name);
  for (const [index, tree] of trees.entries()) {
    const start = roots[index] as number;
    const nodes = kept[index] ?? new Int32Array(0);
    roots[index + 1] = start + nodes.length;
    if ((tree.vectors?.width ?? 1) !== vectorWidth) throw treeError(tree, "its leaves are wider than of others");
    const weight = parts.weights?.[index] ?? 1;
    const target = parts.targets[index] ?? 0;
    const leafOf = (value: number, output: number): number => {
      const start = options.dartBase?.[output] ?? 0;
      return Math.fround(Math.fround(Math.fround(start + value) - start) * weight);
    };
    addTree(tree, nodes, { arrays, start, width: parts.width, leaves, sets, leafOf, target });
  }
  const { leftSet, ...plain } = arrays;
  const split = leftSet.some((set) => set >= 0);
  const none = new Int32Array(total).fill(-1);
  return {
    roots,
    ...plain,
    rule: "lt",
    leaves: Float64Array.from(leaves),
    leafWidth: vectorWidth,
    targets: vectorWidth > 1 ? null : parts.targets.slice(0, trees.length),
    sum: "f32",
    categories: split ? { left: leftSet, right: none, ...sets.finish(), number: "integer", negative: "outside" } : null,
  };
}

/** The nodes that the root reaches, in the file's order. What pruning left behind is told apart by its count. */
function reachedNodes(tree: XgboostTree): Int32Array {
  const count = tree.left.length;
  const seen = new Uint8Array(count);
  const stack = [0];
  let reached = 0;
  while (stack.length > 0) {
    const node = stack.pop() as number;
    if (node < 0 || node >= count) throw treeError(tree, "a child lies outside of it");
    if (seen[node] === 1) throw treeError(tree, `node ${node} is reached twice`);
    seen[node] = 1;
    reached++;
    if (tree.left[node] !== -1) stack.push(tree.left[node] as number, tree.right[node] as number);
  }
  if (reached + tree.deleted !== count)
    throw treeError(tree, `${count - reached - tree.deleted} nodes are never reached`);
  const nodes = new Int32Array(reached);
  for (let node = 0, at = 0; node < count; node++) if (seen[node] === 1) nodes[at++] = node;
  return nodes;
}

interface TreeTarget {
  readonly arrays: Arrays;
  readonly start: number;
  readonly width: number;
  readonly leaves: number[];
  readonly sets: CategorySetBuilder;
  /** What a leaf adds to an output. */
  readonly leafOf: (value: number, output: number) => number;
  readonly target: number;
}

function addTree(tree: XgboostTree, nodes: Int32Array, into: TreeTarget): void {
  const { arrays, start, leaves } = into;
  const places = new Int32Array(tree.left.length);
  for (let at = 0; at < nodes.length; at++) places[nodes[at] as number] = start + at;
  for (let at = 0; at < nodes.length; at++) {
    const node = nodes[at] as number;
    const here = start + at;
    arrays.cover[here] = tree.cover?.[node] ?? 0;
    if (tree.left[node] === -1) {
      arrays.feature[here] = -1;
      arrays.right[here] = -1;
      arrays.left[here] = leaves.length / (tree.vectors?.width ?? 1);
      pushLeaf(tree, node, into);
      continue;
    }
    const feature = tree.feature[node] as number;
    if (feature < 0 || feature >= into.width) throw treeError(tree, `node ${node} splits on no feature`);
    const categories = tree.categories.get(node);
    const [left, right] = [places[tree.left[node] as number] as number, places[tree.right[node] as number] as number];
    arrays.feature[here] = feature;
    if (categories === undefined) {
      const threshold = tree.condition[node] as number;
      if (Number.isNaN(threshold)) throw treeError(tree, `node ${node} has no threshold`);
      arrays.threshold[here] = threshold;
    } else arrays.leftSet[here] = into.sets.add(categories, tree.path);
    arrays.left[here] = categories === undefined ? left : right;
    arrays.right[here] = categories === undefined ? right : left;
    arrays.missingLeft[here] = (tree.defaultLeft[node] as number) ^ (categories === undefined ? 0 : 1);
  }
}

function pushLeaf(tree: XgboostTree, node: number, { leaves, leafOf, target }: TreeTarget): void {
  const { vectors } = tree;
  if (vectors === null) {
    leaves.push(leafOf(tree.condition[node] as number, target));
    return;
  }
  const row = vectors.row === "node" ? node : (tree.right[node] as number);
  if (row < 0 || (row + 1) * vectors.width > vectors.values.length) throw treeError(tree, `node ${node} has no leaf`);
  for (let output = 0; output < vectors.width; output++) {
    leaves.push(leafOf(vectors.values[row * vectors.width + output] as number, output));
  }
}

function treeError({ path }: XgboostTree, problem: string): Error {
  return trimaranError("MODEL_TREE", { path, problem });
}
