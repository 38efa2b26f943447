// Our answer beside a recorded one, by its exactness class. `near`: 4 ulp of the output's own type, or 1e-12 of the scale (the sum of
// absolute terms where the recorder knows it, else the largest number of the row); `loose`: the case's own tolerance of the scale.
import type { Label, OutputColumn } from "../../../src/data/predictions.ts";
import type { Closeness, Recorded, RecordedColumn, RecordedMethod } from "./recorded-case.ts";

export interface Comparison {
  readonly closeness: Closeness;
  readonly tolerance: number;
}

const outputTypes: Readonly<Record<string, string>> = {
  float64: "float64",
  float32: "float32",
  bool: "boolean",
  int64: "integer",
  int32: "integer",
  uint8: "integer",
};

const labelTypes: Readonly<Record<string, string>> = {
  float64: "float",
  bool: "boolean",
  int64: "integer",
  int32: "integer",
  str: "string",
};

/** What is wrong with the answers of one method, or undefined. Rows whose labels stand at a tie may differ. */
export function compareMethod(
  actual: OutputColumn,
  recorded: RecordedMethod,
  { closeness, tolerance, isTie }: Comparison & { readonly isTie: (row: number) => boolean },
): string | undefined {
  if (recorded.outputs !== undefined) {
    if (actual.kind !== "list") return `one output where the library has ${recorded.outputs.length}`;
    for (const [at, output] of recorded.outputs.entries()) {
      const item = actual.items[at];
      if (item === undefined) return `${actual.items.length} outputs where the library has ${recorded.outputs.length}`;
      const alone = Object.entries(recorded.alone ?? {}).map(([row, value]) => [
        row,
        (value as readonly Recorded[])[at],
      ]);
      const problem = compareColumn(
        item,
        { ...output, alone: Object.fromEntries(alone) },
        { closeness, tolerance, isTie },
      );
      if (problem !== undefined) return `output ${at}: ${problem}`;
    }
    return undefined;
  }
  return compareColumn(actual, recorded as RecordedMethod & RecordedColumn, { closeness, tolerance, isTie });
}

function compareColumn(
  actual: OutputColumn,
  recorded: RecordedMethod & RecordedColumn,
  comparison: Comparison & { readonly isTie: (row: number) => boolean },
): string | undefined {
  const type = outputTypes[recorded.dtype];
  if (actual.kind === "number" && type !== undefined && actual.type !== type)
    return `type ${actual.type}, not ${recorded.dtype}`;
  const labelType = labelTypes[recorded.dtype];
  if (actual.kind === "label" && labelType !== undefined) {
    const other = actual.labels.flat().find((label) => label.type !== labelType);
    if (other !== undefined) return `labels of type ${other.type}, not ${recorded.dtype}`;
  }
  for (const [row, expected] of recorded.values.entries()) {
    const answer = rowOf(actual, row);
    const single = recorded.dtype === "float32";
    const options = { ...comparison, single, scale: recorded.scale?.[row] ?? largest(expected) };
    if (isClose(answer, expected, options)) continue;
    const alone = recorded.alone?.[String(row)];
    if (alone !== undefined && comparison.closeness !== "exact" && isClose(answer, alone, options)) continue;
    if (actual.kind === "label" && comparison.closeness !== "exact" && comparison.isTie(row)) continue;
    return `row ${row}: ${show(answer)} where the library has ${show(expected)}`;
  }
  return undefined;
}

/** A row of a column: a number, a label's own value, or an array of them. */
export function rowOf(column: OutputColumn, row: number): unknown {
  if (column.kind === "list") return column.items.map((item) => rowOf(item, row));
  const cells = Array.from({ length: column.width }, (_, at): unknown => {
    const cell = row * column.width + at;
    if (column.kind === "cell") return column.cells[cell];
    return column.kind === "number" ? column.values[cell] : column.labels[at]?.[column.codes[cell] as number];
  });
  return column.scalar ? cells[0] : cells;
}

interface Options extends Comparison {
  readonly scale: number;
  readonly single: boolean;
}

function isClose(actual: unknown, expected: Recorded | undefined, options: Options): boolean {
  if (Array.isArray(expected)) {
    return (
      Array.isArray(actual) &&
      actual.length === expected.length &&
      expected.every((value, at) => isClose(actual[at], value, options))
    );
  }
  if (typeof actual === "object" && actual !== null && "type" in actual) return isLabel(actual as Label, expected);
  if (typeof actual === "string" || typeof actual === "boolean") return actual === expected;
  if (actual === null) return expected === null;
  if (typeof actual !== "number") return false;
  if (expected === null) return Number.isNaN(actual);
  if (typeof expected === "boolean" || typeof expected === "bigint") return actual === Number(expected);
  if (typeof expected !== "number") return false;
  if (Object.is(actual, expected)) return true;
  if (options.closeness === "exact" || !Number.isFinite(expected) || !Number.isFinite(actual)) return false;
  const epsilon = options.single ? 2 ** -23 : 2 ** -52;
  const gap = Math.abs(actual - expected);
  if (gap <= 4 * epsilon * Math.abs(expected) || gap <= 4 * (options.single ? 2 ** -149 : Number.MIN_VALUE))
    return true;
  if (options.closeness === "near") return gap <= (options.single ? 4 * epsilon : 1e-12) * options.scale;
  return gap <= options.tolerance * Math.max(1, options.scale);
}

/** The same value in the same type: `1` is not `1.0`, nor `true`. */
function isLabel(label: Label, expected: Recorded | undefined): boolean {
  if (label.type === "float" && expected === null) return Number.isNaN(label.value);
  if (typeof expected === "bigint") return label.type === "integer" && BigInt(label.value) === expected;
  if (typeof expected === "number")
    return (label.type === "integer" || label.type === "float") && Object.is(Number(label.value), expected);
  return label.value === expected && label.type === typeof expected;
}

export function largest(value: Recorded | undefined): number {
  if (Array.isArray(value)) return value.reduce((most: number, item) => Math.max(most, largest(item)), 0);
  return typeof value === "number" && Number.isFinite(value) ? Math.abs(value) : 0;
}

function show(value: unknown): string {
  const text = JSON.stringify(value, (_, cell) =>
    typeof cell === "number" && !Number.isFinite(cell)
      ? String(cell)
      : typeof cell === "bigint"
        ? `${cell}n`
        : Object.is(cell, -0)
          ? "-0"
          : cell,
  );
  return text === undefined ? "nothing" : text.length > 160 ? `${text.slice(0, 160)}…` : text;
}
