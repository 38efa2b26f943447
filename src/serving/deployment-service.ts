// A definition with its model: rows are validated, `features` runs, the model answers, `output` is formed.
import type { Issue } from "../base/errors.ts";
import { isTrimaranError } from "../base/errors.ts";
import type { FeatureRow, RowIssue, Warning } from "../data/batch.ts";
import { compileRow } from "../data/compile-row.ts";
import { jsonValueText } from "../data/json-value-text.ts";
import { mergeIssues } from "../data/merge-issues.ts";
import { outputValue } from "../data/prediction-text.ts";
import type { Predictions } from "../data/predictions.ts";
import type { Row, RowReader, UnknownFields } from "../data/schema-row.ts";
import { toBatch } from "../data/to-batch.ts";
import { checkDefinition } from "../deployment/check-definition.ts";
import type { OpenedDefinition, OutputRow, RawRow, ResolvedDeployment } from "../deployment/resolved-deployment.ts";
import type { ModelOrigin } from "../loaders/load-model.ts";
import type { Predictor } from "../model/predictor.ts";
import type { Answers } from "./answers.ts";
import { modelAsk } from "./model-ask.ts";
import type { AnswerOptions, PredictionService } from "./prediction-service.ts";

export interface DeploymentServiceOptions {
  readonly opened: OpenedDefinition;
  readonly model: ModelOrigin;
  readonly predictor: Predictor;
  /** The definition itself names this very model, so that its examples' outputs were recorded for it. */
  readonly fixed: boolean;
}

export function deploymentService({ opened, model, predictor, fixed }: DeploymentServiceOptions): PredictionService {
  const { definition } = opened;
  const methods: readonly string[] = definition.methods ?? predictor.methods.slice(0, 1);
  const readers = new Map<UnknownFields, RowReader>();
  const readerOf = (asked: UnknownFields): RowReader => {
    const unknownFields = definition.unknownFields ?? asked;
    const reader = readers.get(unknownFields) ?? compileRow(definition.input, { unknownFields });
    readers.set(unknownFields, reader);
    return reader;
  };
  return {
    name: definition.name,
    deployment: definition,
    definitionDigest: opened.digest,
    model: { uri: model.uri, digest: model.digest, version: model.version },
    input: predictor.input,
    methods: predictor.methods,
    async answer(rows: readonly unknown[], options: AnswerOptions = {}): Promise<Answers> {
      const read = readRows(rows, { reader: readerOf(options.unknownFields ?? "ignore"), definition });
      const { batch, issues } = toBatch(read.features, predictor.input);
      const predicted = predictor.predict(batch, { methods });
      const predictions = predictor.kind === "sync" ? (predicted as Predictions) : await predicted;
      const modelIssues = mergeIssues(issues, predictions.issues);
      const outputs = formOutputs(predictions, { read, methods, definition, refused: modelIssues });
      const rowIssues = mergeIssues(read.issues, [...original(modelIssues, read.index), ...outputs.issues]);
      return {
        rowCount: rows.length,
        issues: rowIssues,
        warnings: mergeWarnings([...read.warnings.values()], predictions.warnings),
        modelVersion: model.version,
        text: (row) => jsonValueText(outputs.rows[row] ?? {}),
        value: (row) => outputs.rows[row] ?? {},
        record: (row) => {
          // Where every row was sound the positions are the same.
          const at = read.index[row] === row ? row : read.index.indexOf(row);
          return { input: read.rows[at], features: read.features[at], output: outputs.rows[row] ?? {} };
        },
      };
    },
    check: () => checkDefinition(definition, modelAsk({ predictor, methods, version: model.version, fixed })),
    async close() {
      predictor.close();
    },
  };
}

interface ReadRows {
  /** The rows that are sound, and the feature rows made of them. */
  readonly rows: readonly Row[];
  readonly features: readonly FeatureRow[];
  /** Position in `rows` → position in what was asked. */
  readonly index: readonly number[];
  readonly issues: RowIssue[];
  readonly warnings: Map<string, Warning>;
}

function readRows(
  asked: readonly unknown[],
  { reader, definition }: { reader: RowReader; definition: ResolvedDeployment },
): ReadRows {
  const rows: Row[] = [];
  const features: FeatureRow[] = [];
  const index: number[] = [];
  const issues: RowIssue[] = [];
  const found: Issue[] = [];
  const warnings = new Map<string, Warning>();
  const notes = { issues: found, warnings };
  for (let at = 0; at < asked.length; at++) {
    const row = reader(asked[at], notes, "");
    if (row === undefined) {
      for (const issue of found) issues.push({ row: at, ...issue });
      found.length = 0;
      continue;
    }
    try {
      features.push(definition.features(row));
      rows.push(row);
      index.push(at);
    } catch (cause) {
      issues.push({ row: at, ...definitionIssue(cause, "features_failed") });
    }
  }
  return { rows, features, index, issues, warnings };
}

interface OutputContext {
  readonly read: ReadRows;
  readonly methods: readonly string[];
  readonly definition: ResolvedDeployment;
  readonly refused: readonly RowIssue[];
}

/** The output object of every row that the model answered, at its asked position. */
function formOutputs(
  predictions: Predictions,
  { read, methods, definition, refused }: OutputContext,
): { rows: (OutputRow | undefined)[]; issues: RowIssue[] } {
  const outputs: (OutputRow | undefined)[] = [];
  const issues: RowIssue[] = [];
  const without = refused.length === 0 ? null : new Set(refused.map((issue) => issue.row));
  for (let at = 0; at < read.rows.length; at++) {
    if (without?.has(at)) continue;
    const asked = read.index[at] as number;
    const raw: Record<string, unknown> = {};
    for (const method of methods) {
      const column = predictions.outputs[method];
      if (column !== undefined) raw[method] = outputValue(column, at);
    }
    try {
      outputs[asked] = definition.toOutput(raw satisfies RawRow, read.rows[at] as Row);
    } catch (cause) {
      issues.push({ row: asked, ...definitionIssue(cause, "output_failed") });
    }
  }
  return { rows: outputs, issues };
}

/** A definition's own mistake is an issue of the row that met it; anything else is ours and goes on. */
function definitionIssue(cause: unknown, code: string): Issue {
  if (!isTrimaranError(cause)) throw cause;
  return { path: "", code, message: cause.message };
}

function original(issues: readonly RowIssue[], index: readonly number[]): readonly RowIssue[] {
  return issues.map((issue) => ({ ...issue, row: index[issue.row] as number }));
}

function mergeWarnings(first: readonly Warning[], second: readonly Warning[]): readonly Warning[] {
  return first.length === 0 ? second : [...first, ...second];
}
