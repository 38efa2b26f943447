// Typed access to the attributes of one inert object. Every error names the path inside the file: `steps[1].coef_`.
import { type TrimaranError, trimaranError } from "../../base/errors.ts";
import { isArray, type NdArray, readArray } from "../numpy/ndarray.ts";
import { readScalar } from "../numpy/scalar.ts";
import { describeValue, dictGet, isNode, type PyDict, type PyObject, type PyValue } from "../pickle/tree.ts";
import { assumedVersion, isSince, parseVersion, type SklearnVersion } from "./version.ts";

export interface Instance {
  /** `module.Class` as the file names it. */
  readonly className: string;
  /** Where it stands in the file; `""` is the root. */
  readonly path: string;
  readonly version: SklearnVersion;
  readonly object: PyObject;
  readonly attributes: PyDict;
}

export const emptyDict: PyDict = { kind: "dict", keys: [], values: [] };

/** The attributes that BUILD put into an object, or undefined where it is no instance of a class. */
export function instanceOf(value: PyValue | undefined, path: string, owner: Instance | null): Instance | undefined {
  if (!isNode(value) || value.kind !== "object") return undefined;
  const attributes = attributesOf(value);
  const written = dictGet(attributes, "_sklearn_version");
  const version = (typeof written === "string" ? parseVersion(written) : null) ?? owner?.version ?? assumedVersion;
  return { className: `${value.callee.module}.${value.callee.name}`, path, version, object: value, attributes };
}

/** `__dict__`: the state itself, or the first half of (dict, slots). */
function attributesOf(object: PyObject): PyDict {
  const state = object.states.at(-1);
  if (isNode(state) && state.kind === "dict") return state;
  if (isNode(state) && state.kind === "tuple" && state.items.length === 2) {
    const [dict] = state.items;
    if (isNode(dict) && dict.kind === "dict") return dict;
  }
  return emptyDict;
}

export function wrote(self: Instance, major: number, minor: number): boolean {
  return isSince(self.version, major, minor);
}

export function pathOf(self: Instance, attribute: string): string {
  return self.path === "" ? attribute : `${self.path}.${attribute}`;
}

export function attribute(self: Instance, name: string): PyValue | undefined {
  return dictGet(self.attributes, name);
}

/** Present and not None. */
export function has(self: Instance, name: string): boolean {
  const value = attribute(self, name);
  return value !== undefined && value !== null;
}

/** The first of several names that the object has (attributes were renamed over the years). */
export function firstOf(self: Instance, names: readonly string[]): string {
  for (const name of names) if (has(self, name)) return name;
  return names[0] ?? "";
}

export function attributeError(self: Instance, name: string, problem: string): TrimaranError {
  return trimaranError("MODEL_ATTRIBUTE", { path: pathOf(self, name), problem });
}

/** Reads an int, a float or a numpy scalar, also one in an array of a single number. @throws MODEL_ATTRIBUTE */
export function numberOf(self: Instance, name: string, absent?: number): number {
  const value = attribute(self, name);
  if (value === undefined && absent !== undefined) return absent;
  const scalar = scalarOf(value);
  if (typeof scalar === "number" || typeof scalar === "bigint") return Number(scalar);
  throw attributeError(self, name, `a number was expected, not ${describeValue(value)}`);
}

export function integerOf(self: Instance, name: string, absent?: number): number {
  const value = numberOf(self, name, absent);
  if (!Number.isSafeInteger(value)) throw attributeError(self, name, "a whole number was expected");
  return value;
}

export function stringOf(self: Instance, name: string, absent?: string): string {
  const value = attribute(self, name);
  if (value === undefined && absent !== undefined) return absent;
  const scalar = scalarOf(value);
  if (typeof scalar === "string") return scalar;
  throw attributeError(self, name, `a string was expected, not ${describeValue(value)}`);
}

export function booleanOf(self: Instance, name: string, absent?: boolean): boolean {
  const value = attribute(self, name);
  if (value === undefined && absent !== undefined) return absent;
  const scalar = scalarOf(value);
  if (typeof scalar === "boolean") return scalar;
  if (scalar === 0 || scalar === 1) return scalar === 1;
  throw attributeError(self, name, `a bool was expected, not ${describeValue(value)}`);
}

/** The items of a list or a tuple. @throws MODEL_ATTRIBUTE */
export function itemsOf(self: Instance, name: string): readonly PyValue[] {
  const value = attribute(self, name);
  if (isNode(value) && (value.kind === "list" || value.kind === "tuple")) return value.items;
  if (isArray(value)) {
    const array = readArray(value, pathOf(self, name));
    if (array.objects !== null) return array.objects;
  }
  throw attributeError(self, name, `a list was expected, not ${describeValue(value)}`);
}

/** An ndarray. @throws MODEL_ATTRIBUTE */
export function arrayOf(self: Instance, name: string): NdArray {
  const value = attribute(self, name);
  if (!isArray(value)) throw attributeError(self, name, `an array was expected, not ${describeValue(value)}`);
  return readArray(value, pathOf(self, name));
}

/** The plain value of a Python scalar or a numpy scalar; undefined for anything else. */
export function scalarOf(value: PyValue | undefined): string | number | bigint | boolean | null | undefined {
  if (!isNode(value)) return value;
  if (value.kind === "float") return value.value;
  return readScalar(value);
}
