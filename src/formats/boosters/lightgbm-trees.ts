// LightGBM's trees → the arrays of a forest. Source: LightGBM/include/LightGBM/tree.h, src/io/tree.cpp.
//
//   num_leaves, num_cat; of each split: split_feature, threshold, decision_type, left_child, right_child (below 0: leaf ~child)
//   decision_type: bit 0 by category, bit 1 missing goes left, bits 2 and 3 what is missing: 0 nothing, 1 zero, 2 NaN
//   a split by category: threshold is the number of its set; set s is cat_threshold[cat_boundaries[s] …], bit c for category c,
//     which goes left; all else goes right, NaN too
//   leaf_value; is_linear=1: leaf_const, num_features, leaf_features and leaf_coeff of all leaves end to end
//
// A NaN is 0 where NaN is not what is missing.
import { trimaranError } from "../../base/errors.ts";
import type { ForestLinear, ForestOp } from "../../model/ops/forest.ts";
import { type CategorySetBuilder, categorySetBuilder } from "./category-sets.ts";
import { countOf, type KeyedLines, type LinePlace, numbersOf } from "./lightgbm-text.ts";

export type LightgbmForest = Omit<ForestOp, "kind" | "inputs" | "base">;

export interface LightgbmForestOptions {
  readonly width: number;
  readonly outputs: number;
  readonly name: string;
}

interface Tree {
  readonly path: string;
  readonly feature: Float64Array;
  readonly threshold: Float64Array;
  readonly decision: Float64Array;
  readonly left: Float64Array;
  readonly right: Float64Array;
  readonly leaves: Float64Array;
  readonly counts: Float64Array;
  readonly boundaries: Float64Array;
  readonly words: Float64Array;
  readonly linear: LinearLeaves | null;
}

interface LinearLeaves {
  readonly constants: Float64Array;
  readonly counts: Float64Array;
  readonly features: Float64Array;
  readonly coefficients: Float64Array;
}

const maxLeaves = 1 << 28;
const none = new Float64Array(0);

/** @throws MODEL_TREE, MODEL_ATTRIBUTE, FORMAT_LIMIT */
export function lightgbmForest(lines: readonly KeyedLines[], options: LightgbmForestOptions): LightgbmForest {
  const trees = lines.map((tree, index) => readTree(tree, `Tree=${index}`));
  const leafCount = trees.reduce((sum, tree) => sum + tree.leaves.length, 0);
  const total = 2 * leafCount - trees.length;
  const roots = new Int32Array(trees.length + 1);
  const arrays: Arrays = {
    feature: new Int32Array(total),
    threshold: new Float64Array(total),
    left: new Int32Array(total),
    right: new Int32Array(total).fill(-1),
    missingLeft: new Uint8Array(total),
    zeroMissing: new Uint8Array(total),
    cover: new Float64Array(total),
    leftSet: new Int32Array(total).fill(-1),
  };
  const leaves = new Float64Array(leafCount);
  const sets = categorySetBuilder(options.name);
  let firstLeaf = 0;
  for (const [index, tree] of trees.entries()) {
    const start = roots[index] as number;
    addTree(tree, { arrays, start, firstLeaf, leaves, sets, width: options.width });
    firstLeaf += tree.leaves.length;
    roots[index + 1] = start + 2 * tree.leaves.length - 1;
  }
  const { leftSet, zeroMissing, ...plain } = arrays;
  const byCategory = leftSet.some((set) => set >= 0);
  const right = new Int32Array(total).fill(-1);
  return {
    roots,
    ...plain,
    zeroMissing: zeroMissing.some((zero) => zero === 1) ? zeroMissing : null,
    rule: "le",
    leaves,
    linear: linearLeaves(trees, leafCount, options.width),
    leafWidth: 1,
    targets: Int32Array.from(trees, (_, index) => index % options.outputs),
    sum: "f64",
    categories: byCategory ? { left: leftSet, right, ...sets.finish(), number: "integer", negative: "convert" } : null,
  };
}

function readTree(lines: KeyedLines, path: string): Tree {
  const place: LinePlace = { lines, path };
  const leaves = countOf(place, "num_leaves", maxLeaves);
  if (leaves === 0) throw trimaranError("MODEL_TREE", { path, problem: "it has no leaves" });
  const splits = leaves - 1;
  const each = (key: string, whole = false): Float64Array =>
    splits === 0 ? none : numbersOf(place, key, { length: splits, whole });
  const sets = lines.has("num_cat") ? countOf(place, "num_cat", maxLeaves) : 0;
  return {
    path,
    feature: each("split_feature", true),
    threshold: each("threshold"),
    decision: each("decision_type", true),
    left: each("left_child", true),
    right: each("right_child", true),
    leaves: numbersOf(place, "leaf_value", { length: leaves }),
    counts: lines.has("internal_count") ? each("internal_count") : none,
    boundaries: sets === 0 ? none : numbersOf(place, "cat_boundaries", { length: sets + 1, whole: true }),
    words: sets === 0 ? none : numbersOf(place, "cat_threshold", { whole: true }),
    linear: lines.get("is_linear") === "1" ? readLinear(place, leaves) : null,
  };
}

