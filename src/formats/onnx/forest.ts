// forest → TreeEnsemble of ai.onnx.ml 5 with double thresholds and leaves, or TreeEnsembleRegressor of ai.onnx.ml 3, which adds
// leaves as float32 (its thresholds are doubles all the same, so that rows take the same way).
import type { ForestLinear, ForestOp } from "../../model/ops/forest.ts";
import { chosenColumns, joined } from "./columns.ts";
import { type PlainForest, plainForest } from "./forest-columns.ts";
import { doubleTensor, int, ints, type OnnxBuilder, type OnnxName } from "./onnx-builder.ts";
import { exportError, numberOf, rounded, tensor, tensorInput, type WriteContext, type WriteOp } from "./op-writer.ts";

export const writeForest: WriteOp<"forest"> = (op, context) => {
  const { onnx } = context;
  if (op.absent === "missing" && context.types[0]?.kind === "sparse") {
    throw exportError("forest", "an absent cell is missing to it, and a tensor has no absent cells");
  }
  const plain = plainForest(op, context);
  const sums = op.linear == null ? leafSums(plain, context) : linearSums(plain, context);
  const needsStart = op.inputs.length === 2 || op.base.some((value) => value !== 0);
  const start = (): OnnxName =>
    op.inputs.length === 2 ? tensorInput(context, 1) : onnx.doubles(op.base, [1, op.base.length]);
  return tensor(rounded(context, needsStart ? onnx.node("Add", [start(), sums]) : sums, numberOf(context.result)));
};

function leafSums(forest: PlainForest, context: WriteContext): OnnxName {
  return context.trees === "float64" ? doubleTrees(forest, context) : floatTrees(forest, context);
}

/** Numbers of a table that holds a coefficient for each leaf and feature. */
const maxCoefficients = 2 ** 24;

/** Each tree gives the row of its leaf as a target of its own, and the functions of these rows are added. */
function linearSums({ op, input }: PlainForest, context: WriteContext): OnnxName {
  const { onnx } = context;
  const trees = op.roots.length - 1;
  const { constants, offsets, features, coefficients } = op.linear as ForestLinear;
  const used = [...new Set(features)].sort((a, b) => a - b);
  const leaves = op.leaves.length;
  if (leaves * used.length > maxCoefficients || leaves > maxCoefficients) {
    throw exportError("forest", "its linear leaves would make a table of over 128 MiB");
  }
  const rows: ForestOp = {
    ...op,
    linear: null,
    leaves: op.leaves.map((_, row) => row),
    targets: Int32Array.from({ length: trees }, (_, tree) => tree),
    base: new Float64Array(trees),
  };
  const leafOf = onnx.cast(leafSums({ op: rows, input }, context), "int64");
  const at = (numbers: Float64Array): OnnxName => onnx.node("Gather", [onnx.doubles(numbers, [leaves]), leafOf]);
  let values = at(constants);
  if (used.length > 0) {
    const places = new Map(used.map((feature, place) => [feature, place]));
    const table = new Float64Array(leaves * used.length);
    const isUsed = new Uint8Array(table.length);
    for (let leaf = 0; leaf < leaves; leaf++) {
      for (let term = offsets[leaf] ?? 0; term < (offsets[leaf + 1] ?? 0); term++) {
        const cell = leaf * used.length + (places.get(features[term] ?? 0) ?? 0);
        table[cell] = (table[cell] ?? 0) + (coefficients[term] ?? 0);
        isUsed[cell] = 1;
      }
    }
    const dims = [leaves, used.length];
    // [rows, trees, features]
    const factors = onnx.node("Gather", [onnx.doubles(table, dims), leafOf]);
    const flags = onnx.node("Gather", [onnx.constant({ type: "bool", values: isUsed }, dims), leafOf]);
    const cells = onnx.node("Unsqueeze", [chosenColumns(onnx, input, used), onnx.integers([1])]);
    const terms = onnx.node("Where", [flags, onnx.node("Mul", [factors, cells]), onnx.doubles([0])]);
    const sum = onnx.node("ReduceSum", [terms, onnx.integers([2])], { keepdims: int(0) });
    const absent = onnx.cast(onnx.node("And", [flags, onnx.node("IsNaN", [cells])]), "double");
    const isAbsent = onnx.node("Greater", [
      onnx.node("ReduceSum", [absent, onnx.integers([2])], { keepdims: int(0) }),
      onnx.doubles([0]),
    ]);
    values = onnx.node("Where", [isAbsent, at(op.leaves), onnx.node("Add", [values, sum])]);
  }
  const outputs = op.base.length;
  if (outputs === 1) return onnx.node("ReduceSum", [values, onnx.integers([1])]);
  const parts = Array.from({ length: outputs }, (_, output) => {
    const own = Array.from({ length: trees }, (_, tree) => tree).filter((tree) => op.targets?.[tree] === output);
    if (own.length === 0) return onnx.node("Mul", [chosenColumns(onnx, input, [0]), onnx.doubles([0])]);
    return onnx.node("ReduceSum", [chosenColumns(onnx, values, own), onnx.integers([1])]);
  });
  return joined(onnx, parts);
}

