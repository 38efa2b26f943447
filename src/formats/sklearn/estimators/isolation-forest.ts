// IsolationForest: 2 to the minus mean depth of a row's leaves over the depth that chance would give.
// Source: sklearn/ensemble/_iforest.py.
import type { Label } from "../../../data/predictions.ts";
import type { GraphBuilder } from "../../../model/graph-builder.ts";
import type { ValueId } from "../../../model/value.ts";
import { isArray, readArray } from "../../numpy/ndarray.ts";
import { toFloat64 } from "../../numpy/to-numbers.ts";
import { isNode, type PyValue } from "../../pickle/tree.ts";
import { forestRows, type MemberForest, memberForest, members } from "../ensemble-members.ts";
import type { EstimatorRecord, Methods } from "../estimator.ts";
import { forestArrays } from "../forest-arrays.ts";
import {
  attribute,
  attributeError,
  firstOf,
  has,
  type Instance,
  integerOf,
  itemsOf,
  numberOf,
  pathOf,
  stringOf,
  wrote,
} from "../instance.ts";
import { featureCount, numericInput } from "../numeric-input.ts";
import { step } from "../probabilities.ts";
import { type FittedTree, readTreeSamples } from "../tree.ts";

const eulerGamma = 0.5772156649015329;

export const isolationForest: EstimatorRecord = {
  name: "IsolationForest",
  classes: ["sklearn.ensemble._iforest.IsolationForest", "sklearn.ensemble.iforest.IsolationForest"],
  fitted: ["estimators_", "estimators_features_", "offset_"],
  exactness: "near",
  note: "written by 0.20 or later; scores are near, and labels differ only where a score meets the offset",
  input: (self) => numericInput(self, { nullable: takesNaN(self) }),
  toOps(self, input, context): Methods {
    const { graph } = context;
    const forest = memberForest(self, members(self, context));
    if (forest === null) throw attributeError(self, "estimators_", "single trees were expected");
    if (!wrote(self, 0, 20)) throw attributeError(self, "_sklearn_version", "0.20 or later was expected");
    const whole = integerOf(self, "_max_features", featureCount(self)) === featureCount(self);
    const seen = whole ? { ...forest, features: forest.trees.map(() => null) } : forest;
    const rows = forestRows(self, seen, { input, context, checked: !takesNaN(self) });
    const depths = leafDepths(self, forest);
    const arrays = forestArrays(forest.trees, {
      ...rows,
      path: forest.path,
      leafWidth: 1,
      leaf: (_tree, node, { leaves, at, tree }) => {
        leaves[at] = depths[tree]?.[node] as number;
      },
    });
    const depth = graph.add({
      kind: "forest",
      inputs: [rows.value],
      ...arrays,
      // In sparse rows a NaN has no branch of its own: it compares false.
      missingLeft: graph.typeOf(input).kind === "sparse" ? null : arrays.missingLeft,
      rule: "le",
      targets: null,
      base: new Float64Array(1),
      sum: "f64",
    });
    const exponents = exponentOf(self, depth, { graph, count: depths.length });
    const scores = graph.add({ kind: "map", inputs: [exponents], function: "exp2" });
    const samples = graph.add({ kind: "map", inputs: [scores], function: "negative" });
    const minus = (value: ValueId, by: number): ValueId =>
      graph.add({ kind: "columnwise", inputs: [value], steps: [step("subtract", by)], number: "f64" });
    const decision = minus(samples, numberOf(self, "offset_"));
    const sign = minus(decision, edge(self));
    return {
      predict: {
        value: graph.add({ kind: "label", inputs: [sign], rule: "not_negative", labels: [sides] }),
        scalar: true,
      },
      decision_function: { value: decision, scalar: true },
      score_samples: { value: samples, scalar: true },
    };
  },
};

/** Outlier and inlier. */
const sides: readonly Label[] = [
  { type: "integer", value: -1 },
  { type: "integer", value: 1 },
];

