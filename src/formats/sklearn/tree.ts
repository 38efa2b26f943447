// sklearn.tree._tree.Tree: REDUCE(Tree, (n_features, n_classes, n_outputs)), BUILD {max_depth, node_count, nodes, values}.
//
// nodes: a structured array. 56 bytes a node until 1.2:
//   left_child i8@0  right_child i8@8  feature i8@16  threshold f8@24  impurity f8@32  n_node_samples i8@40
//   weighted_n_node_samples f8@48
// 64 bytes from 1.3: + missing_go_to_left u1@56. Fields are read by the file's own dtype, never by an assumed offset.
// A leaf has left_child == -1. values: float64 (node_count, n_outputs, max_n_classes).
import { type TrimaranError, trimaranError } from "../../base/errors.ts";
import { hasField, type NdArray, readArray } from "../numpy/ndarray.ts";
import { structuredFloat64, structuredInt32, structuredUint8 } from "../numpy/structured.ts";
import { toFloat64 } from "../numpy/to-numbers.ts";
import { describeValue, dictGet, isNode, type PyDict, type PyValue } from "../pickle/tree.ts";
import { scalarOf } from "./instance.ts";

export interface FittedTree {
  readonly nodeCount: number;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly feature: Int32Array;
  readonly threshold: Float64Array;
  readonly missingLeft: Uint8Array | null;
  /** Weighted sample count of each node. */
  readonly cover: Float64Array;
  readonly features: number;
  readonly outputs: number;
  /** Numbers of one node in `values`: outputs × largest class count. */
  readonly valueWidth: number;
  /** Row-major, `nodeCount × valueWidth`. */
  readonly values: Float64Array;
}

export const treeClasses: readonly string[] = ["sklearn.tree._tree.Tree"];

/** @throws MODEL_TREE */
export function readTree(value: PyValue | undefined, path: string): FittedTree {
  if (
    !isNode(value) ||
    value.kind !== "object" ||
    !treeClasses.includes(`${value.callee.module}.${value.callee.name}`)
  ) {
    throw treeError(path, `a Tree was expected, not ${describeValue(value)}`);
  }
  const [features, , outputs] = value.args.items.map(scalarOf);
  const state = value.states.at(-1);
  if (!isNode(state) || state.kind !== "dict") throw treeError(path, "it has no state");
  const nodes = stateArray(state, "nodes", path);
  const values = stateArray(state, "values", path);
  const nodeCount = nodes.shape[0] ?? 0;
  const [valueRows, valueOutputs = 0, classes = 0] = values.shape;
  if (nodes.shape.length !== 1 || nodeCount === 0) throw treeError(path, "it has no nodes");
  if (valueRows !== nodeCount || values.shape.length !== 3) throw treeError(path, "nodes and values differ in length");
  if (scalarOf(dictGet(state, "node_count")) !== nodeCount) throw treeError(path, "node_count and nodes differ");
  if (typeof features !== "number" || typeof outputs !== "number" || outputs !== valueOutputs) {
    throw treeError(path, "n_features and n_outputs do not fit its values");
  }
  if (hasField(nodes, "left_cat_bitset"))
    throw treeError(path, "categorical splits of scikit-learn 1.10 are not known");
  const numbers = toFloat64(values);
  if (numbers.some(Number.isNaN)) throw treeError(path, "its values hold NaN");
  return {
    nodeCount,
    left: structuredInt32(nodes, "left_child", path),
    right: structuredInt32(nodes, "right_child", path),
    feature: structuredInt32(nodes, "feature", path),
    threshold: structuredFloat64(nodes, "threshold", path),
    missingLeft: hasField(nodes, "missing_go_to_left") ? structuredUint8(nodes, "missing_go_to_left", path) : null,
    cover: structuredFloat64(nodes, "weighted_n_node_samples", path),
    features,
    outputs,
    valueWidth: outputs * classes,
    values: numbers,
  };
}

/** The number of training samples in each node, which isolation forests need. @throws MODEL_TREE */
export function readTreeSamples(value: PyValue | undefined, path: string): Float64Array {
  const state = isNode(value) && value.kind === "object" ? value.states.at(-1) : undefined;
  if (!isNode(state) || state.kind !== "dict") throw treeError(path, "it has no state");
  return structuredFloat64(stateArray(state, "nodes", path), "n_node_samples", path);
}

function stateArray(state: PyDict, name: string, path: string): NdArray {
  return readArray(dictGet(state, name), `${path}.${name}`);
}

export function treeError(path: string, problem: string): TrimaranError {
  return trimaranError("MODEL_TREE", { path, problem });
}