/** TreeEnsemble: inner nodes and leaves are numbered apart; a leaf has one target. */
function doubleTrees({ op, input }: PlainForest, context: WriteContext): OnnxName {
  const { onnx } = context;
  const trees = op.roots.length - 1;
  // A leaf of several numbers: each tree gives the row of its leaf as a target of its own, and the rows are added.
  const byRow = op.targets === null && op.leafWidth > 1;
  // Likewise where the leaves are to be added in order.
  const byTree = byRow || (context.addsInOrder && op.base.length === 1);
  const { inner, leaves, leafCount, rootOf } = numberNodes(op);
  const isLeaf = (node: number): boolean => (op.feature[node] ?? -1) < 0;
  const place = (node: number): number => (isLeaf(node) ? leaves : inner).get(node) ?? 0;
  const childrenOf = (node: number): readonly [number, number] =>
    isLeaf(node) ? [node, node] : [op.left[node] ?? 0, op.right[node] ?? 0];
  const nodes = [...inner.keys()];
  const leafNodes = new Array<number | null>(leafCount).fill(null);
  for (const [node, at] of leaves) leafNodes[at] = node;
  const treeOf = treeNumbers(op);
  const target = (node: number | null): number => {
    if (node === null) return 0;
    const tree = treeOf[node] ?? 0;
    return byTree ? tree : (op.targets?.[tree] ?? 0);
  };
  const weight = (node: number | null): number => {
    const row = node === null ? 0 : (op.left[node] ?? 0);
    return byRow ? row : (op.leaves[row] ?? 0);
  };
  const value = onnx.mlNode("TreeEnsemble", [input], {
    n_targets: int(byTree ? trees : op.base.length),
    aggregate_function: int(1),
    post_transform: int(0),
    tree_roots: ints(rootOf),
    nodes_modes: {
      kind: "tensor",
      tensor: {
        name: "",
        dims: [nodes.length],
        data: { type: "uint8", values: new Uint8Array(nodes.length).fill(op.rule === "le" ? 0 : 1) },
      },
    },
    nodes_featureids: ints(nodes.map((node) => Math.max(0, op.feature[node] ?? 0))),
    nodes_splits: doubleTensor(nodes.map((node) => (isLeaf(node) ? 0 : (op.threshold[node] ?? 0)))),
    nodes_missing_value_tracks_true: ints(nodes.map((node) => (isLeaf(node) ? 0 : (op.missingLeft?.[node] ?? 0)))),
    nodes_truenodeids: ints(nodes.map((node) => place(childrenOf(node)[0]))),
    nodes_falsenodeids: ints(nodes.map((node) => place(childrenOf(node)[1]))),
    nodes_trueleafs: ints(nodes.map((node) => Number(isLeaf(childrenOf(node)[0])))),
    nodes_falseleafs: ints(nodes.map((node) => Number(isLeaf(childrenOf(node)[1])))),
    leaf_targetids: ints(leafNodes.map(target)),
    leaf_weights: doubleTensor(leafNodes.map(weight)),
  });
  if (!byRow) return byTree ? sumInOrder(onnx, value, trees) : value;
  const table = onnx.doubles(op.leaves, [op.leaves.length / op.leafWidth, op.leafWidth]);
  const rows = onnx.node("Gather", [table, onnx.cast(value, "int64")]);
  if (context.addsInOrder) return onnx.node("Squeeze", [sumInOrder(onnx, rows, trees), onnx.integers([1])]);
  return onnx.node("ReduceSum", [rows, onnx.integers([1])], { keepdims: int(0) });
}

/** The last of the running sums along the trees, which is one dimension of size 1 then. */
function sumInOrder(onnx: OnnxBuilder, value: OnnxName, trees: number): OnnxName {
  const axis = onnx.constant({ type: "int64", values: BigInt64Array.of(1n) }, []);
  return onnx.node("Gather", [onnx.node("CumSum", [value, axis]), onnx.integers([trees - 1])], { axis: int(1) });
}

interface NumberedNodes {
  /** Node → its place among the inner nodes; a tree that is one leaf has an inner node, both of whose ways lead to it. */
  readonly inner: ReadonlyMap<number, number>;
  readonly leaves: ReadonlyMap<number, number>;
  /** More than there are leaves where places are left out, which nothing leads to. */
  readonly leafCount: number;
  readonly rootOf: readonly number[];
}

