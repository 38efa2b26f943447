// forest: the sum of one leaf a tree, added in tree order. The arrays of all trees lie end to end:
//
//   node n of tree t:  roots[t] <= n < roots[t + 1];  roots[t] is the tree's root
//   split:  feature[n] >= 0; goes to left[n] when  x[feature[n]] <= threshold[n]  (rule "lt": <), else to right[n];
//           a NaN goes left where missingLeft[n] is 1 (without missingLeft it compares false and goes right)
//   leaf:   feature[n] == -1; left[n] is its row in `leaves`, right[n] is -1
//
// Thresholds may be infinite ("missing or not"). `x` is compared as the input's own number type.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface ForestOp {
  readonly kind: "forest";
  readonly inputs: readonly [ValueId];
  /** `trees + 1` node offsets. */
  readonly roots: Int32Array;
  readonly feature: Int32Array;
  readonly threshold: Float64Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly missingLeft: Uint8Array | null;
  readonly rule: "le" | "lt";
  /** Row-major, `leafCount × leafWidth`. */
  readonly leaves: Float64Array;
  readonly leafWidth: number;
  /** Tree t adds its leaf (of width 1) to output `targets[t]`; null: a leaf holds one number an output. */
  readonly targets: Int32Array | null;
  /** What each output starts from. Its length is the number of outputs. */
  readonly base: Float64Array;
  /** Sums are kept in this type. */
  readonly sum: "f64" | "f32";
  /** Weighted number of training samples that reached each node; not read while predicting. */
  readonly cover: Float64Array | null;
}

export const forestDefinition: OpDefinition<ForestOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "dense" && input?.kind !== "sparse") throw graphError("forest takes numbers");
    checkForest(op, input.width);
    return { kind: "dense", width: op.base.length, number: op.sum, names: null };
  },
  describe: (op) => `forest of ${op.roots.length - 1} trees, ${op.feature.length} nodes`,
};

/** Every node of every tree is reached exactly once from its root, so walks end; features and leaf rows are in range. */
function checkForest(op: ForestOp, width: number): void {
  const nodes = op.feature.length;
  const leafRows = op.leafWidth > 0 ? op.leaves.length / op.leafWidth : -1;
  if (op.threshold.length !== nodes || op.left.length !== nodes || op.right.length !== nodes) {
    throw graphError("forest arrays differ in length");
  }
  if (op.missingLeft !== null && op.missingLeft.length !== nodes) throw graphError("forest arrays differ in length");
  if (op.cover !== null && op.cover.length !== nodes) throw graphError("forest cover differs in length");
  if (!Number.isInteger(leafRows)) throw graphError("forest leaves do not divide into rows");
  const outputs = op.base.length;
  if (op.targets === null ? op.leafWidth !== outputs : op.leafWidth !== 1)
    throw graphError("forest leaf width is wrong");
  if (op.targets !== null && op.targets.length !== op.roots.length - 1) throw graphError("forest targets differ");
  for (const target of op.targets ?? [])
    if (target < 0 || target >= outputs) throw graphError("forest target out of range");
  if (op.roots.length === 0 || op.roots[0] !== 0 || op.roots.at(-1) !== nodes)
    throw graphError("forest roots are wrong");
  const seen = new Uint8Array(nodes);
  for (let tree = 0; tree + 1 < op.roots.length; tree++) checkTree(op, { tree, width, leafRows, seen });
}

function checkTree(op: ForestOp, at: { tree: number; width: number; leafRows: number; seen: Uint8Array }): void {
  const { feature, left, right, roots } = op;
  const { tree, seen } = at;
  const first = roots[tree] ?? 0;
  const end = roots[tree + 1] ?? 0;
  if (end <= first) throw graphError(`tree ${tree} has no nodes`);
  const stack = [first];
  let count = 0;
  while (stack.length > 0) {
    const node = stack.pop() ?? 0;
    if (node < first || node >= end) throw graphError(`tree ${tree} has a child outside of it`);
    if (seen[node] === 1) throw graphError(`tree ${tree} reaches node ${node - first} twice`);
    seen[node] = 1;
    count++;
    const split = feature[node] ?? -1;
    if (split < 0) {
      const leaf = left[node] ?? -1;
      if (leaf < 0 || leaf >= at.leafRows) throw graphError(`tree ${tree} has a leaf without a value`);
      continue;
    }
    if (split >= at.width) throw graphError(`tree ${tree} splits on feature ${split} of ${at.width}`);
    if (Number.isNaN(op.threshold[node])) throw graphError(`tree ${tree} has a threshold that is not a number`);
    stack.push(right[node] ?? -1, left[node] ?? -1);
  }
  if (count !== end - first) throw graphError(`tree ${tree} has ${end - first - count} nodes that nothing reaches`);
}