function readLinear(place: LinePlace, leaves: number): LinearLeaves {
  const counts = numbersOf(place, "num_features", { length: leaves, whole: true });
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (counts.some((count) => count < 0)) {
    throw trimaranError("MODEL_TREE", { path: place.path, problem: "a leaf reads fewer than no features" });
  }
  return {
    constants: numbersOf(place, "leaf_const", { length: leaves }),
    counts,
    features: numbersOf(place, "leaf_features", { length: total, whole: true }),
    coefficients: numbersOf(place, "leaf_coeff", { length: total }),
  };
}

interface Arrays {
  readonly feature: Int32Array;
  readonly threshold: Float64Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly missingLeft: Uint8Array;
  readonly zeroMissing: Uint8Array;
  readonly cover: Float64Array;
  readonly leftSet: Int32Array;
}

interface TreeTarget {
  readonly arrays: Arrays;
  readonly start: number;
  readonly firstLeaf: number;
  readonly leaves: Float64Array;
  readonly sets: CategorySetBuilder;
  readonly width: number;
}

/** Splits come first, leaves after them. */
function addTree(tree: Tree, { arrays, start, firstLeaf, leaves, sets, width }: TreeTarget): void {
  const splits = tree.feature.length;
  const known = setNumbers(tree, sets);
  const place = (child: number): number => {
    const at = child >= 0 ? child : splits - 1 - child;
    if (child >= splits || at > 2 * splits) throw treeError(tree, "a child lies outside of it");
    return start + at;
  };
  for (let split = 0; split < splits; split++) {
    const here = start + split;
    const feature = tree.feature[split] as number;
    if (feature < 0 || feature >= width) throw treeError(tree, `split ${split} has no feature`);
    const decision = tree.decision[split] as number;
    const threshold = tree.threshold[split] as number;
    const missing = (decision >> 2) & 3;
    arrays.feature[here] = feature;
    arrays.left[here] = place(tree.left[split] as number);
    arrays.right[here] = place(tree.right[split] as number);
    arrays.cover[here] = tree.counts[split] ?? 0;
    if ((decision & 1) === 1) {
      const set = known[threshold];
      if (set === undefined) throw treeError(tree, `split ${split} names a set that it lacks`);
      arrays.leftSet[here] = set;
      continue;
    }
    if (missing === 3) throw treeError(tree, `split ${split} has a missing type that is not known`);
    arrays.threshold[here] = threshold;
    arrays.missingLeft[here] = Number(missing === 0 ? threshold >= 0 : (decision & 2) !== 0);
    arrays.zeroMissing[here] = Number(missing === 1);
  }
  leaves.set(tree.leaves, firstLeaf);
  for (let leaf = 0; leaf <= splits; leaf++) {
    const here = start + splits + leaf;
    arrays.feature[here] = -1;
    arrays.left[here] = firstLeaf + leaf;
  }
}

function setNumbers(tree: Tree, sets: CategorySetBuilder): readonly number[] {
  const { boundaries, words } = tree;
  const numbers: number[] = [];
  for (let set = 0; set + 1 < boundaries.length; set++) {
    const [from = 0, to = 0] = boundaries.subarray(set, set + 2);
    if (from < 0 || to < from || to > words.length) throw treeError(tree, "its sets of categories are wrong");
    numbers.push(sets.addWords(words.subarray(from, to)));
  }
  return numbers;
}

/** Leaves of trees without functions are constants. */
function linearLeaves(trees: readonly Tree[], leafCount: number, width: number): ForestLinear | null {
  if (!trees.some(({ linear }) => linear !== null)) return null;
  const constants = new Float64Array(leafCount);
  const offsets = new Int32Array(leafCount + 1);
  let leaf = 0;
  for (const tree of trees) {
    for (const [index, value] of tree.leaves.entries()) {
      constants[leaf] = tree.linear?.constants[index] ?? value;
      offsets[leaf + 1] = (offsets[leaf] as number) + (tree.linear?.counts[index] ?? 0);
      leaf++;
    }
    if (tree.linear?.features.some((feature) => feature < 0 || feature >= width)) {
      throw treeError(tree, "a leaf reads no feature");
    }
  }
  const features = Int32Array.from(trees.flatMap(({ linear }) => (linear === null ? [] : [...linear.features])));
  const coefficients = Float64Array.from(
    trees.flatMap(({ linear }) => (linear === null ? [] : [...linear.coefficients])),
  );
  return { constants, offsets, features, coefficients };
}

function treeError({ path }: Tree, problem: string): Error {
  return trimaranError("MODEL_TREE", { path, problem });
}