function numberNodes(op: ForestOp): NumberedNodes {
  const inner = new Map<number, number>();
  const rootOf: number[] = [];
  for (let tree = 0; tree + 1 < op.roots.length; tree++) {
    const first = op.roots[tree] ?? 0;
    rootOf.push(inner.size);
    for (let node = first; node < (op.roots[tree + 1] ?? 0); node++) {
      const isLeaf = (op.feature[node] ?? -1) < 0;
      if (!isLeaf || node === first) inner.set(node, inner.size);
    }
  }
  return { inner, rootOf, ...numberLeaves(op, inner) };
}

/**
 * ONNX Runtime (at least up to 1.22) takes a node whose two ways have the same number for a tree that is one leaf, even where one
 * leads to a leaf and the other to an inner node: such a number is left out.
 */
function numberLeaves(
  op: ForestOp,
  inner: ReadonlyMap<number, number>,
): { readonly leaves: ReadonlyMap<number, number>; readonly leafCount: number } {
  const isLeaf = (node: number): boolean => (op.feature[node] ?? -1) < 0;
  const besides = new Map<number, number>();
  for (const node of inner.keys()) {
    const [left, right] = [op.left[node] ?? 0, op.right[node] ?? 0];
    if (isLeaf(node) || isLeaf(left) === isLeaf(right)) continue;
    const [leaf, other] = isLeaf(left) ? [left, right] : [right, left];
    besides.set(leaf, inner.get(other) ?? -1);
  }
  const leaves = new Map<number, number>();
  let leafCount = 0;
  for (let node = 0; node < op.feature.length; node++) {
    if (!isLeaf(node)) continue;
    if (besides.get(node) === leafCount) leafCount++;
    leaves.set(node, leafCount++);
  }
  return { leaves, leafCount };
}

function treeNumbers(op: ForestOp): Int32Array {
  const numbers = new Int32Array(op.feature.length);
  for (let tree = 0; tree + 1 < op.roots.length; tree++) numbers.fill(tree, op.roots[tree], op.roots[tree + 1]);
  return numbers;
}

/** TreeEnsembleRegressor: one numbering a tree, and a leaf may have several targets. */
function floatTrees({ op, input }: PlainForest, context: WriteContext): OnnxName {
  const { onnx } = context;
  const treeOf = treeNumbers(op);
  const nodes = Array.from(op.feature.keys());
  const isLeaf = (node: number): boolean => (op.feature[node] ?? -1) < 0;
  const local = (node: number): number => node - (op.roots[treeOf[node] ?? 0] ?? 0);
  const width = op.targets === null ? op.leafWidth : 1;
  const ends = nodes.filter(isLeaf).flatMap((node) =>
    Array.from({ length: width }, (_, output) => ({
      node,
      target: op.targets === null ? output : (op.targets[treeOf[node] ?? 0] ?? 0),
      weight: op.leaves[(op.left[node] ?? 0) * width + output] ?? 0,
    })),
  );
  const mode = op.rule === "le" ? "BRANCH_LEQ" : "BRANCH_LT";
  const value = onnx.mlNode("TreeEnsembleRegressor", [input], {
    n_targets: int(op.base.length),
    aggregate_function: { kind: "string", value: "SUM" },
    post_transform: { kind: "string", value: "NONE" },
    nodes_treeids: ints(treeOf),
    nodes_nodeids: ints(nodes.map(local)),
    nodes_featureids: ints(nodes.map((node) => Math.max(0, op.feature[node] ?? 0))),
    nodes_modes: { kind: "strings", values: nodes.map((node) => (isLeaf(node) ? "LEAF" : mode)) },
    nodes_values_as_tensor: doubleTensor(nodes.map((node) => (isLeaf(node) ? 0 : (op.threshold[node] ?? 0)))),
    nodes_missing_value_tracks_true: ints(nodes.map((node) => op.missingLeft?.[node] ?? 0)),
    nodes_truenodeids: ints(nodes.map((node) => (isLeaf(node) ? 0 : local(op.left[node] ?? 0)))),
    nodes_falsenodeids: ints(nodes.map((node) => (isLeaf(node) ? 0 : local(op.right[node] ?? 0)))),
    target_treeids: ints(ends.map(({ node }) => treeOf[node] ?? 0)),
    target_nodeids: ints(ends.map(({ node }) => local(node))),
    target_ids: ints(ends.map(({ target }) => target)),
    target_weights_as_tensor: doubleTensor(ends.map(({ weight }) => weight)),
  });
  return onnx.cast(value, "double");
}
