// Feature rows → compressed sparse rows. Columns are numbered as they are met and put in order in the end, so that one pass
// over the rows is enough. Source of the naming: sklearn/feature_extraction/_dict_vectorizer.py.
import type { FeatureRow } from "../data/batch.ts";
import { jsonPointer } from "../data/json-pointer.ts";
import { typeName } from "../data/type-name.ts";
import { GrowingIntegers, GrowingNumbers } from "./growing-array.ts";
import type { SparseRows } from "./sparse-rows.ts";

export const separator = "=";

export interface CellFault {
  /** Of the feature within its row. */
  readonly path: string;
  readonly message: string;
  readonly missing?: "feature";
}

export interface CellWriter {
  /** Nothing of a row with a fault is kept. */
  addRow(row: FeatureRow): CellFault | null;
  finish(): { readonly rows: SparseRows; readonly names: readonly string[] };
}

export interface CellWriterOptions {
  readonly layout: "records" | "matrix";
  /** @default every name that occurs */
  readonly names?: readonly string[];
}

interface KeyColumns {
  numeric: number;
  readonly categories: Map<string, number>;
}

const unknown = -2;
const none = -1;

export function cellWriter({ layout, names: fixed }: CellWriterOptions): CellWriter {
  const columnOf = new Map<string, number>((fixed ?? []).map((name, column) => [name, column]));
  const names = [...(fixed ?? [])];
  const keys = new Map<string, KeyColumns>();
  const starts = new GrowingIntegers();
  const columns = new GrowingIntegers();
  const values = new GrowingNumbers();
  starts.push(0);

  const resolve = (name: string): number => {
    const known = columnOf.get(name);
    if (known !== undefined) return known;
    if (fixed !== undefined) return unknown;
    columnOf.set(name, names.length);
    return names.push(name) - 1;
  };
  const keyOf = (key: string): KeyColumns => {
    let entry = keys.get(key);
    if (entry === undefined) {
      entry = { numeric: none, categories: new Map() };
      keys.set(key, entry);
    }
    return entry;
  };
  const addNumber = (key: string, value: number): void => {
    const entry = keyOf(key);
    if (entry.numeric === none) entry.numeric = resolve(key);
    if (entry.numeric === unknown) return;
    columns.push(entry.numeric);
    values.push(value);
  };
  const addCategory = (key: string, value: string): void => {
    const { categories } = keyOf(key);
    let column = categories.get(value);
    if (column === undefined) {
      column = resolve(key + separator + value);
      categories.set(value, column);
    }
    if (column === unknown) return;
    columns.push(column);
    values.push(1);
  };
  const addRecord = (row: FeatureRow): void => {
    for (const key of Object.keys(row)) {
      const value = row[key];
      if (typeof value === "string") addCategory(key, value);
      else if (Array.isArray(value)) for (const each of value) addCategory(key, each as string);
      else addNumber(key, Number(value));
    }
  };
  let ownNames: readonly string[] | null = layout === "matrix" ? (fixed ?? null) : null;
  const addNumbers = (row: FeatureRow, own: readonly string[]): void => {
    for (const name of own) addNumber(name, Number(row[name]));
  };

  return {
    addRow(row) {
      if (typeof row !== "object" || row === null || Array.isArray(row)) {
        return { path: "", message: `must be an object, not ${typeName(row)}` };
      }
      if (layout === "records") {
        const fault = recordFault(row);
        if (fault !== null) return fault;
        addRecord(row);
      } else {
        const fault = numbersFault(row, ownNames, fixed !== undefined);
        if (fault !== null) return fault;
        ownNames ??= Object.keys(row);
        addNumbers(row, ownNames);
      }
      starts.push(columns.length);
      return null;
    },
    finish() {
      const rows = {
        width: names.length,
        starts: starts.finish(),
        columns: columns.finish(),
        values: values.finish(),
      };
      if (fixed !== undefined) return { rows: inOrder(rows), names };
      if (layout === "matrix") return { rows, names };
      const order = Array.from(names.keys()).sort((a, b) => codePointOrder(names[a] ?? "", names[b] ?? ""));
      const place = new Int32Array(names.length);
      for (const [to, from] of order.entries()) place[from] = to;
      for (let at = 0; at < rows.columns.length; at++) rows.columns[at] = place[rows.columns[at] as number] as number;
      return { rows: inOrder(rows), names: order.map((from) => names[from] ?? "") };
    },
  };
}

function recordFault(row: FeatureRow): CellFault | null {
  for (const key of Object.keys(row)) {
    const value = row[key];
    if (typeof value === "string" || typeof value === "boolean" || typeof value === "bigint") continue;
    if (typeof value === "number") {
      if (Number.isFinite(value)) continue;
      return numberFault(key, value);
    }
    if (value === null || value === undefined) return missingFault(key);
    if (Array.isArray(value) && value.every((each) => typeof each === "string")) continue;
    const wanted = "must be a string, a number, a boolean or an array of strings";
    return { path: jsonPointer(key), message: `${wanted}, not ${typeName(value)}` };
  }
  return null;
}

function numbersFault(row: FeatureRow, own: readonly string[] | null, ignoresMore: boolean): CellFault | null {
  for (const key of own ?? Object.keys(row)) {
    const value = row[key];
    if (value === null || value === undefined) return missingFault(key);
    if (typeof value === "boolean" || typeof value === "bigint") continue;
    if (typeof value !== "number")
      return { path: jsonPointer(key), message: `must be a number, not ${typeName(value)}` };
    if (!Number.isFinite(value)) return numberFault(key, value);
  }
  if (own === null || ignoresMore || Object.keys(row).length === own.length) return null;
  const more = Object.keys(row).find((key) => !own.includes(key)) ?? "";
  return { path: jsonPointer(more), message: "is a column that the first row does not have" };
}

function numberFault(key: string, value: number): CellFault {
  return Number.isNaN(value) ? missingFault(key) : { path: jsonPointer(key), message: "must be finite" };
}

function missingFault(key: string): CellFault {
  return { path: jsonPointer(key), message: "is missing", missing: "feature" };
}

/** Within each row columns ascend, and one that stands twice is summed, as scipy does. */
function inOrder(rows: SparseRows): SparseRows {
  const { starts, columns, values } = rows;
  let to = 0;
  let begin = 0;
  for (let row = 0; row + 1 < starts.length; row++) {
    const end = starts[row + 1] as number;
    const first = to;
    for (let at = begin; at < end; at++) {
      const column = columns[at] as number;
      const value = values[at] as number;
      let place = to;
      while (place > first && (columns[place - 1] as number) > column) place--;
      if (place > first && columns[place - 1] === column) {
        values[place - 1] = (values[place - 1] as number) + value;
        continue;
      }
      columns.copyWithin(place + 1, place, to);
      values.copyWithin(place + 1, place, to);
      columns[place] = column;
      values[place] = value;
      to++;
    }
    begin = end;
    starts[row + 1] = to;
  }
  return to === columns.length ? rows : { ...rows, columns: columns.slice(0, to), values: values.slice(0, to) };
}

/** Python sorts text by code points; JavaScript by UTF-16 units, which differ beyond the first plane. */
export function codePointOrder(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at++) {
    const a = left.charCodeAt(at);
    const b = right.charCodeAt(at);
    if (a !== b) return rank(a) - rank(b);
  }
  return left.length - right.length;
}

/** Surrogates stand for code points above every other unit. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
