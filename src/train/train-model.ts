// One call from rows to a model: fits what is asked for and answers the graph that predicts, exports and serves.
import { trimaranError } from "../base/errors.ts";
import type { ModelGraph } from "../model/graph.ts";
import { fitForest } from "./fit-forest.ts";
import { fitLinear } from "./fit-linear.ts";
import { forestGraph, linearGraph } from "./model-graph.ts";
import type { ModelSpec } from "./model-spec.ts";
import type { TrainOptions } from "./train-options.ts";
import type { TrainingMatrix } from "./training-matrix.ts";

export interface ColumnImportance {
  /** The column's name in `TrainingMatrix.names`. */
  readonly name: string;
  readonly value: number;
}

export interface TrainedModel {
  readonly graph: ModelGraph;
  /** scikit-learn's name of the model: `LinearRegression`, `Ridge`, `RandomForestRegressor`, `RandomForestClassifier`. */
  readonly estimator: string;
  /** What was fitted with, every default filled, under scikit-learn's names: `n_estimators`, `max_depth`, … */
  readonly params: Readonly<Record<string, number | string | boolean | null>>;
  /** One a column, in the matrix's order; they sum to 1 (or are all 0). null: a linear model, see `coefficients`. */
  readonly importances: readonly ColumnImportance[] | null;
  /** One a column. null: a forest. */
  readonly coefficients: readonly ColumnImportance[] | null;
  /** Nodes over all trees; 0 for a linear model. */
  readonly nodes: number;
}

/** @throws TRAIN_DATA, TRAIN_OPTION; the signal's own reason when it is aborted */
export async function trainModel(
  matrix: TrainingMatrix,
  spec: ModelSpec,
  options: TrainOptions = {},
): Promise<TrainedModel> {
  options.signal?.throwIfAborted();
  if (spec.kind === "forest") {
    const fit = await fitForest(matrix, spec, options);
    return {
      graph: forestGraph(matrix, fit),
      estimator: fit.estimator,
      params: fit.params,
      importances: named(matrix.names, fit.importances),
      coefficients: null,
      nodes: fit.trees.feature.length,
    };
  }
  if (matrix.task !== "regression") {
    throw trimaranError("TRAIN_DATA", { problem: "a linear model answers numbers, and the targets are classes" });
  }
  const { alpha = 0, tolerance } = spec;
  const weights = matrix.weights ?? undefined;
  const fit = fitLinear(matrix.rows, matrix.targets, { alpha, tolerance, weights });
  return {
    graph: linearGraph(matrix, fit, alpha),
    estimator: alpha === 0 ? "LinearRegression" : "Ridge",
    params: alpha === 0 ? { fit_intercept: true } : { alpha, fit_intercept: true },
    importances: null,
    coefficients: named(matrix.names, fit.coefficients),
    nodes: 0,
  };
}

function named(names: readonly string[], values: Float64Array): readonly ColumnImportance[] {
  return names.map((name, column) => ({ name, value: values[column] ?? 0 }));
}
