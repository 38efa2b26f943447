// Some thousand rows, validated → their outputs in the columns of a shard. A definition with one model and no lookup goes straight
// from `features` to the model's columns, and features that are data from column to column; everything else is asked as a request is.
import { isTrimaranError } from "../../base/errors.ts";
import type { FeatureColumns, RowIssue, Warning } from "../../data/batch.ts";
import { rowsOfColumns } from "../../data/feature-columns.ts";
import type { FieldSpec } from "../../data/field-spec.ts";
import { mergeIssues } from "../../data/merge-issues.ts";
import { outputValue } from "../../data/prediction-text.ts";
import type { OutputColumn } from "../../data/predictions.ts";
import type { Row } from "../../data/schema-row.ts";
import { columnFeatures } from "../../deployment/column-features.ts";
import type { ModelFeatures } from "../../deployment/model-features.ts";
import type { ResolvedDeployment } from "../../deployment/resolved-deployment.ts";
import type { Answers } from "../../serving/answers.ts";
import { answerSoon, type PredictionService } from "../../serving/prediction-service.ts";
import type { AnswerColumn, OutputColumnPlan } from "./answer-columns.ts";
import type { BlockRows } from "./block-reader.ts";
import type { FieldPlan } from "./input-fields.ts";

export interface BlockTarget {
  /** The first row of the block in the columns. */
  readonly start: number;
  readonly columns: readonly AnswerColumn[];
  readonly signal: AbortSignal;
}

/** Problems by row of the block, in row order. */
export interface BlockAnswer {
  readonly issues: readonly RowIssue[];
  readonly warnings: readonly Warning[];
}

export interface BlockAnswerer {
  answer(rows: BlockRows, target: BlockTarget): Promise<BlockAnswer>;
  /** The fields that it wants as columns; null: it takes rows only. */
  columnFields(fields: readonly FieldPlan[]): ReadonlySet<string> | null;
}

export function blockAnswerer(service: PredictionService): BlockAnswerer {
  const { deployment, bare, models } = service;
  const [model] = bare ?? [];
  const byRows = (answer: (rows: readonly unknown[], target: BlockTarget) => Promise<BlockAnswer>): BlockAnswerer => ({
    answer: (rows, target) => answer(objectsOf(rows), target),
    columnFields: () => null,
  });
  if (deployment === null) return byRows((rows, target) => answerAlone(service, rows, target));
  if (model === undefined || models.length !== 1 || deployment.lookup !== null) {
    return byRows((rows, target) => answerAsked(service, rows, target));
  }
  const straight: Straight = { definition: deployment, model };
  const expressions = deployment.featureExpressions;
  const makeColumns = expressions === undefined ? (fields: FeatureColumns) => fields : columnFeatures(expressions);
  return {
    answer: (rows, target) =>
      rows.kind === "rows"
        ? answerStraight(straight, rows.rows as readonly Row[], target)
        : answerColumns(straight, makeColumns(rows.columns), target),
    columnFields: (fields) => (model.answerColumns === undefined ? null : columnFields(deployment, fields)),
  };
}

function objectsOf(rows: BlockRows): readonly unknown[] {
  return rows.kind === "rows" ? rows.rows : rowsOfColumns(rows.columns);
}

/** null: code makes the features or the output, or something is in a field that no column holds. */
function columnFields(
  { featureExpressions, hasFeatures, hasPostprocess }: ResolvedDeployment,
  fields: readonly FieldPlan[],
): ReadonlySet<string> | null {
  if (hasPostprocess || (hasFeatures && featureExpressions === undefined)) return null;
  const asked =
    featureExpressions === undefined
      ? fields.map(({ name }) => name)
      : Object.values(featureExpressions).flatMap((feature) =>
          feature.kind === "template" ? feature.names : feature.kind === "field" ? [feature.name] : [],
        );
  const names = new Set(asked);
  const used = fields.filter(({ name }) => names.has(name));
  if (used.length < names.size || used.some(({ mode }) => mode === "cell")) return null;
  // A row without a field is not a row in which it is missing.
  const leavesOut = featureExpressions === undefined && used.some(({ empty }) => empty.kind === "absent");
  return leavesOut ? null : names;
}

/** The outputs as columns. A model served alone is asked for a row of none. */
export async function outputPlans(
  service: PredictionService,
  methods: readonly string[],
): Promise<readonly OutputColumnPlan[]> {
  const { deployment } = service;
  if (deployment !== null) {
    return Object.entries(deployment.output).map(([name, { spec }]) => ({ name, ...specPlan(spec) }));
  }
  const shapes = (await service.outputs?.()) ?? {};
  return methods.map((name): OutputColumnPlan => {
    const column = shapes[name];
    return { name, ...(column === undefined ? { carrier: "text", type: "VARCHAR" } : columnPlan(column)) };
  });
}

