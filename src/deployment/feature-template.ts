// Features as data, as `deployment.yaml` writes them: a field, a constant, or a template.
//
//   PU_DO: "{PULocationID}_{DOLocationID}"   a template: always a string; `{{` and `}}` are braces
//   trip_distance: trip_distance             the bare name of a field: its value with its type
//   vendor: 2                                a number, boolean, null or other string: a constant
//   label: { constant: trip_distance }       a constant that reads like a field
//
// A template prints a value as a JavaScript template literal would; a timestamp prints in ISO 8601, because the literal would
// follow the zone of the machine. A string that is nearly the name of a field is an error, not a constant.
import { didYouMean } from "../base/did-you-mean.ts";
import type { Issue } from "../base/errors.ts";
import type { Cell } from "../data/batch.ts";
import type { Schema } from "../data/field.ts";
import { jsonPointer } from "../data/json-pointer.ts";
import type { Row } from "../data/schema-row.ts";
import type { FeatureExpression } from "./feature-expression.ts";
import { invalidOption, isRecord } from "./options-check.ts";
import type { FeatureFunction } from "./user-function.ts";

export interface CompiledFeatures {
  readonly features: FeatureFunction;
  /** The same as data, by feature. */
  readonly expressions: Readonly<Record<string, FeatureExpression>>;
  readonly issues: readonly Issue[];
}

type FeatureSource = (row: Row) => unknown;

/** Compiles the `features` of a YAML definition. Issues stand below `/features`. */
export function compileFeatureTemplates(features: Readonly<Record<string, unknown>>, input: Schema): CompiledFeatures {
  const issues: Issue[] = [];
  const expressions = Object.entries(features).map(([name, value]): readonly [string, FeatureExpression] => {
    const path = `/features${jsonPointer(name)}`;
    const expression = featureExpression(value, input);
    if (typeof expression !== "string") return [name, expression];
    issues.push(invalidOption(path, expression));
    return [name, constant(null)];
  });
  const sources = expressions.map(([name, expression]) => [name, featureSource(expression)] as const);
  const run = (row: Row): Record<string, unknown> => {
    const result: Record<string, unknown> = {};
    for (const [name, source] of sources) result[name] = source(row);
    return result;
  };
  return { features: run, expressions: Object.freeze(Object.fromEntries(expressions)), issues };
}

function featureSource(expression: FeatureExpression): FeatureSource {
  switch (expression.kind) {
    case "field": {
      const { name } = expression;
      return (row) => row[name] ?? null;
    }
    case "constant": {
      const { value } = expression;
      return () => value;
    }
    case "template": {
      const { texts, names } = expression;
      return (row) => {
        let text = texts[0] ?? "";
        for (let index = 0; index < names.length; index++) text += print(row[names[index]!]) + texts[index + 1];
        return text;
      };
    }
  }
}

/** What a template prints of the values of its `names`. */
export function templateText(
  { texts }: Extract<FeatureExpression, { readonly kind: "template" }>,
  values: readonly unknown[],
): string {
  let text = texts[0] ?? "";
  for (const [index, value] of values.entries()) text += print(value) + texts[index + 1];
  return text;
}

/** A feature, or the sentence that says why it is none. */
function featureExpression(value: unknown, input: Schema): FeatureExpression | string {
  if (typeof value === "number" && !Number.isFinite(value)) return "A constant must be a finite number.";
  if (isRecord(value) && Object.keys(value).length === 1) {
    if (Object.hasOwn(value, "constant") && isConstant(value["constant"])) return constant(value["constant"]);
    if (typeof value["field"] === "string") return field(value["field"], input);
  }
  if (!isConstant(value)) return "A feature is a field, a constant or a template; lists and objects are none.";
  if (typeof value !== "string") return constant(value);
  if (/[{}]/.test(value)) return template(value, input);
  if (Object.hasOwn(input, value)) return field(value, input);
  const hint = didYouMean(value, Object.keys(input));
  if (hint === "") return constant(value);
  return `There is no field ${JSON.stringify(value)}${hint}; a constant that reads like one is written { constant: … }.`;
}

function field(name: string, input: Schema): FeatureExpression | string {
  return fieldProblem(name, input, false) ?? { kind: "field", name };
}

function template(written: string, input: Schema): FeatureExpression | string {
  const texts: string[] = [""];
  const names: string[] = [];
  for (const [part] of written.matchAll(/\{\{|\}\}|\{[^{}]*\}|[{}]|[^{}]+/g)) {
    if (part === "{" || part === "}") return `A brace of the template stands alone; write ${part}${part} for a brace.`;
    if (part.startsWith("{") && part !== "{{") {
      const name = part.slice(1, -1).trim();
      const problem = fieldProblem(name, input, true);
      if (problem !== null) return problem;
      names.push(name);
      texts.push("");
    } else {
      texts[texts.length - 1] += part === "{{" ? "{" : part === "}}" ? "}" : part;
    }
  }
  return { kind: "template", texts, names };
}

function fieldProblem(name: string, input: Schema, inTemplate: boolean): string | null {
  const spec = Object.hasOwn(input, name) ? input[name]?.spec : undefined;
  if (spec === undefined) return `There is no field ${JSON.stringify(name)}${didYouMean(name, Object.keys(input))}.`;
  if (spec.kind === "list" || spec.kind === "object") return `The field ${name} is a ${spec.kind}; no model takes one.`;
  if (!inTemplate && spec.kind === "timestamp") return `The field ${name} is a timestamp; a template makes it text.`;
  if (inTemplate && spec.presence === "optional") return `The field ${name} is optional; a template needs a default.`;
  return null;
}

function print(value: unknown): string {
  return value instanceof Date ? value.toISOString() : `${value}`;
}

function constant(value: Cell): FeatureExpression {
  return { kind: "constant", value };
}

function isConstant(value: unknown): value is Cell {
  return value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}
