// The builders of fields: `number`, `integer`, `string`, `boolean`, `category`, `timestamp`, `date`, `list`, `object`. They only
// write down what they are given; `checkFieldSpec` judges it when a definition is resolved, or at the first use on its own.
import { trimaranError } from "../base/errors.ts";
import { compileValue } from "./compile-row.ts";
import type { AnyField, Field, Infer, InferInput, InputOf, OutputOf, Schema } from "./field.ts";
import { checkFieldSpec } from "./field-check.ts";
import { refused } from "./field-issue.ts";
import type { FieldReader } from "./field-reader.ts";
import type { CategoryValue, FieldSpec, Presence } from "./field-spec.ts";
import type { RowNotes } from "./schema-row.ts";
import type { StandardProps, StandardResult } from "./schema-standard.ts";

interface Described {
  readonly description?: string;
}

export interface NumberOptions extends Described {
  /** Inclusive. */
  readonly min?: number;
  /** Inclusive. */
  readonly max?: number;
  /** Shown to people (`mile`, `minute`); never converted. */
  readonly unit?: string;
}

export interface StringOptions extends Described {
  /** In Unicode characters. */
  readonly minLength?: number;
  /** In Unicode characters. */
  readonly maxLength?: number;
  /** Unanchored, as in JSON Schema; of a RegExp only the source counts, read with the flag `u`. */
  readonly pattern?: string | RegExp;
}

/** Bounds are inclusive and written as the value itself is. */
export interface TimeOptions extends Described {
  readonly min?: string;
  readonly max?: string;
}

export interface ListOptions extends Described {
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** Any finite number; a string is never taken for one. */
export function number(options: NumberOptions = {}): Field<number, number, "required"> {
  return makeField({ ...options, kind: "number", presence: "required", nullable: false });
}

/** A whole number within ±(2^53 − 1); `3.0` is one. */
export function integer(options: NumberOptions = {}): Field<number, number, "required"> {
  return makeField({ ...options, kind: "integer", presence: "required", nullable: false });
}

export function string(options: StringOptions = {}): Field<string, string, "required"> {
  const { pattern, ...rest } = options;
  const source = pattern instanceof RegExp ? { pattern: pattern.source } : pattern === undefined ? {} : { pattern };
  return makeField({ ...rest, ...source, kind: "string", presence: "required", nullable: false });
}

export function boolean(options: Described = {}): Field<boolean, boolean, "required"> {
  return makeField({ ...options, kind: "boolean", presence: "required", nullable: false });
}

/** One of the values, which are all strings, all numbers or all booleans; `"1"` is not `1`. */
export function category<const Value extends CategoryValue>(
  values: readonly Value[],
  options: Described = {},
): Field<Value, Value, "required"> {
  return makeField({ ...options, kind: "category", values, presence: "required", nullable: false });
}

/** RFC 3339 text with a zone; a `Date` in the row, exact to the millisecond. */
export function timestamp(options: TimeOptions = {}): Field<Date, string | Date, "required"> {
  return makeField({ ...options, kind: "timestamp", presence: "required", nullable: false });
}

/** A day, `YYYY-MM-DD`; the same text in the row, because a day is no instant. */
export function date(options: TimeOptions = {}): Field<string, string, "required"> {
  return makeField({ ...options, kind: "date", presence: "required", nullable: false });
}

/** An array. Items are there or they are not: `optional` and `default` of the item's field have no effect. */
export function list<Item extends AnyField>(
  of: Item,
  options: ListOptions = {},
): Field<readonly OutputOf<Item>[], readonly InputOf<Item>[], "required"> {
  return makeField({ ...options, kind: "list", of: of.spec, presence: "required", nullable: false });
}

export function object<Fields extends Schema>(
  fields: Fields,
  options: Described = {},
): Field<Infer<Fields>, InferInput<Fields>, "required"> {
  const specs = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.spec]));
  return makeField({ ...options, kind: "object", fields: specs, presence: "required", nullable: false });
}

/** The field of some data; the types are the caller's word. */
export function makeField<Output, Input, Has extends Presence>(spec: FieldSpec): Field<Output, Input, Has> {
  const frozen = deepFreeze(spec);
  const field: Field<Output, Input, Has> = {
    spec: frozen,
    presence: frozen.presence as Has,
    "~standard": standardProps<Input, Output>(frozen),
    optional: () => makeField({ ...frozen, presence: frozen.presence === "default" ? "default" : "optional" }),
    nullable: () => makeField({ ...frozen, nullable: true }),
    default: (value) => makeField({ ...frozen, presence: "default", default: value }),
  };
  return Object.freeze(field);
}

export function isField(value: unknown): value is AnyField {
  if (typeof value !== "object" || value === null) return false;
  const { spec, presence } = value as Partial<AnyField>;
  return typeof spec === "object" && spec !== null && "kind" in spec && spec.presence === presence;
}

/** Unknown names inside of objects are refused: a library that asks through Standard Schema has no place for warnings. */
function standardProps<Input, Output>(spec: FieldSpec): StandardProps<Input, Output> {
  let read: FieldReader | undefined;
  const validate = (value: unknown): StandardResult<Output> => {
    if (read === undefined) {
      const problems = checkFieldSpec(spec, "");
      if (problems.length > 0) {
        const problem = problems[0]?.message ?? "";
        throw trimaranError("FIELD_INVALID", { kind: spec.kind, problem }, { issues: problems });
      }
      read = compileValue(spec, "reject");
    }
    const notes: RowNotes = { issues: [], warnings: new Map() };
    if (value === undefined && spec.presence === "optional") return { value: undefined as Output };
    const result = read(value === undefined && spec.presence === "default" ? spec.default : value, notes, "");
    if (result !== refused) return { value: result as Output };
    return { issues: notes.issues.map(({ message, path }) => ({ message, path: pointerSteps(path) })) };
  };
  return Object.freeze({ version: 1, vendor: "trimaran", validate });
}

function pointerSteps(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** Copies plain data and freezes the copy; a default that is a Date or another living thing is left as it is. */
function deepFreeze<Value>(value: Value): Value {
  if (Array.isArray(value)) return Object.freeze(value.map(deepFreeze)) as Value;
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, deepFreeze(inner)]);
  return Object.freeze(Object.fromEntries(entries)) as Value;
}