type CarrierPlan = Omit<OutputColumnPlan, "name">;

function specPlan(spec: FieldSpec): CarrierPlan {
  switch (spec.kind) {
    case "number":
      return { carrier: "double", type: "DOUBLE" };
    case "integer":
      return { carrier: "integer", type: "BIGINT" };
    case "boolean":
      return { carrier: "boolean", type: "BOOLEAN" };
    case "category":
      if (typeof spec.values[0] === "number") return { carrier: "double", type: "DOUBLE" };
      return typeof spec.values[0] === "boolean"
        ? { carrier: "boolean", type: "BOOLEAN" }
        : { carrier: "text", type: "VARCHAR" };
    case "timestamp":
      return { carrier: "text", type: "TIMESTAMP WITH TIME ZONE" };
    case "date":
      return { carrier: "text", type: "DATE" };
    case "list": {
      const item = specPlan(spec.of);
      return {
        carrier: "text",
        type: item.carrier === "text" && item.type !== "VARCHAR" ? "VARCHAR" : `${item.type}[]`,
      };
    }
    case "string":
    case "object":
      return { carrier: "text", type: "VARCHAR" };
  }
}

function columnPlan(column: OutputColumn): CarrierPlan {
  if (column.kind === "list" || column.kind === "cell") return { carrier: "text", type: "VARCHAR" };
  const one = itemPlan(column);
  return column.scalar ? one : { carrier: "text", type: `${one.type}[]` };
}

function itemPlan(column: Exclude<OutputColumn, { kind: "list" | "cell" }>): CarrierPlan {
  const type = column.kind === "number" ? column.type : labelType(column.labels);
  switch (type) {
    case "float64":
      return { carrier: "double", type: "DOUBLE" };
    case "float32":
      return { carrier: "float", type: "FLOAT" };
    case "integer":
      return { carrier: "integer", type: "BIGINT" };
    case "boolean":
      return { carrier: "boolean", type: "BOOLEAN" };
    case "text":
      return { carrier: "text", type: "VARCHAR" };
  }
}

function labelType(
  labels: Extract<OutputColumn, { kind: "label" }>["labels"],
): "float64" | "integer" | "boolean" | "text" {
  const types = new Set(labels.flat().map(({ type }) => type));
  const [type] = types;
  if (types.size !== 1 || type === undefined || type === "string") return "text";
  return type === "float" ? "float64" : type;
}

/** A model alone: its methods are the columns. */
async function answerAlone(
  service: PredictionService,
  rows: readonly unknown[],
  target: BlockTarget,
): Promise<BlockAnswer> {
  const { start, columns, signal } = target;
  const methods = columns.map(({ plan }) => plan.name);
  const answers = await answerSoon(service, rows, { methods, signal });
  for (const column of columns) {
    const made = answers.columns?.[column.plan.name];
    if (made !== undefined) copyColumn(made, column, start);
  }
  return answers;
}

function copyColumn(made: OutputColumn, column: AnswerColumn, start: number): void {
  if (made.kind === "number" && made.scalar && made.type !== "boolean") {
    column.setNumbers(start, made.values);
    return;
  }
  const rows = rowsOf(made);
  for (let row = 0; row < rows; row++) column.set(start + row, outputValue(made, row));
}

function rowsOf(column: OutputColumn): number {
  if (column.kind === "list") return column.items[0] === undefined ? 0 : rowsOf(column.items[0]);
  const cells = column.kind === "number" ? column.values : column.kind === "label" ? column.codes : column.cells;
  return column.width === 0 ? 0 : cells.length / column.width;
}

/** As a request: lookups, several models. */
async function answerAsked(
  service: PredictionService,
  rows: readonly unknown[],
  target: BlockTarget,
): Promise<BlockAnswer> {
  const { start, columns, signal } = target;
  const answers = await service.answer(rows, { unknownFields: "ignore", signal });
  const bad = new Set(answers.issues.map(({ row }) => row));
  for (let row = 0; row < rows.length; row++) {
    if (bad.has(row)) continue;
    const output = answers.value(row);
    for (const column of columns) column.set(start + row, output[column.plan.name]);
  }
  return answers;
}

interface Straight {
  readonly definition: ResolvedDeployment;
  readonly model: PredictionService;
}

