// A model served alone: it takes its own inputs and answers one key a method.

import { basename, extname } from "node:path";
import type { FeatureColumns } from "../data/batch.ts";
import { columnsBatch, rowOfColumns, rowsOfColumns } from "../data/feature-columns.ts";
import { mergeIssues } from "../data/merge-issues.ts";
import { outputText, outputValue } from "../data/prediction-text.ts";
import type { OutputColumn, Predictions } from "../data/predictions.ts";
import { type ToBatch, toBatch } from "../data/to-batch.ts";
import type { ModelOrigin } from "../loaders/load-model.ts";
import type { Signature } from "../mlflow/signature.ts";
import type { Predictor } from "../model/predictor.ts";
import type { Answers } from "./answers.ts";
import type { AnswerOptions, PredictionService } from "./prediction-service.ts";

export interface ModelServiceOptions {
  readonly model: ModelOrigin;
  readonly predictor: Predictor;
  /** @default none */
  readonly signature?: Signature | null;
  /** Rows that were logged with it. @default none */
  readonly inputExample?: readonly unknown[];
}

export function modelService(service: ModelServiceOptions): PredictionService {
  const { model, predictor, signature = null, inputExample = [] } = service;
  const { uri, digest } = model;
  // A model behind a server learns its version from its answers.
  const identity = {
    uri,
    digest,
    get version() {
      return model.version;
    },
  };
  const name = stemOf(uri);
  let shapes: Promise<Readonly<Record<string, OutputColumn>>> | null = null;
  const askShapes = async (): Promise<Readonly<Record<string, OutputColumn>>> => {
    const { batch } = toBatch([], predictor.input);
    return (await predictor.predict(batch, { methods: predictor.methods })).outputs;
  };
  const answerBatch = (
    { batch, issues }: ToBatch,
    rowAt: (row: number) => unknown,
    options: AnswerOptions,
  ): Answers | Promise<Answers> => {
    const methods = options.methods ?? predictor.methods.slice(0, 1);
    const form = (predictions: Predictions): Answers => {
      const columns = methods.flatMap((method) => {
        const column = predictions.outputs[method];
        return column === undefined ? [] : [{ method, key: `${JSON.stringify(method)}:`, column }];
      });
      const rowValue = (row: number): Readonly<Record<string, unknown>> =>
        Object.fromEntries(columns.map(({ method, column }) => [method, outputValue(column, row)]));
      return {
        rowCount: predictions.rowCount,
        issues: mergeIssues(issues, predictions.issues),
        warnings: predictions.warnings,
        modelVersion: model.version,
        columns: predictions.outputs,
        text: (row) => `{${columns.map(({ key, column }) => key + outputText(column, row)).join(",")}}`,
        value: rowValue,
        record: (row) => ({ input: rowAt(row), features: rowAt(row), output: rowValue(row) }),
      };
    };
    if (predictor.kind === "sync") return form(predictor.predict(batch, { methods }));
    return predictor.predict(batch, { methods }).then(form);
  };
  const answerNow = (rows: readonly unknown[], options: AnswerOptions = {}): Answers | Promise<Answers> =>
    answerBatch(toBatch(rows, predictor.input), (row) => rows[row], options);
  const answerColumns = (columns: FeatureColumns, options: AnswerOptions = {}): Answers | Promise<Answers> => {
    const batch = columnsBatch(columns, predictor.input);
    if (batch === null) return answerNow(rowsOfColumns(columns), options);
    return answerBatch({ batch, issues: [] }, (row) => rowOfColumns(columns, row), options);
  };
  return {
    name,
    deployment: null,
    definitionDigest: null,
    model: identity,
    models: [{ name, uri, digest, version: model.version }],
    input: predictor.input,
    signature,
    inputExample,
    methods: predictor.methods,
    outputs: () => {
      shapes ??= askShapes();
      return shapes;
    },
    answer: async (rows, options) => answerNow(rows, options),
    answerNow,
    answerColumns,
    check: async () => ({ issues: [], notes: [] }),
    async close() {
      predictor.close();
    },
  };
}

function stemOf(uri: string): string {
  // Behind a server a model has a name, and no extension.
  const remote = /^oip\+[^:]+:\/\/[^/]+\/(?:[^?]*?v2\/models\/)?([^/?]+)/i.exec(uri)?.[1];
  const name = basename(uri.replace(/[?#].*$/, "").replace(/\/+$/, ""));
  const stem = remote ?? (name.slice(0, name.length - extname(name).length) || name);
  return stem.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "") || "model";
}
