// A definition with its models: rows are validated, looked up, made features; the models answer, and `output` is formed.
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
import { featuresOf, type ModelFeatures } from "../deployment/model-features.ts";
import type { OpenedDefinition, OutputRow, RawRow, ResolvedDeployment } from "../deployment/resolved-deployment.ts";
import type { AnsweredRow, Answers } from "./answers.ts";
import { LookupRunner } from "./lookup.ts";
import { modelAsk } from "./model-ask.ts";
import { modelService } from "./model-service.ts";
import type { NamedModel } from "./named-model.ts";
import type { AnswerOptions, ModelIdentity, PredictionService } from "./prediction-service.ts";

export interface DeploymentServiceOptions {
  readonly opened: OpenedDefinition;
  readonly models: readonly [NamedModel, ...NamedModel[]];
  /** What the models are called together. */
  readonly identity: ModelIdentity;
  /** The definition itself names these very models, so that its examples' outputs were recorded for them. */
  readonly fixed: boolean;
}

export function deploymentService(options: DeploymentServiceOptions): PredictionService {
  const { opened, models, identity, fixed } = options;
  const { definition } = opened;
  const [{ predictor }] = models;
  const methods: readonly string[] = definition.methods ?? predictor.methods.slice(0, 1);
  const lookup = definition.lookup === null ? null : new LookupRunner(definition.name, definition.lookup);
  const readers = new Map<UnknownFields, RowReader>();
  const readerOf = (asked: UnknownFields): RowReader => {
    const unknownFields = definition.unknownFields ?? asked;
    const reader = readers.get(unknownFields) ?? compileRow(definition.input, { unknownFields });
    readers.set(unknownFields, reader);
    return reader;
  };
  const answerNow = (rows: readonly unknown[], asked: AnswerOptions = {}): Answers | Promise<Answers> => {
    const read = readRows(rows, readerOf(asked.unknownFields ?? "ignore"));
    const form = (made: MadeRows, raws: readonly PredictedBy[], found: readonly Warning[]): Answers => {
      const modelIssues = raws.reduce<readonly RowIssue[]>((all, { issues }) => mergeIssues(all, issues), []);
      const outputs = formOutputs(raws, { made, methods, definition, refused: modelIssues });
      const warnings = [read.warnings, found, ...raws.map((raw) => raw.predictions.warnings)];
      const record: RecordContext = { made, raws, methods, outputs: outputs.rows, definition };
      return new DeploymentAnswers(record, {
        rowCount: rows.length,
        issues: mergeIssues(made.issues, [...original(modelIssues, made.index), ...outputs.issues]),
        warnings: mergeWarnings(warnings),
        modelVersion: identity.version,
      });
    };
    if (lookup === null && models.length === 1) {
      const made = makeFeatures(read, { definition, extras: null });
      const raw = predictBy(models[0], made.features, methods);
      return raw instanceof Promise ? raw.then((by) => form(made, [by], [])) : form(made, [raw], []);
    }
    const answerLater = async (): Promise<Answers> => {
      const { time = new Date(), signal } = asked;
      const found = lookup === null ? null : await lookup.run(read.rows, { time, signal });
      const made = makeFeatures(read, { definition, extras: found?.extras ?? null });
      const raws: PredictedBy[] = [];
      for (const model of models) raws.push(await predictBy(model, made.features, methods));
      return form(made, raws, found?.warnings ?? []);
    };
    return answerLater();
  };
  return {
    name: definition.name,
    deployment: definition,
    definitionDigest: opened.digest,
    model: identity,
    models: models.map(({ name, origin: { uri, digest, version } }) => ({
      name: name ?? definition.name,
      uri,
      digest,
      version,
    })),
    input: predictor.input,
    methods: predictor.methods,
    bare: models.map((model) => bareService(model, definition.name)),
    answer: async (rows, asked) => answerNow(rows, asked),
    answerNow,
    check: () => {
      const asks = models.map(({ name, predictor }) => modelAsk({ name, predictor, methods }));
      const recorded = { version: identity.version, fixed };
      return checkDefinition(definition, {
        asks,
        recorded,
        lookup: (row) => lookup?.run([row], { time: new Date(), signal: undefined }).then(({ extras }) => extras[0]),
      });
    },
    async close() {
      for (const { predictor } of models) predictor.close();
    },
  };
}

/** `ride.model`, and of several models `ride.model.p50`. */
function bareService({ name, origin, predictor, signature }: NamedModel, deployment: string): PredictionService {
  const own = `${deployment}.model${name === null ? "" : `.${name}`}`;
  const service = modelService({ model: origin, predictor, signature });
  return {
    ...service,
    name: own,
    models: service.models.map((model) => ({ ...model, name: own })),
    close: async () => {},
  };
}

interface ReadRows {
  /** The rows that are sound. */
  readonly rows: readonly Row[];
  /** Position in `rows` → position in what was asked. */
  readonly index: readonly number[];
  readonly issues: readonly RowIssue[];
  readonly warnings: readonly Warning[];
}

function readRows(asked: readonly unknown[], reader: RowReader): ReadRows {
  const rows: Row[] = [];
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
    rows.push(row);
    index.push(at);
  }
  return { rows, index, issues, warnings: warnings.size === 0 ? [] : [...warnings.values()] };
}

interface MadeRows {
  /** The rows whose features were made, those features, and where they stood in what was asked. */
  readonly rows: readonly Row[];
  readonly features: readonly ModelFeatures[];
  readonly index: readonly number[];
  /** What was looked up, one a row; null without a lookup. */
  readonly extras: readonly unknown[] | null;
  readonly issues: readonly RowIssue[];
}