async function answerStraight(
  { definition, model }: Straight,
  rows: readonly Row[],
  { start, columns, signal }: BlockTarget,
): Promise<BlockAnswer> {
  const methods = definition.methods ?? model.methods.slice(0, 1);
  const made = makeFeatures(definition, rows);
  const answers = await answerSoon(model, made.features, { methods, signal });
  const refused = answers.issues.map((issue) => ({ ...issue, row: made.index[issue.row] ?? issue.row }));
  const issues = mergeIssues(made.issues, refused);
  const { index } = made;
  const output: OutputContext = { definition, rowOf: (at) => rows[at]!, index, rowCount: rows.length, start, columns };
  const failed = fillNumbers(output, answers) ?? fillOutputs(output, answers, methods);
  return { issues: mergeIssues(issues, failed), warnings: answers.warnings };
}

/** Nothing of the output is made of a row. */
async function answerColumns(
  { definition, model }: Straight,
  features: FeatureColumns,
  { start, columns, signal }: BlockTarget,
): Promise<BlockAnswer> {
  const methods = definition.methods ?? model.methods.slice(0, 1);
  const answers = await model.answerColumns!(features, { methods, signal });
  const output: OutputContext = { definition, rowOf: () => ({}), rowCount: features.rowCount, start, columns };
  const failed = fillNumbers(output, answers) ?? fillOutputs(output, answers, methods);
  return { issues: mergeIssues(answers.issues, failed), warnings: answers.warnings };
}

interface MadeFeatures {
  readonly features: readonly ModelFeatures[];
  /** Position in `features` → row. */
  readonly index: readonly number[] | Int32Array;
  readonly issues: readonly RowIssue[];
}

function makeFeatures(definition: ResolvedDeployment, rows: readonly Row[]): MadeFeatures {
  const features: ModelFeatures[] = [];
  const index = new Int32Array(rows.length);
  const issues: RowIssue[] = [];
  for (let row = 0; row < rows.length; row++) {
    try {
      const made = definition.features(rows[row]!);
      index[features.length] = row;
      features.push(made);
    } catch (cause) {
      issues.push(definitionIssue(row, cause, "features_failed"));
    }
  }
  return { features, index, issues };
}

interface OutputContext {
  readonly definition: ResolvedDeployment;
  /** Of a definition without `postprocess` nobody asks. */
  readonly rowOf: (at: number) => Row;
  readonly rowCount: number;
  /** Position among the features → row. @default they are the same */
  readonly index?: MadeFeatures["index"];
  readonly start: number;
  readonly columns: readonly AnswerColumn[];
}

/** One number a row that is the output as it stands: no row is made. null: it is more than that. */
function fillNumbers(output: OutputContext, answers: Answers): readonly RowIssue[] | null {
  const { definition, rowCount, start, columns } = output;
  const [column] = columns;
  const [spec] = Object.values(definition.output).map((field) => field.spec);
  const made = answers.columns?.["predict"];
  if (definition.hasPostprocess || column === undefined || columns.length !== 1 || spec?.kind !== "number") return null;
  if (made?.kind !== "number" || !made.scalar || made.type !== "float64" || answers.rowCount !== rowCount) return null;
  const { min = -Number.MAX_VALUE, max = Number.MAX_VALUE } = spec;
  const { values } = made;
  column.setNumbers(start, values);
  let bad = answers.issues.length > 0;
  for (let at = 0; at < values.length && !bad; at++)
    bad = !((values[at] as number) >= min && (values[at] as number) <= max);
  // Rows that do not fit are told as they are everywhere else.
  return bad ? fillOutputs(output, answers, ["predict"]) : [];
}

function fillOutputs(
  { definition, rowOf, index, start, columns }: OutputContext,
  answers: Answers,
  methods: readonly string[],
): readonly RowIssue[] {
  const refused = new Set(answers.issues.map(({ row }) => row));
  const issues: RowIssue[] = [];
  for (let at = 0; at < answers.rowCount; at++) {
    if (refused.has(at)) continue;
    const row = index?.[at] ?? at;
    const raw: Record<string, unknown> = {};
    for (const method of methods) {
      const column = answers.columns?.[method];
      if (column !== undefined) raw[method] = outputValue(column, at);
    }
    try {
      const output = definition.toOutput(raw, rowOf(row));
      for (const column of columns) column.set(start + row, output[column.plan.name]);
    } catch (cause) {
      issues.push(definitionIssue(row, cause, "output_failed"));
    }
  }
  return issues;
}

/** A definition's own mistake is an issue of the row that met it; anything else is ours and goes on. */
function definitionIssue(row: number, cause: unknown, code: string): RowIssue {
  if (!isTrimaranError(cause)) throw cause;
  return { row, path: "", code, message: cause.message };
}
