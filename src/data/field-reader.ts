// Compiles a field's data to a function that reads one value. The good path of each kind is one comparison chain; every
// way out of it goes through a helper that finds the exact reason, so that reasons cost nothing until they are needed.
import { type FieldIssueCode, refuse, refused, typeOfValue } from "./field-issue.ts";
import type {
  CategorySpec,
  DateSpec,
  FieldSpec,
  IntegerSpec,
  ListSpec,
  NumberSpec,
  StringSpec,
  TimestampSpec,
} from "./field-spec.ts";
import { isDayText, parseMoment } from "./field-time.ts";
import type { RowNotes } from "./schema-row.ts";

/** Reads a value that is there (it may be null). Gives `refused` after adding an issue at `path`. */
export type FieldReader = (value: unknown, notes: RowNotes, path: string) => unknown;

/** Names the field in sentences: `trip_distance`, `An item of tags`. */
export type FieldLabel = string;

/** Objects hold fields, fields hold objects: the reader of objects is handed in, so that the modules do not import one another. */
export type CompileObject = (spec: Extract<FieldSpec, { kind: "object" }>, label: FieldLabel) => FieldReader;

export function compileField(spec: FieldSpec, label: FieldLabel, compileObject: CompileObject): FieldReader {
  const read = compileKind(spec, label, compileObject);
  if (!spec.nullable) return read;
  return (value, notes, path) => (value === null ? null : read(value, notes, path));
}

function compileKind(spec: FieldSpec, label: FieldLabel, compileObject: CompileObject): FieldReader {
  switch (spec.kind) {
    case "number":
      return numberReader(spec, label);
    case "integer":
      return integerReader(spec, label);
    case "string":
      return stringReader(spec, label);
    case "boolean":
      return (value, notes, path) =>
        typeof value === "boolean" ? value : wrongType({ notes, path, label }, "true or false", value);
    case "category":
      return categoryReader(spec, label);
    case "timestamp":
      return timestampReader(spec, label);
    case "date":
      return dateReader(spec, label);
    case "list":
      return listReader(spec, label, compileObject);
    case "object":
      return compileObject(spec, label);
  }
}

function numberReader(spec: NumberSpec, label: FieldLabel): FieldReader {
  // The finite bounds also keep NaN and the infinities off the good path.
  const min = spec.min ?? -Number.MAX_VALUE;
  const max = spec.max ?? Number.MAX_VALUE;
  return function read(value, notes, path): unknown {
    if (typeof value === "number" && value >= min && value <= max) return value;
    const at = { notes, path, label };
    if (typeof value === "bigint") {
      const close = Number(value);
      return BigInt(close) === value ? read(close, notes, path) : inexact(at);
    }
    if (typeof value !== "number") return wrongType(at, "a number", value);
    if (!Number.isFinite(value)) return problem(at, "not_finite", "must be a finite number");
    return outOfRange(at, spec);
  };
}