interface FeatureContext {
  readonly definition: ResolvedDeployment;
  readonly extras: readonly unknown[] | null;
}

function makeFeatures(read: ReadRows, { definition, extras }: FeatureContext): MadeRows {
  const features: ModelFeatures[] = [];
  const rows: Row[] = [];
  const index: number[] = [];
  const kept: unknown[] = [];
  const issues: RowIssue[] = [];
  for (let at = 0; at < read.rows.length; at++) {
    const row = read.rows[at]!;
    const asked = read.index[at]!;
    try {
      features.push(definition.features(row, extras?.[at]));
      rows.push(row);
      index.push(asked);
      if (extras !== null) kept.push(extras[at]);
    } catch (cause) {
      issues.push({ row: asked, ...definitionIssue(cause, "features_failed") });
    }
  }
  return { rows, features, index, extras: extras === null ? null : kept, issues: mergeIssues(read.issues, issues) };
}

/** What one model answered. */
interface PredictedBy {
  readonly name: string | null;
  readonly predictions: Predictions;
  readonly issues: readonly RowIssue[];
}

function predictBy(
  { name, predictor }: NamedModel,
  features: readonly ModelFeatures[],
  methods: readonly string[],
): PredictedBy | Promise<PredictedBy> {
  const rows = name === null ? (features as readonly FeatureRow[]) : features.map((row) => featuresOf(row, name));
  const { batch, issues } = toBatch(rows, predictor.input);
  const by = (predictions: Predictions): PredictedBy => ({
    name,
    predictions,
    issues: mergeIssues(issues, predictions.issues),
  });
  if (predictor.kind === "sync") return by(predictor.predict(batch, { methods }));
  return predictor.predict(batch, { methods }).then(by);
}

interface OutputContext {
  readonly made: MadeRows;
  readonly methods: readonly string[];
  readonly definition: ResolvedDeployment;
  readonly refused: readonly RowIssue[];
}

/** The output object of every row that the models answered, at its asked position. */
function formOutputs(
  raws: readonly PredictedBy[],
  { made, methods, definition, refused }: OutputContext,
): { rows: (OutputRow | undefined)[]; issues: RowIssue[] } {
  const outputs: (OutputRow | undefined)[] = [];
  const issues: RowIssue[] = [];
  const without = refused.length === 0 ? null : new Set(refused.map((issue) => issue.row));
  for (let at = 0; at < made.rows.length; at++) {
    if (without?.has(at)) continue;
    const asked = made.index[at]!;
    try {
      outputs[asked] = definition.toOutput(rawOf(raws, methods, at), made.rows[at]!);
    } catch (cause) {
      issues.push({ row: asked, ...definitionIssue(cause, "output_failed") });
    }
  }
  return { rows: outputs, issues };
}

/** By method, and with several models by their names before. */
function rawOf(raws: readonly PredictedBy[], methods: readonly string[], at: number): RawRow {
  const all: Record<string, unknown> = {};
  for (const { name, predictions } of raws) {
    const raw: Record<string, unknown> = {};
    for (const method of methods) {
      const column = predictions.outputs[method];
      if (column !== undefined) raw[method] = outputValue(column, at);
    }
    if (name === null) return raw;
    all[name] = raw;
  }
  return all;
}

interface RecordContext {
  readonly made: MadeRows;
  readonly raws: readonly PredictedBy[];
  readonly methods: readonly string[];
  readonly outputs: readonly (OutputRow | undefined)[];
  readonly definition: ResolvedDeployment;
}

class DeploymentAnswers implements Answers {
  readonly rowCount: number;
  readonly issues: readonly RowIssue[];
  readonly warnings: readonly Warning[];
  readonly modelVersion: string | null;
  readonly #context: RecordContext;

  constructor(context: RecordContext, facts: Pick<Answers, "rowCount" | "issues" | "warnings" | "modelVersion">) {
    this.rowCount = facts.rowCount;
    this.issues = facts.issues;
    this.warnings = facts.warnings;
    this.modelVersion = facts.modelVersion;
    this.#context = context;
  }

  text(row: number): string {
    return jsonValueText(this.value(row));
  }

  value(row: number): OutputRow {
    return this.#context.outputs[row] ?? {};
  }

  record(row: number): AnsweredRow {
    const { made, raws, methods, definition } = this.#context;
    const at = positionOf(row, made.index);
    return {
      input: made.rows[at],
      features: made.features[at],
      ...(made.extras === null ? {} : { extra: made.extras[at] }),
      ...(definition.hasPostprocess ? { raw: rawOf(raws, methods, at) } : {}),
      output: this.value(row),
    };
  }
}

/** `index` grows; where every row was sound the positions are the same. */
function positionOf(row: number, index: readonly number[]): number {
  let low = 0;
  let high = Math.min(row, index.length - 1);
  if (index[high] === row) return high;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (index[middle]! < row) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A definition's own mistake is an issue of the row that met it; anything else is ours and goes on. */
function definitionIssue(cause: unknown, code: string): Issue {
  if (!isTrimaranError(cause)) throw cause;
  return { path: "", code, message: cause.message };
}

function original(issues: readonly RowIssue[], index: readonly number[]): readonly RowIssue[] {
  return issues.length === 0 ? issues : issues.map((issue) => ({ ...issue, row: index[issue.row]! }));
}

function mergeWarnings(parts: readonly (readonly Warning[])[]): readonly Warning[] {
  const filled = parts.filter((part) => part.length > 0);
  return filled.length <= 1 ? (filled[0] ?? []) : filled.flat();
}
