// sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor: BUILD {nodes, binned_left_cat_bitsets,
// raw_left_cat_bitsets}; `_predictors` is a list of iterations, each a list of one TreePredictor a score.
//
// nodes: a packed record array, root first, read by the file's own dtype:
//   value f8  count u4  feature_idx u4 (until 1.2) or i8  num_threshold f8 (threshold until 0.23)  missing_go_to_left u1
//   left u4  right u4  gain f8  depth u4  is_leaf u1  bin_threshold u1  is_categorical u1 (from 0.24)  bitset_idx u4
// raw_left_cat_bitsets: u4 (splits by category, 8): bit c of row bitset_idx says that category c goes left.
import type { ForestCategories, ForestOp } from "../../model/ops/forest.ts";
import { hasField, isArray, type NdArray, readArray } from "../numpy/ndarray.ts";
import { structuredFloat64, structuredInt32, structuredUint8 } from "../numpy/structured.ts";
import { toFloat64 } from "../numpy/to-numbers.ts";
import { dictGet, isNode, type PyValue } from "../pickle/tree.ts";
import { attribute, attributeError, type Instance, instanceOf, itemsOf, pathOf, wrote } from "./instance.ts";
import { treeError } from "./tree.ts";

const wordsInSet = 8;

interface HistogramTree {
  readonly path: string;
  readonly nodes: NdArray;
  /** Row-major, eight words a set. */
  readonly leftSets: Uint32Array;
}

export type HistogramArrays = Omit<ForestOp, "kind" | "inputs" | "base">;

export interface HistogramOptions {
  /** Columns of the rows that the trees see. */
  readonly width: number;
  /** Scores of a row; tree i adds to score i mod `outputs`. */
  readonly outputs: number;
}

/** @throws MODEL_TREE, MODEL_ATTRIBUTE */
export function histogramTrees(self: Instance, { width, outputs }: HistogramOptions): HistogramArrays {
  const trees = predictors(self, outputs);
  const total = trees.reduce((sum, { nodes }) => sum + nodes.size, 0);
  const known = knownSets(self, width);
  const arrays = {
    roots: new Int32Array(trees.length + 1),
    feature: new Int32Array(total),
    threshold: new Float64Array(total),
    left: new Int32Array(total),
    right: new Int32Array(total),
    missingLeft: new Uint8Array(total),
    cover: new Float64Array(total),
    leftSet: new Int32Array(total).fill(-1),
    rightSet: new Int32Array(total).fill(-1),
  };
  const leaves: number[] = [];
  let start = 0;
  let sets = known.length / wordsInSet;
  for (const [index, tree] of trees.entries()) {
    addTree(tree, { arrays, leaves, start, width, firstSet: sets });
    start += tree.nodes.size;
    sets += tree.leftSets.length / wordsInSet;
    arrays.roots[index + 1] = start;
  }
  const { leftSet, rightSet, ...plain } = arrays;
  const words = Uint32Array.from([...known, ...trees.flatMap(({ leftSets }) => [...leftSets])]);
  const categories: ForestCategories = {
    left: leftSet,
    right: rightSet,
    offsets: Int32Array.from({ length: sets + 1 }, (_, set) => set * wordsInSet),
    words,
    number: "byte",
    // Until 1.1 a negative category was cast like any other.
    negative: wrote(self, 1, 2) ? "missing" : "convert",
  };
  return {
    ...plain,
    rule: "le",
    leaves: Float64Array.from(leaves),
    leafWidth: 1,
    targets: Int32Array.from(trees, (_, at) => at % outputs),
    sum: "f64",
    categories: leftSet.some((set) => set >= 0) ? categories : null,
  };
}

interface TreeTarget {
  readonly arrays: {
    readonly feature: Int32Array;
    readonly threshold: Float64Array;
    readonly left: Int32Array;
    readonly right: Int32Array;
    readonly missingLeft: Uint8Array;
    readonly cover: Float64Array;
    readonly leftSet: Int32Array;
    readonly rightSet: Int32Array;
  };
  readonly leaves: number[];
  readonly start: number;
  readonly width: number;
  readonly firstSet: number;
}

