// Typed access to a tree of JSON values, whether it was read from JSON or from UBJSON. Every error names the path inside the file.
import { type TrimaranError, trimaranError } from "../../base/errors.ts";

/** UBJSON's typed arrays stay typed. */
export type NumberArray = Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

export type JsonValue = null | boolean | number | string | NumberArray | readonly JsonValue[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: JsonValue;
}

export interface Located {
  readonly value: JsonValue | undefined;
  readonly path: string;
}

export function jsonError(path: string, problem: string): TrimaranError {
  return trimaranError("MODEL_ATTRIBUTE", { path, problem });
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

/** The member of an object, which may be absent. @throws MODEL_ATTRIBUTE when it is no object */
export function memberOf({ value, path }: Located, key: string): Located {
  if (!isObject(value)) throw jsonError(path, "an object was expected");
  return { value: Object.hasOwn(value, key) ? value[key] : undefined, path: path === "" ? key : `${path}.${key}` };
}

export function hasMember({ value }: Located, key: string): boolean {
  return isObject(value) && Object.hasOwn(value, key);
}

export function entriesOf({ value, path }: Located): readonly (readonly [string, JsonValue])[] {
  if (!isObject(value)) throw jsonError(path, "an object was expected");
  return Object.entries(value);
}

export function itemsOf({ value, path }: Located): readonly Located[] {
  if (!Array.isArray(value)) {
    // An empty array may have been written with a type.
    if (ArrayBuffer.isView(value) && value.byteLength === 0) return [];
    throw jsonError(path, "an array was expected");
  }
  return value.map((item: JsonValue, index) => ({ value: item, path: `${path}[${index}]` }));
}

export function textOf({ value, path }: Located): string {
  if (typeof value !== "string") throw jsonError(path, "a string was expected");
  return value;
}

export function textsOf(at: Located): readonly string[] {
  return itemsOf(at).map(textOf);
}

/** A number, which XGBoost's parameters hold as text. */
export function numberOf({ value, path }: Located): number {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number !== "number" || Number.isNaN(number)) throw jsonError(path, "a number was expected");
  return number;
}

export function countOf(at: Located, most: number): number {
  const number = numberOf(at);
  if (!Number.isInteger(number) || number < 0 || number > most) {
    throw jsonError(at.path, `a whole number up to ${most} was expected`);
  }
  return number;
}

/** An array of numbers; null is NaN, true and false are 1 and 0. `length`: how many there must be. */
export function numbersOf({ value, path }: Located, length?: number): Float64Array {
  const numbers = toNumbers(value, path);
  if (length !== undefined && numbers.length !== length) {
    throw jsonError(path, `${length} numbers were expected, not ${numbers.length}`);
  }
  return numbers;
}

function toNumbers(value: JsonValue | undefined, path: string): Float64Array {
  if (ArrayBuffer.isView(value)) return Float64Array.from(value as NumberArray);
  if (!Array.isArray(value)) throw jsonError(path, "an array of numbers was expected");
  const numbers = new Float64Array(value.length);
  for (const [index, item] of value.entries()) {
    if (typeof item === "number" || typeof item === "boolean") numbers[index] = Number(item);
    else if (item === null) numbers[index] = Number.NaN;
    else throw jsonError(`${path}[${index}]`, "a number was expected");
  }
  return numbers;
}

/** An array of whole numbers of 32 bits; XGBoost writes 2^31 - 1 and -1 for "none". */
export function integersOf(at: Located, length?: number): Int32Array {
  const numbers = numbersOf(at, length);
  const integers = Int32Array.from(numbers);
  for (const [index, number] of numbers.entries()) {
    if (integers[index] !== number) throw jsonError(`${at.path}[${index}]`, "a whole number of 32 bits was expected");
  }
  return integers;
}
