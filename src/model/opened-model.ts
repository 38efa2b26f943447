// A model as a program holds it: rows in, values out, over any predictor. The entries of the package open it from a path or
// from bytes.

import type { RowIssue } from "../data/batch.ts";
import { mergeIssues } from "../data/merge-issues.ts";
import type { ModelInput } from "../data/model-input.ts";
import { type OutputValue, outputValue } from "../data/prediction-text.ts";
import { rowError } from "../data/row-error.ts";
import { toBatch } from "../data/to-batch.ts";
import type { Predictor } from "./predictor.ts";

export interface PredictRowsOptions {
  /** What a row with issues becomes: the whole call fails with all of them, or its answer is null. @default "throw" */
  readonly onRefused?: "throw" | "null";
}

export interface PredictMethodsOptions extends PredictRowsOptions {
  /** Which methods answer; a row's answer is then an object with a key a method, as `trimaran predict` prints it. */
  readonly methods: readonly string[];
}

/** Everything in it was written by the file's author: show it, never trust it. */
export interface ModelDescription {
  readonly name: string;
  /** `pickle`, `joblib+gzip`, `mlflow/skops`, `onnx`, …; null where the format is not known. */
  readonly format: string | null;
  /** Library → the versions that wrote parts of the file. */
  readonly versions: Readonly<Record<string, readonly string[]>>;
  readonly classes: readonly string[];
  /** One line an operation; none where another runtime computes. */
  readonly operations: readonly string[];
  readonly notes: readonly string[];
}

/** The answers of one row by method. */
export type MethodAnswers = Readonly<Record<string, OutputValue>>;

export interface OpenedModel extends AsyncDisposable {
  /** What a row may hold: dictionaries, numbers or mixed columns, with their names where the model knows them. */
  readonly inputs: ModelInput;
  /** The methods that it answers, the default first. */
  readonly methods: readonly string[];
  /**
   * Answers rows in order: one value a row, of the default method. A row is an object by name or an array by position.
   * @throws ROW_INVALID with every issue (`/3/trip_distance`) when the model's library would refuse a row
   */
  predict(rows: readonly unknown[]): Promise<readonly OutputValue[]>;
  predict(
    rows: readonly unknown[],
    options: PredictRowsOptions & { readonly methods?: undefined },
  ): Promise<readonly OutputValue[]>;
  /** @throws MODEL_METHOD, ROW_INVALID */
  predict(rows: readonly unknown[], options: PredictMethodsOptions): Promise<readonly (MethodAnswers | null)[]>;
  describe(): ModelDescription;
  close(): Promise<void>;
}

export interface OpenedModelParts {
  readonly predictor: Predictor;
  readonly description: ModelDescription;
}

export function openedModel({ predictor, description }: OpenedModelParts): OpenedModel {
  const close = async (): Promise<void> => predictor.close();
  function predict(rows: readonly unknown[], options?: PredictRowsOptions): Promise<readonly OutputValue[]>;
  function predict(
    rows: readonly unknown[],
    options: PredictMethodsOptions,
  ): Promise<readonly (MethodAnswers | null)[]>;
  async function predict(
    rows: readonly unknown[],
    options: PredictRowsOptions & { readonly methods?: readonly string[] } = {},
  ): Promise<readonly (OutputValue | MethodAnswers)[]> {
    const methods = options.methods ?? predictor.methods.slice(0, 1);
    const { batch, issues: malformed } = toBatch(rows, predictor.input);
    const predictions = await predictor.predict(batch, { methods });
    const issues = mergeIssues(malformed, predictions.issues);
    if (issues.length > 0 && options.onRefused !== "null") throw rowError(issues);
    const refused = new Set(issues.map((issue: RowIssue) => issue.row));
    const columns = methods.flatMap((method) => {
      const column = predictions.outputs[method];
      return column === undefined ? [] : [{ method, column }];
    });
    const [only] = columns;
    return rows.map((_, row) => {
      if (refused.has(row)) return null;
      if (options.methods === undefined) return only === undefined ? null : outputValue(only.column, row);
      return Object.fromEntries(columns.map(({ method, column }) => [method, outputValue(column, row)]));
    });
  }
  return {
    inputs: predictor.input,
    methods: predictor.methods,
    predict,
    describe: () => description,
    close,
    [Symbol.asyncDispose]: close,
  };
}