function addTree(
  { nodes, leftSets, path }: HistogramTree,
  { arrays, leaves, start, width, firstSet }: TreeTarget,
): void {
  const value = structuredFloat64(nodes, "value", path);
  const feature = structuredInt32(nodes, "feature_idx", path);
  const threshold = structuredFloat64(nodes, hasField(nodes, "num_threshold") ? "num_threshold" : "threshold", path);
  const left = structuredInt32(nodes, "left", path);
  const right = structuredInt32(nodes, "right", path);
  const isLeaf = structuredUint8(nodes, "is_leaf", path);
  const byCategory = hasField(nodes, "is_categorical") ? structuredUint8(nodes, "is_categorical", path) : null;
  const set = byCategory === null ? null : structuredInt32(nodes, "bitset_idx", path);
  if (hasField(nodes, "missing_go_to_left")) {
    arrays.missingLeft.set(structuredUint8(nodes, "missing_go_to_left", path), start);
  }
  arrays.cover.set(structuredFloat64(nodes, "count", path), start);
  for (let node = 0; node < nodes.size; node++) {
    const at = start + node;
    if (isLeaf[node] !== 0) {
      arrays.feature[at] = -1;
      arrays.left[at] = leaves.length;
      arrays.right[at] = -1;
      leaves.push(value[node] as number);
      continue;
    }
    const split = feature[node] as number;
    const outside = (child: number): boolean => child <= 0 || child >= nodes.size;
    if (outside(left[node] as number) || outside(right[node] as number)) {
      throw treeError(path, `node ${node} has a child outside of the tree`);
    }
    if (split < 0 || split >= width) throw treeError(path, `node ${node} splits on no feature`);
    arrays.feature[at] = split;
    arrays.left[at] = start + (left[node] as number);
    arrays.right[at] = start + (right[node] as number);
    if (byCategory?.[node] === undefined || byCategory[node] === 0) arrays.threshold[at] = threshold[node] as number;
    else {
      const number = set?.[node] ?? 0;
      if (number >= leftSets.length / wordsInSet) throw treeError(path, `node ${node} names a set that it lacks`);
      arrays.leftSet[at] = firstSet + number;
      arrays.rightSet[at] = split;
    }
  }
}

/** The categories that fitting saw, one set a column (empty for numbers). Source: `make_known_categories_bitsets`. */
function knownSets(self: Instance, width: number): Uint32Array {
  const words = new Uint32Array(width * wordsInSet);
  const name = attribute(self, "_bin_mapper") === undefined ? "bin_mapper_" : "_bin_mapper";
  const mapper = instanceOf(attribute(self, name), pathOf(self, name), self);
  const mask = mapper === undefined ? undefined : attribute(mapper, "is_categorical_");
  if (mapper === undefined || !isArray(mask)) return words;
  const categorical = toFloat64(readArray(mask, pathOf(mapper, "is_categorical_")));
  const bins = itemsOf(mapper, "bin_thresholds_");
  if (categorical.length !== width || bins.length !== width) {
    throw attributeError(mapper, "is_categorical_", `${width} columns were expected, not ${categorical.length}`);
  }
  for (const [column, item] of bins.entries()) {
    if (categorical[column] === 0) continue;
    for (const category of toFloat64(readArray(item, `${pathOf(mapper, "bin_thresholds_")}[${column}]`))) {
      const at = column * wordsInSet + ((category & 255) >> 5);
      words[at] = (words[at] as number) | (1 << (category & 31));
    }
  }
  return words;
}

function predictors(self: Instance, outputs: number): readonly HistogramTree[] {
  return itemsOf(self, "_predictors").flatMap((iteration, index) => {
    const path = `${pathOf(self, "_predictors")}[${index}]`;
    const items = isNode(iteration) && (iteration.kind === "list" || iteration.kind === "tuple") ? iteration.items : [];
    if (items.length !== outputs) throw treeError(path, `${outputs} trees were expected, not ${items.length}`);
    return items.map((item, score) => readPredictor(item, `${path}[${score}]`));
  });
}

function readPredictor(value: PyValue, path: string): HistogramTree {
  const state = isNode(value) && value.kind === "object" ? value.states.at(-1) : undefined;
  if (!isNode(state) || state.kind !== "dict") throw treeError(path, "it has no state");
  const nodes = readArray(dictGet(state, "nodes"), `${path}.nodes`);
  if (nodes.shape.length !== 1 || nodes.size === 0) throw treeError(path, "it has no nodes");
  const sets = dictGet(state, "raw_left_cat_bitsets");
  if (!isArray(sets)) return { path, nodes, leftSets: new Uint32Array(0) };
  const array = readArray(sets, `${path}.raw_left_cat_bitsets`);
  if (array.shape.length !== 2 || array.shape[1] !== wordsInSet)
    throw treeError(path, "its category sets are not 256 bits");
  return { path, nodes, leftSets: Uint32Array.from(toFloat64(array)) };
}
