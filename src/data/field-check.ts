// Whether a field's data is sound: known options of the right type, bounds in order, a default that the field would take.
// All problems at once, with paths into the definition.
import { didYouMean } from "../base/did-you-mean.ts";
import type { Issue } from "../base/errors.ts";
import { compileValue } from "./compile-row.ts";
import { refused } from "./field-issue.ts";
import type { FieldKind, FieldSpec } from "./field-spec.ts";
import { isDayText, parseMoment } from "./field-time.ts";
import { jsonPointer } from "./json-pointer.ts";
import type { RowNotes } from "./schema-row.ts";

type OptionType = "number" | "count" | "text" | "moment" | "day" | "pattern" | "values" | "field" | "fields";

/** The options of each kind, besides those that every field has. */
export const fieldOptions: { readonly [Kind in FieldKind]: Readonly<Record<string, OptionType>> } = {
  number: { min: "number", max: "number", unit: "text" },
  integer: { min: "number", max: "number", unit: "text" },
  string: { minLength: "count", maxLength: "count", pattern: "pattern" },
  boolean: {},
  category: { values: "values" },
  timestamp: { min: "moment", max: "moment" },
  date: { min: "day", max: "day" },
  list: { of: "field", minItems: "count", maxItems: "count" },
  object: { fields: "fields" },
};

const everyField: readonly string[] = ["kind", "presence", "nullable", "default", "description"];
const boundPairs = [
  ["min", "max"],
  ["minLength", "maxLength"],
  ["minItems", "maxItems"],
] as const;
const maxDepth = 16;

/** `path` is the field's own JSON Pointer in the definition. */
export function checkFieldSpec(spec: FieldSpec, path: string, depth = 0): Issue[] {
  if (typeof spec !== "object" || spec === null || !Object.hasOwn(fieldOptions, spec.kind)) {
    return [invalid(path, "This is no field; make one with a builder, such as `number()` or `integer({ min: 1 })`.")];
  }
  const options: Readonly<Record<string, OptionType>> = fieldOptions[spec.kind];
  if (depth > maxDepth) return [invalid(path, `Fields are nested more than ${maxDepth} deep.`)];
  const issues: Issue[] = [];
  const values = spec as unknown as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(values)) {
    if (everyField.includes(name) || Object.hasOwn(options, name)) continue;
    const hint = didYouMean(name, [...Object.keys(options), "description", "default"]);
    issues.push({
      path: path + jsonPointer(name),
      code: "unknown_option",
      message: `A ${spec.kind} has no option ${JSON.stringify(name)}${hint}.`,
    });
  }
  if (spec.description !== undefined && typeof spec.description !== "string") {
    issues.push(invalid(`${path}/description`, "description must be a string."));
  }
  for (const [name, type] of Object.entries(options)) {
    if (values[name] === undefined) continue;
    issues.push(...checkOption({ name, type, value: values[name], path: path + jsonPointer(name), depth }));
  }
  if (issues.length === 0) issues.push(...checkBounds(spec, path), ...checkDefault(spec, path));
  return issues;
}

interface Option {
  readonly name: string;
  readonly type: OptionType;
  readonly value: unknown;
  readonly path: string;
  readonly depth: number;
}

function checkOption({ name, type, value, path, depth }: Option): Issue[] {
  switch (type) {
    case "number":
      return Number.isFinite(value) ? [] : [invalid(path, `${name} must be a finite number.`)];
    case "count":
      return Number.isSafeInteger(value) && (value as number) >= 0
        ? []
        : [invalid(path, `${name} must be a whole number, 0 or more.`)];
    case "text":
      return typeof value === "string" ? [] : [invalid(path, `${name} must be a string.`)];
    case "moment":
      return typeof value === "string" && parseMoment(value) !== undefined
        ? []
        : [invalid(path, `${name} must be an RFC 3339 timestamp with a zone.`)];
    case "day":
      return typeof value === "string" && isDayText(value)
        ? []
        : [invalid(path, `${name} must be a date, YYYY-MM-DD.`)];
    case "pattern":
      return isPattern(value) ? [] : [invalid(path, "pattern must be a regular expression that JavaScript knows.")];
    case "values":
      return checkCategories(value, path);
    case "field":
      return checkFieldSpec(value as FieldSpec, path, depth + 1);
    case "fields":
      return Object.entries(value as Readonly<Record<string, FieldSpec>>).flatMap(([inner, spec]) => [
        ...checkFieldName(inner, path),
        ...checkFieldSpec(spec, path + jsonPointer(inner), depth + 1),
      ]);
  }
}

/** Field names are any text but the empty one and `__proto__`, which no plain object can hold as a key of its own. */
export function checkFieldName(name: string, path: string): Issue[] {
  if (name !== "" && name !== "__proto__" && name.isWellFormed()) return [];
  return [invalid(path + jsonPointer(name), "A field needs a name, and it cannot be __proto__.")];
}

function checkCategories(values: unknown, path: string): Issue[] {
  if (!Array.isArray(values) || values.length === 0) return [invalid(path, "A category needs a list of its values.")];
  const type = typeof values[0];
  const simple = type === "string" || type === "boolean" || type === "number";
  if (!simple || values.some((value) => typeof value !== type || (type === "number" && !Number.isFinite(value)))) {
    return [invalid(path, "The values of a category must be all strings, all numbers or all booleans.")];
  }
  return new Set(values).size === values.length ? [] : [invalid(path, "A category names a value twice.")];
}

function checkBounds(spec: FieldSpec, path: string): Issue[] {
  const values = spec as unknown as Readonly<Record<string, number | string | undefined>>;
  const comparable = (bound: number | string): number | string =>
    spec.kind === "timestamp" ? Number(parseMoment(String(bound))) : bound;
  return boundPairs.flatMap(([low, high]) => {
    const min = values[low];
    const max = values[high];
    if (min === undefined || max === undefined || comparable(min) <= comparable(max)) return [];
    return [invalid(path + jsonPointer(low), `${low} is larger than ${high}.`)];
  });
}

function checkDefault(spec: FieldSpec, path: string): Issue[] {
  if (spec.presence !== "default") return [];
  const notes: RowNotes = { issues: [], warnings: new Map() };
  if (spec.default === undefined) return [invalid(`${path}/default`, "The default is undefined.")];
  if (compileValue(spec, "reject")(spec.default, notes, `${path}/default`) !== refused) return [];
  return notes.issues.map(({ path: at, message }) => invalid(at, `The default does not fit its own field: ${message}`));
}

function isPattern(value: unknown): boolean {
  if (typeof value !== "string") return false;
  try {
    return new RegExp(value, "u") instanceof RegExp;
  } catch {
    return false;
  }
}

function invalid(path: string, message: string): Issue {
  return { path, code: "invalid_option", message };
}
