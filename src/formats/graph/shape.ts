// What a value from a file must look like before it is taken for what its place promises. Each check throws graphError with
// the path of what is wrong; whether numbers fit together is the graph's own check.
import { graphError } from "../../model/op-definition.ts";

export type Shape = (value: unknown, path: string) => void;
/** A check for every member of a record, so that a new member does not compile until it has one. */
export type Members<Value> = { readonly [Key in keyof Value]-?: Shape };

export const text: Shape = typed((value) => typeof value === "string", "a text");
export const flag: Shape = typed((value) => typeof value === "boolean", "true or false");
export const number: Shape = typed((value) => typeof value === "number", "a number");
export const count: Shape = typed(
  (value) => typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 2 ** 31,
  "a count",
);
export const f64: Shape = typed((value) => value instanceof Float64Array, "doubles");
export const i32: Shape = typed((value) => value instanceof Int32Array, "integers");
export const u32: Shape = typed((value) => value instanceof Uint32Array, "words");
export const u8: Shape = typed((value) => value instanceof Uint8Array, "bytes");

export function oneOf(...choices: readonly unknown[]): Shape {
  return typed((value) => choices.includes(value), `one of ${choices.join(", ")}`);
}

/** Every word of a union: a new one does not compile until it stands here too. */
export function words<Union extends string>(all: { readonly [Word in Union]: true }): Shape {
  return oneOf(...Object.keys(all));
}

export function orNull(shape: Shape): Shape {
  return (value, path) => {
    if (value !== null) shape(value, path);
  };
}

export function optional(shape: Shape): Shape {
  return (value, path) => {
    if (value !== undefined) shape(value, path);
  };
}

export function either(isFirst: (value: unknown) => boolean, first: Shape, second: Shape): Shape {
  return (value, path) => (isFirst(value) ? first : second)(value, path);
}

export function listOf(shape: Shape): Shape {
  return (value, path) => {
    if (!Array.isArray(value)) throw graphError(`${path} is not a list`);
    for (let at = 0; at < value.length; at++) shape(value[at], path);
  };
}

export function record(members: Readonly<Record<string, Shape>>): Shape {
  const known = new Set(Object.keys(members));
  return (value, path) => {
    if (!isRecord(value)) throw graphError(`${path} is not a record`);
    const extra = Object.keys(value).find((key) => !known.has(key));
    if (extra !== undefined) throw graphError(`${path} has a member that is not known`);
    for (const [key, shape] of Object.entries(members)) shape(value[key], `${path}.${key}`);
  };
}

/** A union of records, told apart by the member `key`. */
export function byMember(key: string, cases: Readonly<Record<string, Shape>>): Shape {
  return (value, path) => {
    const name = isRecord(value) ? value[key] : undefined;
    if (typeof name !== "string" || !Object.hasOwn(cases, name)) throw graphError(`${path}.${key} is not known`);
    cases[name]?.(value, path);
  };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !ArrayBuffer.isView(value) &&
    !(value instanceof Map)
  );
}

function typed(is: (value: unknown) => boolean, what: string): Shape {
  return (value, path) => {
    if (!is(value)) throw graphError(`${path} is not ${what}`);
  };
}