function integerReader(spec: IntegerSpec, label: FieldLabel): FieldReader {
  const min = Math.max(spec.min ?? Number.MIN_SAFE_INTEGER, Number.MIN_SAFE_INTEGER);
  const max = Math.min(spec.max ?? Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  return function read(value, notes, path): unknown {
    if (typeof value === "number" && value >= min && value <= max && Math.floor(value) === value) return value;
    const at = { notes, path, label };
    if (typeof value === "bigint") {
      const safe = value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
      return safe ? read(Number(value), notes, path) : inexact(at);
    }
    if (typeof value !== "number") return wrongType(at, "a whole number", value);
    if (!Number.isFinite(value)) return problem(at, "not_finite", "must be a finite whole number");
    if (!Number.isInteger(value)) {
      return problem(at, "not_whole", "must be a whole number; a number with a fraction came");
    }
    return Number.isSafeInteger(value) ? outOfRange(at, spec) : inexact(at);
  };
}

function stringReader(spec: StringSpec, label: FieldLabel): FieldReader {
  const minLength = spec.minLength ?? 0;
  const maxLength = spec.maxLength ?? Number.POSITIVE_INFINITY;
  const pattern = spec.pattern === undefined ? null : new RegExp(spec.pattern, "u");
  return (value, notes, path) => {
    // UTF-16 units are never fewer than characters, and never more than twice as many.
    if (
      typeof value === "string" &&
      value.length <= maxLength &&
      (minLength === 0 || value.length >= minLength * 2) &&
      value.isWellFormed() &&
      (pattern === null || pattern.test(value))
    ) {
      return value;
    }
    const at = { notes, path, label };
    if (typeof value !== "string") return wrongType(at, "a string", value);
    if (!value.isWellFormed()) return badText(at);
    const length = characterCount(value);
    if (length > maxLength) return problem(at, "too_long", `must be at most ${maxLength} characters long`);
    if (length < minLength) return problem(at, "too_short", `must be at least ${minLength} characters long`);
    if (pattern === null || pattern.test(value)) return value;
    return problem(at, "bad_format", `must match the pattern ${spec.pattern}`);
  };
}

function categoryReader(spec: CategorySpec, label: FieldLabel): FieldReader {
  const known = new Set<unknown>(spec.values);
  const type = typeof spec.values[0];
  const list = shownCategories(spec);
  return (value, notes, path) => {
    if (known.has(value)) return value;
    const at = { notes, path, label };
    if (typeof value !== type) return wrongType(at, list, value);
    return problem(at, "not_allowed", `must be ${list}`);
  };
}

function timestampReader(spec: TimestampSpec, label: FieldLabel): FieldReader {
  const min = spec.min === undefined ? Number.NEGATIVE_INFINITY : Number(parseMoment(spec.min));
  const max = spec.max === undefined ? Number.POSITIVE_INFINITY : Number(parseMoment(spec.max));
  return (value, notes, path) => {
    const at = { notes, path, label };
    // A Date never comes from JSON; code and columns of files bring it.
    if (typeof value !== "string" && !(value instanceof Date)) {
      return wrongType(at, "an RFC 3339 timestamp as a string", value);
    }
    const moment = typeof value === "string" ? parseMoment(value) : value;
    if (moment === undefined || Number.isNaN(moment.getTime())) {
      return problem(at, "bad_format", "must be an RFC 3339 timestamp with a zone, such as 2021-03-01T08:30:00Z");
    }
    if (moment.getTime() < min || moment.getTime() > max) return outOfRange(at, spec);
    return moment;
  };
}

function dateReader(spec: DateSpec, label: FieldLabel): FieldReader {
  return (value, notes, path) => {
    const at = { notes, path, label };
    if (typeof value !== "string") return wrongType(at, "a date as a string", value);
    if (!isDayText(value)) return problem(at, "bad_format", "must be a date of the calendar, YYYY-MM-DD");
    // Texts of this form sort as the days do.
    if ((spec.min !== undefined && value < spec.min) || (spec.max !== undefined && value > spec.max)) {
      return outOfRange(at, spec);
    }
    return value;
  };
}

function listReader(spec: ListSpec, label: FieldLabel, compileObject: CompileObject): FieldReader {
  const readItem = compileField(spec.of, `an item of ${label}`, compileObject);
  const minItems = spec.minItems ?? 0;
  const maxItems = spec.maxItems ?? Number.POSITIVE_INFINITY;
  return (value, notes, path) => {
    const at = { notes, path, label };
    if (!Array.isArray(value)) return wrongType(at, "an array", value);
    if (value.length > maxItems) return problem(at, "too_many_items", `must hold at most ${maxItems} items`);
    if (value.length < minItems) return problem(at, "too_few_items", `must hold at least ${minItems} items`);
    const items: unknown[] = [];
    let sound = true;
    for (let index = 0; index < value.length; index++) {
      const item = readItem(value[index], notes, `${path}/${index}`);
      if (item === refused) sound = false;
      else items.push(item);
    }
    return sound ? items : refused;
  };
}

interface Place {
  readonly notes: RowNotes;
  readonly path: string;
  readonly label: FieldLabel;
}

function problem({ notes, path, label }: Place, code: FieldIssueCode, sentence: string): typeof refused {
  return refuse(notes, { path, code, message: `${label} ${sentence}.` });
}

export function wrongType(at: Place, expected: string, value: unknown): typeof refused {
  return problem(at, "wrong_type", `must be ${expected}; ${typeOfValue(value)} came`);
}

function inexact(at: Place): typeof refused {
  return problem(at, "not_exact", "must lie within ±(2^53 − 1); beyond it a whole number would not stay exact");
}

function badText(at: Place): typeof refused {
  return problem(at, "bad_text", "must be sound Unicode text; half of a surrogate pair came");
}

interface Bounds {
  readonly min?: number | string;
  readonly max?: number | string;
}

function outOfRange(at: Place, spec: Bounds): typeof refused {
  return problem(at, "out_of_range", `must be ${rangeOf(spec)}`);
}

/** Empty without bounds. */
function rangeOf({ min, max }: Bounds): string {
  if (min === undefined) return max === undefined ? "" : `at most ${max}`;
  return max === undefined ? `at least ${min}` : `from ${min} to ${max}`;
}

function ranged(kind: string, bounds: Bounds): string {
  const range = rangeOf(bounds);
  return range === "" ? kind : `${kind} ${range.startsWith("at") ? "of " : ""}${range}`;
}

const maxShownCategories = 12;

function shownCategories(spec: CategorySpec): string {
  const shown = spec.values.slice(0, maxShownCategories).map((value) => JSON.stringify(value));
  const more = spec.values.length - shown.length;
  return `one of ${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** `a whole number from 1 to 265`. */
export function describeExpected(spec: FieldSpec): string {
  switch (spec.kind) {
    case "number":
      return ranged("a number", spec);
    case "integer":
      return ranged("a whole number", spec);
    case "string":
      return "a string";
    case "boolean":
      return "true or false";
    case "category":
      return shownCategories(spec);
    case "timestamp":
      return ranged("an RFC 3339 timestamp", spec);
    case "date":
      return ranged("a date", spec);
    case "list":
      return "an array";
    case "object":
      return "an object";
  }
}

function characterCount(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
