// A vectorizer's dictionary, split so that a record's key and value are looked up without joining them.

import type { FeatureRow } from "../data/batch.ts";
import { jsonPointer } from "../data/json-pointer.ts";
import type { VectorizeOp } from "../model/ops/vectorize.ts";
import type { Frame } from "./frame.ts";

export interface Dictionary {
  /** Column of the bare key. */
  readonly numbers: ReadonlyMap<string, number>;
  /** By key: column of `key<separator>value`, by value. */
  readonly categories: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/**
 * A name holds as many (key, value) readings as separators: `a=b=c` is both `a` → `b=c` and `a=b` → `c`. All of them
 * are entered, as every one of them would join to the same name.
 */
export function buildDictionary({ names, separator }: VectorizeOp): Dictionary {
  const numbers = new Map<string, number>();
  const categories = new Map<string, Map<string, number>>();
  for (let column = 0; column < names.length; column++) {
    const name = names[column] as string;
    numbers.set(name, column);
    for (let at = name.indexOf(separator); at >= 0; at = name.indexOf(separator, at + 1)) {
      const key = name.slice(0, at);
      let values = categories.get(key);
      if (values === undefined) {
        values = new Map();
        categories.set(key, values);
      }
      values.set(name.slice(at + separator.length), column);
      if (separator === "" && at >= name.length) break;
    }
  }
  return { numbers, categories };
}

/** Columns and values of one row, ascending by column; grows as needed and is used again for the next row. */
export interface SparseRow {
  columns: Int32Array;
  values: Float64Array;
  length: number;
}

export function sparseRow(capacity: number): SparseRow {
  return { columns: new Int32Array(capacity), values: new Float64Array(capacity), length: 0 };
}

/** Where a record came from, for what is refused or warned of. */
export interface RecordContext {
  readonly frame: Frame;
  readonly lists: VectorizeOp["lists"];
}

/** Fills `out` with the columns of one record, in column order; equal columns keep the record's order. */
export function readRecord(
  dictionary: Dictionary,
  record: FeatureRow,
  at: { row: number; out: SparseRow; context: RecordContext },
): void {
  const { out, context } = at;
  out.length = 0;
  for (const key in record) {
    const value = record[key];
    if (typeof value === "string") {
      addCategory(out, { key, value, dictionary, context });
    } else if (typeof value === "number") {
      addNumber(out, { key, value, dictionary, context });
    } else if (value === null || value === undefined) {
      addNumber(out, { key, value: Number.NaN, dictionary, context });
    } else if (typeof value === "boolean" || typeof value === "bigint") {
      addNumber(out, { key, value: Number(value), dictionary, context });
    } else if (context.lists === "ignore" && !dictionary.numbers.has(key)) {
      context.frame.warn("unknown_feature", key);
    } else if (Array.isArray(value) && context.lists !== "ignore") {
      addList(out, { row: at.row, key, value, dictionary, context });
    } else {
      const what = Array.isArray(value) ? "an array" : `a value of type ${typeof value}`;
      refuseType(at.row, { key, what, context });
    }
  }
}

interface Member<Value> {
  readonly key: string;
  readonly value: Value;
  readonly dictionary: Dictionary;
  readonly context: RecordContext;
}

function addCategory(out: SparseRow, { key, value, dictionary, context }: Member<string>): void {
  const values = dictionary.categories.get(key);
  const column = values?.get(value);
  if (column !== undefined) insertEntry(out, column, 1);
  else context.frame.warn(values === undefined ? "unknown_feature" : "unseen_category", key);
}

function addNumber(out: SparseRow, { key, value, dictionary, context }: Member<number>): void {
  const column = dictionary.numbers.get(key);
  if (column === undefined) context.frame.warn("unknown_feature", key);
  else insertEntry(out, column, value);
}

function addList(out: SparseRow, member: Member<readonly unknown[]> & { row: number }): void {
  const { key, dictionary, context } = member;
  if (context.lists === "array") {
    if (!dictionary.numbers.has(key) && member.value.every(isPythonNumber)) {
      context.frame.warn("unknown_feature", key);
    } else refuseType(member.row, { key, what: "an array", context });
    return;
  }
  for (const item of member.value) {
    if (typeof item !== "string") {
      refuseType(member.row, { key, what: "an array that holds other things than strings", context });
      return;
    }
    addCategory(out, { key, value: item, dictionary, context });
  }
}

/** What Python's `float()` takes. */
function isPythonNumber(value: unknown): boolean {
  if (typeof value !== "string") return typeof value === "number" || typeof value === "boolean";
  return /^\s*[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d+(_\d+)*)?\s*$|^\s*[+-]?(inf(inity)?|nan)\s*$/i.test(
    value,
  );
}

function refuseType(row: number, { key, what, context }: { key: string; what: string; context: RecordContext }): void {
  context.frame.refuse(row, {
    path: jsonPointer(key),
    code: "wrong_type",
    message: `must be a string, a number, a boolean, null or an array of strings, not ${what}`,
  });
}

/** Keeps the columns in order. */
export function insertEntry(out: SparseRow, column: number, value: number): void {
  if (out.length === out.columns.length) grow(out);
  const { columns, values } = out;
  let at = out.length++;
  while (at > 0 && (columns[at - 1] as number) > column) {
    columns[at] = columns[at - 1] as number;
    values[at] = values[at - 1] as number;
    at--;
  }
  columns[at] = column;
  values[at] = value;
}

function grow(out: SparseRow): void {
  const capacity = Math.max(16, out.columns.length * 2);
  const columns = new Int32Array(capacity);
  const values = new Float64Array(capacity);
  columns.set(out.columns);
  values.set(out.values);
  out.columns = columns;
  out.values = values;
}
