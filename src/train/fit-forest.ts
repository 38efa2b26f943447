// A random forest: trees grown by worker threads, each from a seed of its own, so that it is the same for any number of threads.
// Source: L. Breiman, "Random Forests", Machine Learning 45 (2001); sklearn/ensemble/_forest.py.
import { availableParallelism } from "node:os";
import { trimaranError } from "../base/errors.ts";
import type { GrownTree, GrowthRules, GrowthTable } from "../engine/kernels/grow/growth-table.ts";
import { maxTreeSeed, NumpyRandom } from "../engine/kernels/grow/numpy-random.ts";
import { WorkerThread } from "../io/worker-thread.ts";
import { type ForestRules, forestRules } from "./forest-rules.ts";
import { growthTable } from "./growth-table.ts";
import type { ForestTrees } from "./model-graph.ts";
import type { ForestSpec } from "./model-spec.ts";
import { assertTrainable } from "./sparse-rows.ts";
import type { TrainOptions } from "./train-options.ts";
import type { TrainingMatrix } from "./training-matrix.ts";

export interface ForestFit {
  readonly estimator: "RandomForestRegressor" | "RandomForestClassifier";
  readonly params: ForestRules["params"];
  readonly trees: ForestTrees;
  /** One a column. */
  readonly importances: Float64Array;
}

/** Of more, each would hold its own share of memory and wait for a processor. */
const mostThreads = 64;

/** The squares of targets are added up; beyond this they would be infinite. */
const largestTarget = 1e140;

export interface GrowWorkerData {
  readonly table: GrowthTable;
  readonly rules: GrowthRules;
}

/** @throws TRAIN_DATA, TRAIN_OPTION; the signal's own reason when it is aborted */
export async function fitForest(
  matrix: TrainingMatrix,
  spec: ForestSpec,
  options: TrainOptions = {},
): Promise<ForestFit> {
  const { threads = 1 } = options;
  if (!Number.isSafeInteger(threads) || threads < 1) {
    throw trimaranError("TRAIN_OPTION", { name: "threads", wanted: "a whole number from 1 up" });
  }
  options.signal?.throwIfAborted();
  assertTrainable(matrix.rows, matrix.targets);
  if (matrix.targets.some((target) => Math.abs(target) > largestTarget)) {
    throw trimaranError("TRAIN_DATA", { problem: `a target is beyond ${largestTarget}, so that squares are infinite` });
  }
  const rules = forestRules(spec, matrix);
  const trees = await growTrees({ table: growthTable(matrix), rules: rules.growth }, rules, options);
  return {
    estimator: matrix.task === "regression" ? "RandomForestRegressor" : "RandomForestClassifier",
    params: rules.params,
    trees: endToEnd(trees, matrix.classes?.length ?? 1),
    importances: meanImportances(trees, matrix.rows.width),
  };
}

async function growTrees(
  data: GrowWorkerData,
  { trees: total, seed }: ForestRules,
  { threads = availableParallelism(), signal, onProgress }: TrainOptions,
): Promise<readonly GrownTree[]> {
  const random = new NumpyRandom(seed);
  const seeds = Array.from({ length: total }, () => random.upTo(maxTreeSeed));
  const grown = new Array<GrownTree>(total);
  const entry = new URL(`./grow-worker.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url);
  const size = Math.min(threads, total, mostThreads);
  const workers = Array.from({ length: size }, () => new WorkerThread({ entry, data }));
  const close = (): void => {
    for (const worker of workers) void worker.close();
  };
  signal?.addEventListener("abort", close, { once: true });
  let next = 0;
  let done = 0;
  const work = async (worker: WorkerThread): Promise<void> => {
    while (next < total) {
      signal?.throwIfAborted();
      const tree = next++;
      grown[tree] = (await worker.ask(seeds[tree])) as GrownTree;
      onProgress?.({ done: ++done, total });
    }
  };
  try {
    await Promise.all(workers.map(work));
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", close);
    await Promise.all(workers.map((worker) => worker.close()));
  }
  return grown;
}

function endToEnd(trees: readonly GrownTree[], leafWidth: number): ForestTrees {
  const nodes = trees.reduce((sum, { feature }) => sum + feature.length, 0);
  const numbers = trees.reduce((sum, { leaves }) => sum + leaves.length, 0);
  const all = {
    roots: new Int32Array(trees.length + 1),
    feature: new Int32Array(nodes),
    threshold: new Float64Array(nodes),
    left: new Int32Array(nodes),
    right: new Int32Array(nodes),
    cover: new Float64Array(nodes),
    leaves: new Float64Array(numbers),
  };
  let node = 0;
  let leaf = 0;
  for (const [at, tree] of trees.entries()) {
    all.feature.set(tree.feature, node);
    all.threshold.set(tree.threshold, node);
    all.cover.set(tree.cover, node);
    all.leaves.set(tree.leaves, leaf);
    const firstLeaf = leaf / leafWidth;
    for (let each = 0; each < tree.feature.length; each++) {
      const isLeaf = (tree.feature[each] as number) < 0;
      all.left[node + each] = (tree.left[each] as number) + (isLeaf ? firstLeaf : node);
      all.right[node + each] = isLeaf ? -1 : (tree.right[each] as number) + node;
    }
    node += tree.feature.length;
    leaf += tree.leaves.length;
    all.roots[at + 1] = node;
  }
  return all;
}

/** The mean over the trees that split at all, as shares. */
function meanImportances(trees: readonly GrownTree[], width: number): Float64Array {
  const sum = new Float64Array(width);
  for (const { feature, importances } of trees) {
    if (feature.length <= 1) continue;
    for (let column = 0; column < width; column++) {
      sum[column] = (sum[column] as number) + (importances[column] as number);
    }
  }
  const total = sum.reduce((all, each) => all + each, 0);
  return total > 0 ? sum.map((each) => each / total) : sum;
}
