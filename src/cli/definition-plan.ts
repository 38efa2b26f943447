// What `init` will write, before it is text: one input a feature of the model, one output for its default method.

import type { InputColumn, ModelInput, RecordFeature } from "../data/model-input.ts";
import type { Label } from "../data/predictions.ts";
import { type ModelGraph, valueTypes } from "../model/graph.ts";
import type { ValueType } from "../model/value.ts";
import { counted } from "./counted.ts";
import type { ModelOutline } from "./model-report.ts";

export interface DefinitionPlan {
  readonly name: string;
  /** As it is written into the definition. */
  readonly model: string;
  readonly inputs: readonly PlannedInput[];
  /** The inputs go into the model under other names. */
  readonly renames: boolean;
  readonly output: PlannedField;
  readonly outputName: string;
  /** The method that fills the output. */
  readonly method: string;
}

export interface PlannedInput {
  readonly name: string;
  /** What the model calls it. */
  readonly feature: string;
  readonly field: PlannedField;
  /** A value that the model knows. */
  readonly sample: string | number | boolean;
  /** Worth knowing about it; empty lines are none. */
  readonly remarks: readonly string[];
}

/** A field as builder and as YAML type, which have the same names. */
export interface PlannedField {
  readonly kind: "number" | "integer" | "string" | "boolean" | "category" | "list";
  readonly nullable?: boolean;
  /** Of a category. */
  readonly values?: readonly (string | number)[];
  /** Of a list. */
  readonly of?: "number" | "integer" | "string" | "boolean";
}

export interface PlanNames {
  readonly name: string;
  readonly model: string;
  readonly example?: unknown;
}

export function planDefinition(graph: ModelGraph, names: PlanNames): DefinitionPlan {
  const output = graph.outputs[graph.defaultMethod]!;
  const type = valueTypes(graph)[output.value]!;
  const field = outputField(type, output.scalar);
  return planFor(graph.input, { ...names, method: graph.defaultMethod, output: field });
}

/** Of a model that is no graph of ours. What it does not tell of its answer is a number, until it is asked. */
export function planOutline({ input, method, answer }: ModelOutline, names: PlanNames): DefinitionPlan {
  const kind = (answer?.type == null ? undefined : answerKinds[answer.type]) ?? "number";
  const width = answer?.dims
    ?.slice(1)
    .reduce<number | null>((all, each) => (all === null ? all : each && all * each), 1);
  return planFor(input, {
    ...names,
    method,
    output: width === 1 || width == null ? { kind } : { kind: "list", of: kind },
  });
}

const answerKinds: Readonly<Record<string, "integer" | "string" | "boolean">> = {
  bool: "boolean",
  int8: "integer",
  int16: "integer",
  int32: "integer",
  int64: "integer",
  string: "string",
  uint16: "integer",
  uint32: "integer",
  uint8: "integer",
};

/** The plan, its output in the shape that the model's own answer has. */
export function withAnswer(plan: DefinitionPlan, answer: unknown): DefinitionPlan {
  const value: unknown = Array.isArray(answer) ? answer[0] : answer;
  const told = plan.output.kind === "list" ? plan.output.of : plan.output.kind;
  const kind =
    typeof value === "string"
      ? "string"
      : typeof value === "boolean"
        ? "boolean"
        : told === "integer"
          ? told
          : "number";
  if (value === undefined) return plan;
  return { ...plan, output: Array.isArray(answer) ? { kind: "list", of: kind } : { kind } };
}

function planFor(
  input: ModelInput,
  { example, ...said }: PlanNames & Pick<DefinitionPlan, "method" | "output">,
): DefinitionPlan {
  const inputs = planInputs(input).map((each, index) => withSample(each, cellOf(example, each, index)));
  const renames = inputs.some(({ name, feature }) => name !== feature);
  return { ...said, inputs, renames, outputName: "prediction" };
}

/** The value of a logged row for an input, by name or by position. */
function cellOf(example: unknown, { feature }: PlannedInput, index: number): unknown {
  if (Array.isArray(example)) return example[index];
  if (typeof example !== "object" || example === null || !Object.hasOwn(example, feature)) return undefined;
  return (example as Readonly<Record<string, unknown>>)[feature];
}

