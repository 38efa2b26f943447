// What a forest is asked for, with every default filled, shares turned into counts and everything checked; as
// sklearn/tree/_classes.py and sklearn/ensemble/_forest.py do.
import { type TrimaranError, trimaranError } from "../base/errors.ts";
import type { GrowthRules } from "../engine/kernels/grow/growth-table.ts";
import type { ForestSpec } from "./model-spec.ts";
import type { TrainingMatrix } from "./training-matrix.ts";

export interface ForestRules {
  readonly trees: number;
  readonly seed: number;
  readonly growth: GrowthRules;
  /** Under scikit-learn's names. */
  readonly params: Readonly<Record<string, number | string | boolean | null>>;
}

const mostTrees = 100_000;

/** @throws TRAIN_DATA */
export function forestRules(spec: ForestSpec, matrix: Pick<TrainingMatrix, "task" | "rows">): ForestRules {
  const rowCount = matrix.rows.starts.length - 1;
  const { width } = matrix.rows;
  const isRegression = matrix.task === "regression";
  const { trees = 100, maxDepth, minSamplesSplit = 2, minSamplesLeaf = 1, maxLeafNodes } = spec;
  const { minImpurityDecrease = 0, bootstrap = true, maxSamples, seed = 0 } = spec;
  const criterion = spec.criterion ?? (isRegression ? "mse" : "gini");
  const maxFeatures = spec.maxFeatures ?? (isRegression ? "all" : "sqrt");
  assertCount("trees", trees, { least: 1, most: mostTrees });
  assertCount("seed", seed, { least: 0, most: 2 ** 32 - 1 });
  if (maxDepth !== undefined) assertCount("maxDepth", maxDepth, { least: 1, most: 2 ** 31 });
  if (maxLeafNodes !== undefined) assertCount("maxLeafNodes", maxLeafNodes, { least: 2, most: 2 ** 31 });
  assertShareOrCount("minSamplesSplit", minSamplesSplit, 2);
  assertShareOrCount("minSamplesLeaf", minSamplesLeaf, 1);
  if (!(minImpurityDecrease >= 0 && minImpurityDecrease < Infinity)) throw unfit("minImpurityDecrease", "0 or more");
  if (!(["mse", "gini", "entropy"] as const).includes(criterion) || isRegression !== (criterion === "mse")) {
    throw unfit("criterion", isRegression ? "mse for a regression" : "gini or entropy for a classification");
  }
  if (typeof bootstrap !== "boolean") throw unfit("bootstrap", "true or false");
  if (maxSamples !== undefined) {
    if (!bootstrap) throw unfit("maxSamples", "left out without bootstrap");
    assertShareOrCount("maxSamples", maxSamples, 1);
  }
  const leaf = minSamplesLeaf < 1 ? Math.ceil(minSamplesLeaf * rowCount) : minSamplesLeaf;
  const split = minSamplesSplit < 1 ? Math.max(2, Math.ceil(minSamplesSplit * rowCount)) : minSamplesSplit;
  return {
    trees,
    seed,
    growth: {
      criterion,
      maxDepth: maxDepth ?? Number.POSITIVE_INFINITY,
      minSamplesSplit: Math.max(split, 2 * leaf),
      minSamplesLeaf: leaf,
      maxFeatures: featureCount(maxFeatures, width),
      maxLeafNodes: maxLeafNodes ?? Number.POSITIVE_INFINITY,
      minImpurityDecrease,
      bootstrap,
      maxSamples: sampleCount(maxSamples, rowCount),
    },
    params: {
      n_estimators: trees,
      criterion: criterion === "mse" ? "squared_error" : criterion,
      max_depth: maxDepth ?? null,
      min_samples_split: minSamplesSplit,
      min_samples_leaf: minSamplesLeaf,
      max_features: maxFeatures === "all" ? 1 : maxFeatures,
      max_leaf_nodes: maxLeafNodes ?? null,
      min_impurity_decrease: minImpurityDecrease,
      bootstrap,
      max_samples: maxSamples ?? null,
      random_state: seed,
    },
  };
}

function featureCount(asked: NonNullable<ForestSpec["maxFeatures"]>, width: number): number {
  if (asked === "all") return width;
  if (asked === "sqrt") return Math.max(1, Math.floor(Math.sqrt(width)));
  if (asked === "log2") return Math.max(1, Math.floor(Math.log2(width)));
  assertShareOrCount("maxFeatures", asked, 1);
  if (asked > width) throw unfit("maxFeatures", `at most ${width}, the number of columns`);
  return asked < 1 ? Math.max(1, Math.floor(asked * width)) : asked;
}

function sampleCount(asked: number | undefined, rowCount: number): number {
  if (asked === undefined) return rowCount;
  if (asked > rowCount) throw unfit("maxSamples", `at most ${rowCount}, the number of rows`);
  return asked < 1 ? Math.max(1, halfEven(asked * rowCount)) : asked;
}

/** Python's `round`. */
function halfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

function assertCount(name: keyof ForestSpec, value: number, { least, most }: { least: number; most: number }): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw unfit(name, `a whole number from ${least} to ${most}`);
}

function assertShareOrCount(name: keyof ForestSpec, value: number, least: number): void {
  if (value > 0 && value < 1) return;
  if (Number.isSafeInteger(value) && value >= least) return;
  throw unfit(name, `a whole number from ${least} up, or a share between 0 and 1`);
}

function unfit(name: keyof ForestSpec, wanted: string): TrimaranError {
  return trimaranError("TRAIN_OPTION", { name, wanted });
}
