// forest: the sum of one leaf a tree, added in tree order. The arrays of all trees lie end to end:
//
//   node n of tree t:  roots[t] <= n < roots[t + 1];  roots[t] is the tree's root
//   split:  feature[n] >= 0; goes to left[n] when  x[feature[n]] <= threshold[n]  (rule "lt": <), else to right[n];
//           a NaN goes left where missingLeft[n] is 1 (without missingLeft it compares false and goes right)
//   zero:   where zeroMissing[n] is 1, an x of magnitude <= 1e-35 (as float32 rounds it) goes as a NaN does
//   leaf:   feature[n] == -1; left[n] is its row in `leaves`, right[n] is -1
//   categorical split: categories.left[n] >= 0; the threshold is not read, and c is the category of x:
//           c in set left[n] -> left; else c in set right[n], or right[n] == -1 -> right; else as a NaN goes
//
// Set s of the categories is the bits of words[offsets[s]] up to words[offsets[s + 1]]: category c is in it when bit c % 32
// of its word c >> 5 is 1; what lies beyond the words is not in it. How x becomes c:
//
//   number   "integer": x without its fraction.  "byte": the low 8 bits of that, and 0 beyond 32 bits (C's cast on x86-64)
//   negative an x < 0: "missing" goes as a NaN does; "outside" is in no set; "convert" is treated as any x (an integer below 0
//            is in no set)
//
// Where `linear` holds functions, leaf row l of width 1 is  constants[l] + Σ coefficients[i] * x[features[i]]  over its terms in
// order, i from offsets[l] to offsets[l + 1]; a row in which any of these x is a NaN gets the number in `leaves` instead. A cell
// that a sparse row does not hold is 0, or a NaN where `absent` is "missing".
//
// Thresholds may be infinite ("missing or not"). `x` is compared as the input's own number type. A second input, where there
// is one, holds what each row's sums start from, instead of `base`.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface ForestCategories {
  /** The set of each node's categories that go left; -1 for a numeric split and for a leaf. */
  readonly left: Int32Array;
  /** The set of those that go right; -1: whatever is not in the left set. */
  readonly right: Int32Array;
  readonly offsets: Int32Array;
  readonly words: Uint32Array;
  readonly number: "integer" | "byte";
  readonly negative: "missing" | "outside" | "convert";
}

export interface ForestLinear {
  /** One a leaf row. */
  readonly constants: Float64Array;
  /** One more than leaf rows. */
  readonly offsets: Int32Array;
  readonly features: Int32Array;
  readonly coefficients: Float64Array;
}

export interface ForestOp {
  readonly kind: "forest";
  /** The rows; with a second value (dense, one number an output) the sums start from it. */
  readonly inputs: readonly [ValueId] | readonly [ValueId, ValueId];
  /** `trees + 1` node offsets. */
  readonly roots: Int32Array;
  readonly feature: Int32Array;
  readonly threshold: Float64Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly missingLeft: Uint8Array | null;
  readonly zeroMissing?: Uint8Array | null;
  readonly categories?: ForestCategories | null;
  readonly linear?: ForestLinear | null;
  readonly absent?: "zero" | "missing";
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
  resultType(op, [input, start]) {
    if (input?.kind !== "dense" && input?.kind !== "sparse") throw graphError("forest takes numbers");
    if (op.inputs.length === 2 && (start?.kind !== "dense" || start.width !== op.base.length)) {
      throw graphError("forest starts from as many numbers as it has outputs");
    }
    checkForest(op, input.width);
    checkCategories(op);
    checkLinear(op, input.width);
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
  if ((op.zeroMissing?.length ?? nodes) !== nodes) throw graphError("forest arrays differ in length");
  if (op.cover !== null && op.cover.length !== nodes) throw graphError("forest cover differs in length");
  if (!Number.isInteger(leafRows)) throw graphError("forest leaves do not divide into rows");
  if (op.leaves.some(Number.isNaN) || op.base.some(Number.isNaN)) throw graphError("forest answers NaN");
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

function checkCategories({ categories, feature }: ForestOp): void {
  if (categories === undefined || categories === null) return;
  const { left, right, offsets, words } = categories;
  if (left.length !== feature.length || right.length !== feature.length)
    throw graphError("forest arrays differ in length");
  const sets = offsets.length - 1;
  if (sets < 0 || offsets[0] !== 0 || offsets[sets] !== words.length)
    throw graphError("forest category sets are wrong");
  for (let set = 0; set < sets; set++) {
    if ((offsets[set] ?? 0) > (offsets[set + 1] ?? 0)) throw graphError("forest category sets are wrong");
  }
  for (let node = 0; node < left.length; node++) {
    const known = (set: number): boolean => set >= -1 && set < sets;
    if (!known(left[node] ?? -2) || !known(right[node] ?? -2)) throw graphError("forest names a set that it lacks");
  }
}

function checkLinear({ linear, leaves, leafWidth }: ForestOp, width: number): void {
  if (linear === undefined || linear === null) return;
  const { constants, offsets, features, coefficients } = linear;
  if (leafWidth !== 1 || constants.length !== leaves.length || offsets.length !== leaves.length + 1) {
    throw graphError("forest leaves and their functions differ");
  }
  if (offsets[0] !== 0 || offsets[leaves.length] !== features.length || features.length !== coefficients.length) {
    throw graphError("forest leaves have functions that are wrong");
  }
  for (let leaf = 0; leaf < leaves.length; leaf++) {
    if ((offsets[leaf] ?? 0) > (offsets[leaf + 1] ?? 0))
      throw graphError("forest leaves have functions that are wrong");
  }
  for (const feature of features) if (feature < 0 || feature >= width) throw graphError("a leaf reads no feature");
}
