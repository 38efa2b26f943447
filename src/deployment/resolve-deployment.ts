// From what a user wrote to what the rest works with: everything is checked, every default filled, all issues at once.
import { didYouMean } from "../base/did-you-mean.ts";
import { type Issue, trimaranError } from "../base/errors.ts";
import type { FeatureRow } from "../data/batch.ts";
import type { Schema } from "../data/field.ts";
import { isField } from "../data/field-builders.ts";
import { checkFieldName, checkFieldSpec } from "../data/field-check.ts";
import { jsonPointer } from "../data/json-pointer.ts";
import type { Row } from "../data/schema-row.ts";
import { type CustomEstimator, isCustomEstimator } from "../formats/sklearn/define-estimator.ts";
import { type MethodName, methodNames } from "../model/predictor.ts";
import type { Definition } from "./define-deployment.ts";
import { resolveExamples } from "./examples.ts";
import { checkShape, invalidOption, isRecord, notYet, type Shape } from "./options-check.ts";
import { checkLookup, resolveLookup } from "./resolve-lookup.ts";
import type { ModelLine, ResolvedDeployment } from "./resolved-deployment.ts";
import {
  type BatchSection,
  type FeedbackSection,
  type StreamSection,
  sectionShapes,
  type WebSection,
} from "./sections.ts";
import { type FeatureFunction, guardFeatures, guardOutput, type PostprocessFunction } from "./user-function.ts";

const optionShapes: Readonly<Record<string, Shape>> = {
  name: "text",
  description: "text",
  model: "any",
  estimators: "array",
  input: "object",
  features: "function",
  methods: "texts",
  output: "object",
  postprocess: "function",
  lookup: "any",
  key: "function",
  time: "function",
  unknownFields: "text",
  examples: "array",
  web: "object",
  batch: "object",
  stream: "object",
  feedback: "object",
};

/** Every option that a definition may have. */
export const definitionOptions: readonly string[] = Object.keys(optionShapes);

/**
 * `name` is taken where the definition names none.
 * @throws DEFINITION_INVALID with every issue; those of options that do not work yet have the code `not_yet`
 */
export function resolveDeployment(definition: Definition, defaults: { readonly name: string }): ResolvedDeployment {
  const { options } = definition;
  const name = typeof options["name"] === "string" ? options["name"] : defaults.name;
  const issues = checkOptions(options, name);
  const input = Object.freeze({ ...(options["input"] as Schema) });
  const output = Object.freeze({ ...(options["output"] as Schema) });
  const readable = !issues.some(({ path }) => /^\/(input|output|examples)(\/|$)/.test(path));
  const { examples, issues: exampleIssues } = readable
    ? resolveExamples(options["examples"], input, output)
    : { examples: [], issues: [] };
  issues.push(...exampleIssues);
  if (issues.length > 0) throw trimaranError("DEFINITION_INVALID", { name }, { issues });
  const features = options["features"] as FeatureFunction | undefined;
  return Object.freeze({
    name,
    description: (options["description"] as string | undefined) ?? null,
    model: modelLine(options["model"]),
    estimators: Object.freeze([...((options["estimators"] as readonly CustomEstimator[] | undefined) ?? [])]),
    input,
    output,
    methods: options["methods"] === undefined ? null : Object.freeze([...(options["methods"] as MethodName[])]),
    unknownFields: (options["unknownFields"] as "reject" | "ignore" | undefined) ?? null,
    features: features === undefined ? passThrough : guardFeatures(name, features, modelNames(options["model"])),
    hasFeatures: features !== undefined,
    toOutput: guardOutput(name, output, (options["postprocess"] as PostprocessFunction | undefined) ?? null),
    hasPostprocess: options["postprocess"] !== undefined,
    lookup: resolveLookup(options["lookup"]),
    key: (options["key"] as ((row: Row) => string) | undefined) ?? null,
    time: (options["time"] as ((row: Row) => Date) | undefined) ?? null,
    examples,
    web: section<WebSection>(options["web"]) ?? Object.freeze({}),
    batch: section<BatchSection>(options["batch"]),
    stream: section<StreamSection>(options["stream"]),
    feedback: section<FeedbackSection>(options["feedback"]),
  });
}

function checkOptions(options: Readonly<Record<string, unknown>>, name: string): Issue[] {
  const issues = checkShape(options, optionShapes, { path: "", what: "A definition" });
  const sound = (option: string): boolean => !issues.some(({ path }) => path === `/${option}`);
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) {
    issues.push(
      invalidOption(
        "/name",
        "A name has 1 to 64 letters, digits, `.`, `_` and `-`, and begins with a letter or digit.",
      ),
    );
  }
  issues.push(...checkModel(options["model"]));
  if (sound("estimators")) issues.push(...checkEstimators(options["estimators"]));
  for (const side of ["input", "output"] as const) if (sound(side)) issues.push(...checkSchema(options[side], side));
  if (sound("methods")) issues.push(...checkMethods(options["methods"] as readonly string[] | undefined));
  const unknownFields = options["unknownFields"];
  if (unknownFields !== undefined && unknownFields !== "reject" && unknownFields !== "ignore") {
    issues.push(invalidOption("/unknownFields", 'unknownFields must be "reject" or "ignore".'));
  }
  issues.push(...checkLookup(options["lookup"]));
  issues.push(...checkPassThrough(options), ...checkDefaultOutput(options));
  for (const [door, shapes] of Object.entries(sectionShapes)) {
    if (options[door] === undefined || !sound(door)) continue;
    issues.push(...checkShape(options[door], shapes, { path: `/${door}`, what: `The section ${door}` }));
  }
  return issues;
}

