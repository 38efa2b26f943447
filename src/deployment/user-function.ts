// The user's functions behind guards: what they throw and what they give becomes a typed error that holds no cell values.
import { trimaranError } from "../base/errors.ts";
import { compileRow } from "../data/compile-row.ts";
import { describeThrown } from "../data/describe-thrown.ts";
import type { Schema } from "../data/field.ts";
import { typeOfValue } from "../data/field-issue.ts";
import type { Row, RowNotes } from "../data/schema-row.ts";
import type { ModelFeatures } from "./model-features.ts";
import type { OutputRow, RawRow } from "./resolved-deployment.ts";

export type FeatureFunction = (row: Row, extra?: unknown) => unknown;
export type PostprocessFunction = (raw: RawRow, row: Row) => unknown;

/** Checks each row that a user's `features` gives: an object of feature values, or with several models one a name. */
export function guardFeatures(
  name: string,
  features: FeatureFunction,
  models: readonly string[] = [],
): (row: Row, extra?: unknown) => ModelFeatures {
  return (row, extra) => {
    let result: unknown;
    try {
      result = features(row, extra);
    } catch (cause) {
      throw trimaranError("DEFINITION_FEATURES", { name, problem: describeThrown(cause) }, { cause });
    }
    const problem = models.length === 0 ? featureProblem(result) : severalProblem(result, models);
    if (problem !== null) throw trimaranError("DEFINITION_FEATURES", { name, problem });
    return result as ModelFeatures;
  };
}

/** Without a `postprocess` the only output takes `raw.predict`. */
export function guardOutput(
  name: string,
  output: Schema,
  postprocess: PostprocessFunction | null,
): (raw: RawRow, row: Row) => OutputRow {
  const read = compileRow(output, { unknownFields: "reject", label: "The output" });
  const only = Object.keys(output)[0] ?? "";
  const make: PostprocessFunction = postprocess ?? ((raw) => ({ [only]: raw["predict"] }));
  // Nothing is noted of a sound output, so the notes serve until one is not.
  let notes: RowNotes = { issues: [], warnings: new Map() };
  return (raw, row) => {
    let result: unknown;
    try {
      result = make(raw, row);
    } catch (cause) {
      throw trimaranError("DEFINITION_OUTPUT", { name, problem: describeThrown(cause) }, { cause });
    }
    const answer = isPromise(result) ? undefined : read(result, notes, "");
    if (answer !== undefined) return answer;
    const { issues } = notes;
    notes = { issues: [], warnings: new Map() };
    const problem = isPromise(result) ? "`postprocess` gave a promise; it must not be async" : issues[0]?.message;
    const slots = { name, problem: (problem ?? "").replace(/\.$/, "") };
    throw trimaranError("DEFINITION_OUTPUT", slots, { issues });
  };
}

/** One row for all models, or one for each of them. */
function severalProblem(result: unknown, models: readonly string[]): string | null {
  const isObject = typeof result === "object" && result !== null;
  const given = isObject ? (result as Readonly<Record<string, unknown>>) : {};
  const holdsRows = Object.values(given).some((value) => typeof value === "object" && value !== null);
  if (!holdsRows) return featureProblem(result);
  const strange = Object.keys(given).find((each) => !models.includes(each));
  if (strange !== undefined)
    return `it gave features of ${JSON.stringify(strange)}, which is no model of this definition`;
  for (const model of models) {
    const problem = Object.hasOwn(given, model) ? featureProblem(given[model]) : "they are missing";
    if (problem !== null) return `of the features of ${model}: ${problem}`;
  }
  return null;
}

function featureProblem(result: unknown): string | null {
  if (typeof result !== "object" || result === null || Array.isArray(result)) {
    return `it gave ${typeOfValue(result)}, not an object of features`;
  }
  if (isPromise(result)) return "it gave a promise; `features` must not be async";
  const features = result as Readonly<Record<string, unknown>>;
  for (const feature in features) {
    const value = features[feature];
    const type = typeof value;
    if (type === "number" || type === "string" || type === "boolean" || value === null || type === "bigint") continue;
    const came = value === undefined ? "undefined (is a field misspelt?)" : typeOfValue(value);
    return `the feature ${JSON.stringify(feature)} is ${came}; a number, string, boolean or null was expected`;
  }
  return null;
}

function isPromise(value: unknown): boolean {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}