/** A logged value is a better sample than a made-up one, where it is of the field's type. */
function withSample(input: PlannedInput, value: unknown): PlannedInput {
  const fits: { readonly [kind: string]: boolean } = {
    number: typeof value === "number" && Number.isFinite(value),
    integer: Number.isSafeInteger(value),
    string: typeof value === "string",
    boolean: typeof value === "boolean",
  };
  return fits[input.field.kind] === true ? { ...input, sample: value as string | number | boolean } : input;
}

function planInputs(input: ModelInput): readonly PlannedInput[] {
  if (input.kind === "records") return input.features.map(recordInput);
  return input.columns.map((column, index) => columnInput(column, input.named ? column.name : `x${index}`));
}

function recordInput({ name, numeric, categories }: RecordFeature): PlannedInput {
  if (categories.length === 0) return { name, feature: name, field: { kind: "number" }, sample: 1, remarks: [] };
  const count = counted(categories.length);
  const remarks = [
    `${count} values are known, such as ${JSON.stringify(categories[0])}; any other counts for nothing, with a warning.`,
    ...(numeric ? ["The model also knows it as a number."] : []),
    ...pairRemarks(name, categories),
  ];
  return { name, feature: name, field: { kind: "string" }, sample: categories[0] ?? "", remarks };
}

/** `PU_DO` with values like `43_238` is made of two whole numbers: says how to take those as inputs instead. */
function pairRemarks(name: string, categories: readonly string[]): string[] {
  const pairs = categories.map((value) => /^(\d{1,9})_(\d{1,9})$/.exec(value));
  if (pairs.some((pair) => pair === null)) return [];
  const [left = "", right = ""] = /^([A-Za-z]\w*?)_([A-Za-z]\w*)$/.exec(name)?.slice(1) ?? [`${name}_1`, `${name}_2`];
  const of = (side: 1 | 2): readonly number[] => pairs.map((pair) => Number(pair?.[side]));
  const field = (id: string, values: readonly number[]): string =>
    `${id}: integer({ min: ${least(values)}, max: ${most(values)} })`;
  return [
    "Each value is two whole numbers with _ between them. To take those two as inputs:",
    `  input:    { ${field(left, of(1))}, ${field(right, of(2))}, … }`,
    `  features: (row) => ({ ${JSON.stringify(name)}: \`\${row.${left}}_\${row.${right}}\`, … })`,
  ];
}

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

function most(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
}

function columnInput({ name: feature, type, nullable }: InputColumn, name: string): PlannedInput {
  const kind = type === "any" ? "string" : type;
  const sample = kind === "string" ? "text" : kind === "boolean" ? true : 1;
  const remarks = type === "any" ? ["The file does not say which type this column has; text is assumed."] : [];
  return { name, feature, field: { kind, ...(nullable ? { nullable } : {}) }, sample, remarks };
}

/** Beyond these many labels a category is not listed. */
const maxListedLabels = 50;

function outputField(type: ValueType, scalar: boolean): PlannedField {
  if (type.kind === "label") {
    const labels = type.labels[0] ?? [];
    const kind = labelKind(labels);
    if (!scalar) return { kind: "list", of: kind };
    const values = labels.map(({ value }) => value).filter((value) => typeof value === "string");
    return kind === "string" && values.length <= maxListedLabels ? { kind: "category", values } : { kind };
  }
  if (type.kind === "table") {
    const kind = type.columns.some((column) => column.kind === "cell") ? "string" : "number";
    return scalar ? { kind } : { kind: "list", of: kind };
  }
  const number = type.kind === "dense" || type.kind === "sparse" ? type.number : "f64";
  const kind = number === "i64" ? "integer" : number === "bool" ? "boolean" : "number";
  return scalar ? { kind } : { kind: "list", of: kind };
}

function labelKind(labels: readonly Label[]): "number" | "integer" | "string" | "boolean" {
  const type = labels[0]?.type ?? "string";
  return type === "float" ? "number" : type;
}