function checkSchema(schema: unknown, side: "input" | "output"): Issue[] {
  const path = `/${side}`;
  if (!isRecord(schema) || Object.keys(schema).length === 0) {
    return [invalidOption(path, `${side} must name at least one field.`)];
  }
  return Object.entries(schema).flatMap(([name, field]) => {
    const at = path + jsonPointer(name);
    if (side === "output" && name === "model_version") {
      return [invalidOption(at, "model_version is reserved: every answer carries it anyway.")];
    }
    if (!isField(field)) {
      return [invalidOption(at, `${name} is no field; make one with a builder, such as \`number()\`.`)];
    }
    return [...checkFieldName(name, path), ...checkFieldSpec(field.spec, at)];
  });
}

function checkModel(model: unknown): Issue[] {
  if (model === undefined) return [];
  if (isRecord(model)) return checkModelRecord(model);
  const uris: readonly unknown[] = Array.isArray(model) ? model : [model];
  if (uris.length === 0 || uris.some((uri) => typeof uri !== "string" || uri === "")) {
    return [invalidOption("/model", "model must be a path or URI, or a list of them.")];
  }
  return uris.length > 1 && uris.some((uri) => /^oip\+/i.test(String(uri)))
    ? [invalidOption("/model", "a model behind a server (`oip+…`) cannot be a step among others.")]
    : [];
}

function checkModelRecord(model: Readonly<Record<string, unknown>>): Issue[] {
  const entries = Object.entries(model);
  if (entries.length === 0) return [invalidOption("/model", "A record of models names at least one.")];
  return entries.flatMap(([name, uri]): Issue[] => {
    const path = `/model${jsonPointer(name)}`;
    if (!/^[A-Za-z][A-Za-z0-9._-]{0,63}$/.test(name)) {
      return [invalidOption(path, "A model's name has letters, digits, `.`, `_` and `-`, and begins with a letter.")];
    }
    return typeof uri === "string" && uri !== "" ? [] : [invalidOption(path, `${name} must be a path or URI.`)];
  });
}

function checkEstimators(estimators: unknown): Issue[] {
  const seen = new Set<string>();
  return ((estimators as readonly unknown[] | undefined) ?? []).flatMap((estimator, index): Issue[] => {
    const path = `/estimators/${index}`;
    if (!isCustomEstimator(estimator))
      return [invalidOption(path, "make each of `estimators` with `defineEstimator`.")];
    const twice = estimator.options.classes.filter((name) => seen.has(name));
    for (const name of estimator.options.classes) seen.add(name);
    return twice.map((name) => invalidOption(path, `estimators describes ${name} twice.`));
  });
}

function checkMethods(methods: readonly string[] | undefined): Issue[] {
  if (methods === undefined) return [];
  if (methods.length === 0) return [invalidOption("/methods", "methods must name at least one method.")];
  return methods.flatMap((method, index): Issue[] => {
    const path = `/methods/${index}`;
    if (method === "contributions" || method === "leaf")
      return [notYet(path, `The method ${method} does not work yet.`)];
    if (methods.indexOf(method) !== index) return [invalidOption(path, `methods names ${method} twice.`)];
    if (methodNames.some((known) => known === method)) return [];
    return [invalidOption(path, `There is no method ${JSON.stringify(method)}${didYouMean(method, methodNames)}.`)];
  });
}

const featureKinds: readonly string[] = ["number", "integer", "string", "boolean", "category", "date"];

/** Without `features` every input goes into the model as it is, so it must be a value that models take. */
function checkPassThrough(options: Readonly<Record<string, unknown>>): Issue[] {
  if (options["features"] !== undefined || !isRecord(options["input"])) return [];
  return Object.entries(options["input"]).flatMap(([name, field]) => {
    if (!isField(field) || featureKinds.includes(field.spec.kind)) return [];
    const message = `Without \`features\` ${name} goes into the model as it is, and no model takes a ${field.spec.kind}.`;
    return [invalidOption(`/input${jsonPointer(name)}`, message)];
  });
}

/** Types refuse this too; a definition in JavaScript or YAML has none. */
function checkDefaultOutput({ output, methods, postprocess, model }: Readonly<Record<string, unknown>>): Issue[] {
  if (postprocess !== undefined || !isRecord(output)) return [];
  if (isRecord(model))
    return [invalidOption("/model", "Several models need a `postprocess` that says how the output comes about.")];
  if (Object.keys(output).length > 1) {
    return [invalidOption("/output", "Several outputs need a `postprocess` that says how they come about.")];
  }
  const needed = Array.isArray(methods) && !methods.includes("predict");
  return needed ? [invalidOption("/methods", "Without `predict` among the methods a `postprocess` is needed.")] : [];
}

function modelLine(model: unknown): ModelLine | null {
  if (model === undefined) return null;
  if (isRecord(model))
    return Object.freeze({ kind: "record", uris: Object.freeze({ ...model } as Record<string, string>) });
  if (Array.isArray(model)) return Object.freeze({ kind: "steps", uris: Object.freeze([...(model as string[])]) });
  return Object.freeze({ kind: "single", uri: String(model) });
}

function section<Section>(value: unknown): Section | null {
  return value === undefined ? null : (Object.freeze({ ...(value as object) }) as Section);
}

function passThrough(row: Row): FeatureRow {
  return row;
}

function modelNames(model: unknown): readonly string[] {
  return isRecord(model) ? Object.keys(model) : [];
}