/** From 1.6 rows are rounded to float32 and not looked at: NaN and infinities pass. */
function takesNaN(self: Instance): boolean {
  return wrote(self, 1, 6);
}

/** The depth at which a row is an outlier was a number of its own while `behaviour="old"` was there. */
function edge(self: Instance): number {
  const old = !wrote(self, 0, 22) && stringOf(self, "behaviour", "old") === "old";
  return old ? numberOf(self, "_threshold_") : 0;
}

/** Minus the mean depth over the expected one; 1 where nothing is expected (a single training sample). */
function exponentOf(self: Instance, depth: ValueId, { graph, count }: { graph: GraphBuilder; count: number }): ValueId {
  const expected = count * pathLength(self, integerOf(self, firstOf(self, ["_max_samples", "max_samples_"])));
  if (expected === 0) {
    return graph.add({ kind: "constant", inputs: [depth], numbers: Float64Array.of(-1), number: "f64" });
  }
  const steps = [step("divide", expected), step("multiply", -1)];
  return graph.add({ kind: "columnwise", inputs: [depth], steps, number: "f64" });
}

/** By tree and node: the depth of a leaf plus the depth that its samples would still need, less one. */
function leafDepths(self: Instance, forest: MemberForest): readonly Float64Array[] {
  const stored = storedDepths(self, forest);
  if (stored !== null) return stored;
  return forest.trees.map((tree, index) => {
    const owner = forest.owners[index] ?? self;
    const samples = readTreeSamples(attribute(owner, "tree_"), pathOf(owner, "tree_"));
    return nodesOnPath(tree).map((nodes, node) => nodes + pathLength(self, samples[node] as number) - 1);
  });
}

/** 1.3 and later keep both halves by tree and node. */
function storedDepths(self: Instance, forest: MemberForest): readonly Float64Array[] | null {
  if (!has(self, "_decision_path_lengths") || !has(self, "_average_path_length_per_tree")) return null;
  const paths = numberLists(self, "_decision_path_lengths");
  const lengths = numberLists(self, "_average_path_length_per_tree");
  return forest.trees.map((tree, index) => {
    const nodes = paths[index];
    const more = lengths[index];
    if (nodes?.length !== tree.nodeCount || more?.length !== tree.nodeCount) {
      throw attributeError(self, "_decision_path_lengths", `it does not fit tree ${index}`);
    }
    return nodes.map((count, node) => count + (more[node] as number) - 1);
  });
}

function numberLists(self: Instance, name: string): readonly Float64Array[] {
  return itemsOf(self, name).map((item: PyValue, index) => {
    const path = `${pathOf(self, name)}[${index}]`;
    if (!isArray(item) && isNode(item)) throw attributeError(self, name, "arrays were expected");
    return toFloat64(readArray(item, path));
  });
}

/** How many nodes lie on the way to each node, itself included. */
function nodesOnPath(tree: FittedTree): Float64Array {
  const counts = new Float64Array(tree.nodeCount);
  const open = [0];
  counts[0] = 1;
  while (open.length > 0) {
    const node = open.pop() ?? 0;
    for (const child of [tree.left[node] ?? -1, tree.right[node] ?? -1]) {
      // A child that was counted already is a fault, which the forest op finds.
      if (child <= 0 || child >= tree.nodeCount || counts[child] !== 0) continue;
      counts[child] = (counts[node] as number) + 1;
      open.push(child);
    }
  }
  return counts;
}

/** The mean depth of an unsuccessful search among `count` samples. Up to 0.20 one sample counted 1 and two took the formula. */
function pathLength(self: Instance, count: number): number {
  const old = !wrote(self, 0, 21);
  if (count <= 1) return old ? 1 : 0;
  if (count === 2 && !old) return 1;
  return 2 * (Math.log(count - 1) + eulerGamma) - (2 * (count - 1)) / count;
}
