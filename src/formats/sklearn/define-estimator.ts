// `defineEstimator`: what a user writes for a class of their own, so that a model that holds it can be read. The class's Python
// code is never looked at; its attributes are, and this says what it computes with them.
import { didYouMean } from "../../base/did-you-mean.ts";
import { type TrimaranError, trimaranError } from "../../base/errors.ts";
import type { Batch } from "../../data/batch.ts";
import type { InputType } from "../../data/model-input.ts";
import type { CustomRows } from "../../model/ops/custom.ts";
import type { MethodName } from "../../model/predictor.ts";
import type { NumberType } from "../../model/value.ts";
import type { AttributeView, EstimatorMethods, EstimatorView, GraphValue } from "./estimator-view.ts";

/** A column that the object takes when it stands first in the model; a bare string is a column of numbers. */
export interface EstimatorColumn {
  readonly name: string;
  /** @default "number" */
  readonly type?: InputType;
  /** A missing value is an answer. @default false */
  readonly nullable?: boolean;
}

/** Numbers that `compute` makes of a value. */
export interface ComputedValue {
  /** What goes into `compute`. @default the object's own input */
  readonly from?: GraphValue;
  /** Numbers a row; a row's answer is then an array. @default one number, and the answer is that number */
  readonly width?: number;
  /** @default "f64" */
  readonly number?: NumberType;
  /** Names of the columns, `width` of them. */
  readonly names?: readonly string[];
  /** Class labels: what `compute` gives is the position of a row's label in this list. */
  readonly labels?: readonly (string | number | boolean)[];
  /**
   * All numbers of a batch, row-major: `rows × width`. A row's numbers must not depend on the other rows. A matrix comes where
   * the input is numbers (`NaN` is missing), a table where it has other columns too, records after nothing.
   */
  readonly compute: (batch: Batch, rows: CustomRows) => ArrayLike<number>;
}

export interface EstimatorOptions {
  /** Exact names as the file has them: `acme.features.DateParts`. */
  readonly classes: readonly string[];
  /** Attributes without which the object is not fitted. @default [] */
  readonly fitted?: readonly string[];
  /** The columns that it takes when it stands first. @default `feature_names_in_`, else `n_features_in_` numbers */
  readonly input?: (self: AttributeView) => readonly (string | EstimatorColumn)[];
  /** What each method answers: numbers to compute, or a value of an estimator inside. Called once, when the model is opened. */
  readonly toOp: (
    self: EstimatorView,
    input: GraphValue,
  ) => Readonly<Partial<Record<MethodName, ComputedValue | GraphValue>>>;
}

/** What `defineEstimator` gives, for the `estimators` of a definition. */
export interface CustomEstimator {
  readonly [estimatorMark]: true;
  readonly options: EstimatorOptions;
}

export type { AttributeView, EstimatorMethods, EstimatorView, GraphValue };

/** Marks them across copies of this package. */
export const estimatorMark: unique symbol = Symbol.for("trimaran.estimator");

/**
 * Says what objects of a class of your own compute. Only this exact class is then allowed in the model's file, as inert data.
 *
 * @example
 * defineEstimator({
 *   classes: ["acme.features.Ratio"],
 *   toOp: (self) => {
 *     const floor = self.number("floor_");
 *     return {
 *       transform: {
 *         width: 1,
 *         compute: (batch) => {
 *           if (batch.kind !== "matrix") throw new TypeError("Ratio takes numbers");
 *           return Array.from({ length: batch.rowCount }, (_, row) =>
 *             batch.values[row * batch.width]! / Math.max(floor, batch.values[row * batch.width + 1]!));
 *         },
 *       },
 *     };
 *   },
 * });
 *
 * @throws ESTIMATOR_INVALID
 */
export function defineEstimator(options: EstimatorOptions): CustomEstimator {
  const { classes, fitted, input, toOp } = options;
  const unknown = Object.keys(options).find((key) => !optionNames.includes(key));
  if (unknown !== undefined) throw invalid(`there is no option ${unknown}${didYouMean(unknown, optionNames)}`);
  if (!Array.isArray(classes) || classes.length === 0) throw invalid("`classes` must name at least one class");
  for (const name of classes) {
    if (typeof name === "string" && /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$/.test(name)) continue;
    throw invalid("each of `classes` must be a module and a class, such as acme.features.DateParts");
  }
  if (typeof toOp !== "function") throw invalid("`toOp` must be a function");
  if (input !== undefined && typeof input !== "function") throw invalid("`input` must be a function");
  if (fitted !== undefined && !(Array.isArray(fitted) && fitted.every((name) => typeof name === "string")))
    throw invalid("`fitted` must be a list of attribute names");
  return Object.freeze({ [estimatorMark]: true as const, options: Object.freeze({ ...options }) });
}

export function isCustomEstimator(value: unknown): value is CustomEstimator {
  return typeof value === "object" && value !== null && (value as Partial<CustomEstimator>)[estimatorMark] === true;
}

const optionNames: readonly string[] = ["classes", "fitted", "input", "toOp"];

function invalid(problem: string): TrimaranError {
  return trimaranError("ESTIMATOR_INVALID", { problem });
}
