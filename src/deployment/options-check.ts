// Checking what a user wrote, by a table of shapes: unknown keys with "did you mean", wrong types, all issues at once.
import { didYouMean } from "../base/did-you-mean.ts";
import type { Issue } from "../base/errors.ts";
import { typeOfValue } from "../data/field-issue.ts";
import { jsonPointer } from "../data/json-pointer.ts";

export type Shape =
  | "text"
  | "texts"
  | "text record"
  | "count"
  | "port"
  | "share"
  | "switch"
  | "not negative"
  | "function"
  | "object"
  | "array"
  | "any";

const expectations: { readonly [Each in Shape]: string } = {
  text: "a string that is not empty",
  texts: "a list of strings",
  "text record": "names with strings",
  count: "a whole number, 1 or more",
  port: "a port, 0 to 65535",
  share: "a number from 0 to 1",
  switch: "true or false",
  "not negative": "a number, 0 or more",
  function: "a function",
  object: "an object",
  array: "a list",
  any: "",
};

const tests: { readonly [Each in Shape]: (value: unknown) => boolean } = {
  text: (value) => typeof value === "string" && value !== "",
  texts: (value) => Array.isArray(value) && value.every((item) => typeof item === "string" && item !== ""),
  "text record": (value) => isRecord(value) && Object.values(value).every((item) => typeof item === "string"),
  count: (value) => Number.isSafeInteger(value) && (value as number) >= 1,
  port: (value) => Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= 65535,
  share: (value) => typeof value === "number" && value >= 0 && value <= 1,
  switch: (value) => typeof value === "boolean",
  "not negative": (value) => typeof value === "number" && value >= 0 && value < Number.POSITIVE_INFINITY,
  function: (value) => typeof value === "function",
  object: isRecord,
  array: (value) => Array.isArray(value),
  any: () => true,
};

/** Checks the keys of an object; `undefined` stands for "not given". */
export function checkShape(
  value: unknown,
  shapes: Readonly<Record<string, Shape>>,
  at: { readonly path: string; readonly what: string },
): Issue[] {
  if (!isRecord(value)) return [invalidOption(at.path, `${at.what} must be an object; ${typeOfValue(value)} came.`)];
  return Object.entries(value).flatMap(([name, inner]): Issue[] => {
    const path = at.path + jsonPointer(name);
    if (!Object.hasOwn(shapes, name)) {
      const hint = didYouMean(name, Object.keys(shapes));
      const message = `${at.what} has no option ${JSON.stringify(name)}${hint}.`;
      return [{ path, code: "unknown_option", message }];
    }
    const shape = shapes[name]!;
    if (inner === undefined || tests[shape](inner)) return [];
    return [invalidOption(path, `${name} must be ${expectations[shape]}; ${typeOfValue(inner)} came.`)];
  });
}

export function invalidOption(path: string, message: string): Issue {
  return { path, code: "invalid_option", message };
}

export function notYet(path: string, message: string): Issue {
  return { path, code: "not_yet", message };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
