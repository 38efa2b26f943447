// Forests against scikit-learn's own, node by node. Targets are whole numbers or classes, so that sums are exact in whatever
// order they are added: then every split, also among equal ones, must be the same.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { compileGraph } from "../../src/engine/compile.ts";
import { type ForestFit, fitForest } from "../../src/train/fit-forest.ts";
import { forestGraph } from "../../src/train/model-graph.ts";
import type { ForestSpec } from "../../src/train/model-spec.ts";
import type { TrainingMatrix } from "../../src/train/training-matrix.ts";
import { counts, denseNumbers, type MadeRows, matrixOf, rides } from "./made-rows.ts";
import { askPeer, type PeerAnswer, type PeerTree, sklearnPeer } from "./sklearn-peer.ts";

const python = await sklearnPeer();
const skip = python === undefined && "scikit-learn cannot be installed";

interface Case {
  readonly name: string;
  readonly made: MadeRows;
  readonly dense?: true;
  readonly isClassification?: true;
  readonly ours: Omit<ForestSpec, "kind">;
  readonly theirs: Readonly<Record<string, unknown>>;
}

const whole = ({ rows, targets }: MadeRows): MadeRows => ({
  rows,
  targets: targets.map((each) => Math.round(Number(each))),
});

const shapes: readonly Pick<Case, "name" | "made" | "dense" | "isClassification">[] = [
  { name: "numbers", made: whole(denseNumbers(1500)), dense: true },
  { name: "rides", made: whole(rides(1500)) },
  { name: "counts", made: whole(counts(1500)) },
  { name: "classes of numbers", made: denseNumbers(1500, 3), dense: true, isClassification: true },
  { name: "classes of rides", made: rides(1500, 4), isClassification: true },
  { name: "classes of counts", made: counts(1500, 2), isClassification: true },
];

const options: readonly (Pick<Case, "name" | "ours" | "theirs"> & { readonly classesOnly?: true })[] = [
  {
    name: "one tree of all rows",
    ours: { trees: 1, bootstrap: false, maxFeatures: "all" },
    theirs: { n_estimators: 1, bootstrap: false, max_features: null },
  },
  {
    name: "drawn rows",
    ours: { trees: 4, maxDepth: 9, minSamplesLeaf: 3, maxFeatures: 0.999, seed: 5 },
    theirs: { n_estimators: 4, max_depth: 9, min_samples_leaf: 3, max_features: 0.999, random_state: 5 },
  },
  {
    name: "drawn columns",
    ours: { trees: 4, maxFeatures: "sqrt", seed: 4294967295 },
    theirs: { n_estimators: 4, max_features: "sqrt", random_state: 4294967295 },
  },
  {
    name: "few columns of few rows",
    ours: { trees: 4, maxFeatures: "log2", maxSamples: 0.3, minSamplesSplit: 9 },
    theirs: { n_estimators: 4, max_features: "log2", max_samples: 0.3, min_samples_split: 9 },
  },
  {
    name: "leaves that keep a share",
    ours: { trees: 3, minSamplesLeaf: 0.01, minSamplesSplit: 0.05, maxFeatures: 2 },
    theirs: { n_estimators: 3, min_samples_leaf: 0.01, min_samples_split: 0.05, max_features: 2 },
  },
  {
    name: "splits that are worth it",
    ours: { trees: 3, minImpurityDecrease: 0.01, maxFeatures: 3 },
    theirs: { n_estimators: 3, min_impurity_decrease: 0.01, max_features: 3 },
  },
  {
    name: "best splits first",
    ours: { trees: 3, maxLeafNodes: 30, maxFeatures: 0.999 },
    theirs: { n_estimators: 3, max_leaf_nodes: 30, max_features: 0.999 },
  },
  {
    name: "entropy",
    ours: { trees: 3, criterion: "entropy", minSamplesLeaf: 2 },
    theirs: { n_estimators: 3, criterion: "entropy", min_samples_leaf: 2 },
    classesOnly: true,
  },
];

/** Of more than 128 columns, all of which are looked at, equal splits are told apart in our own way. */
const manyColumns: ReadonlySet<string> = new Set(["rides", "classes of rides"]);

const cases: readonly Case[] = shapes.flatMap((shape) =>
  options
    .filter(({ classesOnly }) => classesOnly !== true || shape.isClassification === true)
    .filter(({ ours }) => !(ours.maxFeatures === "all" && manyColumns.has(shape.name)))
    .map((option) => ({ ...shape, ...option, name: `${shape.name}, ${option.name}` })),
);

const matrices = new Map<string, TrainingMatrix>();
const answers = new Map<string, PeerAnswer>();

before(async () => {
  if (python === undefined) return;
  for (const { name, made, isClassification } of cases) {
    matrices.set(name, matrixOf(made, isClassification === true ? "classification" : "regression"));
  }
  const asked = cases.map(({ name, dense, isClassification, theirs }) => ({
    model: isClassification === true ? ("RandomForestClassifier" as const) : ("RandomForestRegressor" as const),
    params: { random_state: 0, ...theirs },
    dense: dense === true,
    matrix: matrices.get(name) as TrainingMatrix,
  }));
  for (const [at, answer] of (await askPeer(python, asked)).entries()) answers.set(cases[at]?.name ?? "", answer);
});

for (const { name, ours, made } of cases) {
  test(`grows scikit-learn's forest: ${name}`, { skip }, async () => {
    const matrix = matrices.get(name) as TrainingMatrix;
    const theirs = answers.get(name) as PeerAnswer;
    const fit = await fitForest(matrix, { kind: "forest", ...ours }, { threads: 1 });
    assert.equal(fit.trees.roots.length - 1, theirs.trees.length);
    for (const [at, tree] of theirs.trees.entries()) assertSameTree(fit, at, tree);
    for (const [column, value] of theirs.importances.entries()) {
      assert.ok(Math.abs((fit.importances[column] ?? 0) - value) < 1e-9, `the importance of ${matrix.names[column]}`);
    }
    const predictor = compileGraph(forestGraph(matrix, fit));
    const method = matrix.classes === null ? "predict" : "predict_proba";
    const output = predictor.predict({ kind: "records", rows: made.rows }, { methods: [method] }).outputs[method];
    assert.ok(output?.kind === "number");
    const wanted = theirs.predict.flat();
    assert.equal(output.values.length, wanted.length);
    for (const [row, value] of wanted.entries()) {
      assert.ok(Math.abs((output.values[row] ?? 0) - value) <= 1e-12 * Math.max(1, Math.abs(value)), `answer ${row}`);
    }
  });
}

function assertSameTree({ trees }: ForestFit, at: number, tree: PeerTree): void {
  const start = trees.roots[at] ?? 0;
  const end = trees.roots[at + 1] ?? 0;
  assert.equal(end - start, tree.feature.length, `tree ${at} has as many nodes`);
  const width = tree.value[0]?.length ?? 1;
  for (const [node, feature] of tree.feature.entries()) {
    const here = start + node;
    const where = `tree ${at}, node ${node}`;
    assert.equal(trees.cover?.[here], tree.cover[node], where);
    if (feature < 0) {
      assert.equal(trees.feature[here], -1, where);
      const leaf = (trees.left[here] ?? 0) * width;
      assert.deepEqual([...trees.leaves.subarray(leaf, leaf + width)], tree.value[node], where);
      continue;
    }
    assert.equal(trees.feature[here], feature, where);
    assert.equal(trees.threshold[here], tree.threshold[node], where);
    assert.equal((trees.left[here] ?? 0) - start, tree.left[node], where);
    assert.equal((trees.right[here] ?? 0) - start, tree.right[node], where);
  }
}
