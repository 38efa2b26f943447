// The port through which everything asks a model for answers. Local graphs are `sync`; ONNX Runtime and remote models `async`.
import type { Batch } from "../data/batch.ts";
import type { ModelInput } from "../data/model-input.ts";
import type { Predictions } from "../data/predictions.ts";

/** Methods that may be asked for. `contributions` and `leaf` are reserved: no model answers them yet. */
export type MethodName =
  | "predict"
  | "predict_proba"
  | "predict_log_proba"
  | "decision_function"
  | "transform"
  | "score_samples"
  | "contributions"
  | "leaf";

/** Those that models answer. */
export const methodNames: readonly MethodName[] = [
  "predict",
  "predict_proba",
  "predict_log_proba",
  "decision_function",
  "transform",
  "score_samples",
];

export interface PredictOptions {
  /** @default ["predict"] when the model has it, else its first method */
  readonly methods?: readonly string[];
}

interface PredictorFace {
  readonly input: ModelInput;
  /** The methods it answers, `predict` first where it has one. */
  readonly methods: readonly string[];
  close(): void;
}

export interface SyncPredictor extends PredictorFace {
  readonly kind: "sync";
  /** @throws MODEL_METHOD when the model lacks a method */
  predict(batch: Batch, options?: PredictOptions): Predictions;
  /**
   * One row of numbers (a missing one is NaN) → the default method's number, the same bits as through `predict`. There for
   * models that take a matrix and answer one number a row. Short chains around a forest or a linear model allocate nothing.
   * @throws MODEL_ROW_REFUSED with the issues that `predict` has for the row
   */
  readonly predictRow?: (row: Float64Array) => number;
}

export interface AsyncPredictor extends PredictorFace {
  readonly kind: "async";
  /** Awaited once a batch. @throws MODEL_METHOD when the model lacks a method */
  predict(batch: Batch, options?: PredictOptions): Promise<Predictions>;
}

export type Predictor = SyncPredictor | AsyncPredictor;
