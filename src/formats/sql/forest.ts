// Trees → one column a tree (and output): a CASE in a CASE. A column a tree keeps the query flat: one sum of 300 trees in one
// expression is fifty times slower in DuckDB than in columns, and 1,200 are refused.
import { trimaranError } from "../../base/errors.ts";
import type { ForestOp } from "../../model/ops/forest.ts";
import { sumInOrder } from "./arithmetic.ts";
import type { SqlWriter } from "./op-writer.ts";
import { exportError, type Sql, type SqlBuilder, type SqlKey } from "./sql-builder.ts";
import { sqlDouble } from "./sql-text.ts";
import {
  constantCell,
  expression,
  keyText,
  type NumberCell,
  numberOf,
  numbersValue,
  type TableCell,
} from "./sql-value.ts";

export const maxTrees = 50;
export const maxTreeBytes: number = 256 * 1024;
/** Deep trees are as many nested CASEs. */
export const maxTreeDepth = 200;

export const writeForest: SqlWriter<"forest"> = (op, { builder, inputs }) => {
  const trees = op.roots.length - 1;
  if (trees > maxTrees) throw sizeError("it has this many trees:", trees, maxTrees);
  if ((op.linear ?? null) !== null) throw exportError("forest", "its leaves are linear functions");
  if (op.absent === "missing") throw exportError("forest", "it takes what a sparse row does not hold for missing");
  const { cells } = numbersValue(inputs[0], "forest");
  const starts = op.inputs.length === 2 ? numbersValue(inputs[1], "forest").cells : null;
  const walk = treeWriter(builder, op, cells);
  const sums = Array.from(op.base, (): Sql[] => []);
  let bytes = 0;
  const add = (output: number, text: string, level: number): void => {
    bytes += text.length;
    if (bytes > maxTreeBytes)
      throw sizeError("the SQL of its trees has more bytes than this:", maxTreeBytes, maxTreeBytes);
    const leaf = { text, level };
    sums[output]?.push(builder.column(op.sum === "f32" ? asReal(leaf, builder) : leaf));
  };
  for (let tree = 0; tree < trees; tree++) {
    const root = op.roots[tree] as number;
    if (op.targets !== null) {
      const { text, level } = walk(root, 0);
      add(op.targets[tree] as number, text, level);
      continue;
    }
    for (let output = 0; output < op.leafWidth; output++) {
      const { text, level } = walk(root, output);
      add(output, text, level);
    }
  }
  const made = sums.map((terms, output): NumberCell => {
    const from = starts === null ? null : numberOf(builder, starts[output] as NumberCell);
    const start = from ?? constantCell(op.base[output] ?? 0, builder).sql;
    if (op.sum === "f64") return expression(sumInOrder(builder, start, terms));
    const sum = sumInOrder(builder, asReal(start, builder), terms);
    return expression(builder.column({ text: `${sum.text}::${double(builder)}`, level: sum.level }));
  });
  return { kind: "numbers", cells: made, number: op.sum };
};

function double({ dialect }: SqlBuilder): string {
  return dialect === "postgres" ? "float8" : "DOUBLE";
}

function asReal({ text, level }: Sql, { dialect }: SqlBuilder): Sql {
  return { text: `(${text})::${dialect === "postgres" ? "float4" : "REAL"}`, level };
}

function sizeError(what: string, size: number, limit: number): Error {
  return trimaranError("SQL_SIZE", { what, size, limit });
}

/** The tree below a node as an expression; leaves give their number of the output. */
function treeWriter(
  builder: SqlBuilder,
  op: ForestOp,
  cells: readonly NumberCell[],
): (root: number, output: number) => Sql {
  const { dialect } = builder;
  const columns = new Map<number, Sql>();
  const columnOf = (feature: number): Sql => {
    const known = columns.get(feature) ?? numberOf(builder, cells[feature] as NumberCell);
    columns.set(feature, known);
    return known;
  };
  return (root, output) => {
    let level = 0;
    let length = 0;
    const below = (node: number, depth: number): string => {
      if (depth > maxTreeDepth) throw sizeError("a tree is deeper than this:", maxTreeDepth, maxTreeDepth);
      if (length > maxTreeBytes)
        throw sizeError("the SQL of its trees has more bytes than this:", length, maxTreeBytes);
      const feature = op.feature[node] as number;
      if (feature < 0) {
        const text = sqlDouble(op.leaves[(op.left[node] as number) * op.leafWidth + output] ?? 0, dialect);
        length += text.length;
        return text;
      }
      const cell = cells[feature] as NumberCell;
      const few = cell.kind === "table" ? fewCategories(builder, op, { node, cell }) : null;
      const split = few ?? numericSplit(op, { node, x: columnOf(feature), dialect });
      level = Math.max(level, split.test.level);
      const [then, otherwise] = split.swapped ? [op.right, op.left] : [op.left, op.right];
      if (split.test.text === "true") return below(then[node] as number, depth + 1);
      length += split.test.text.length + 24;
      return `CASE WHEN ${split.test.text} THEN ${below(then[node] as number, depth + 1)} ELSE ${below(otherwise[node] as number, depth + 1)} END`;
    };
    const text = below(root, 0);
    return { text, level };
  };
}

interface Split {
  readonly test: Sql;
  /** Where the test is true it goes right. */
  readonly swapped: boolean;
}

interface NumericNode {
  readonly node: number;
  readonly x: Sql;
  readonly dialect: SqlBuilder["dialect"];
}

/** NULL stands for NaN, and a comparison with it is not true. */
function numericSplit(op: ForestOp, { node, x, dialect }: NumericNode): Split {
  const number = (value: number): string => sqlDouble(value, dialect);
  const missing = op.missingLeft?.[node] === 1;
  const set = op.categories?.left[node] ?? -1;
  const tests: string[] = [];
  let compared: string;
  if (set >= 0) compared = categorySplit(op, { node, x, dialect });
  else {
    const threshold = op.threshold[node] as number;
    compared = `${x.text} ${op.rule === "le" ? "<=" : "<"} ${number(threshold)}`;
  }
  if (op.zeroMissing?.[node] === 1) {
    const zero = `abs(${x.text}) <= ${number(Math.fround(1e-35))}`;
    compared = missing ? `${compared} OR ${zero}` : `${compared} AND NOT ${zero}`;
  }
  tests.push(compared);
  if (missing) tests.push(`${x.text} IS NULL`);
  return { test: { text: tests.join(" OR "), level: x.level }, swapped: false };
}

/** Whether the whole part of x is in the left set; what is in neither goes as a missing one does. */
function categorySplit(op: ForestOp, { node, x, dialect }: NumericNode): string {
  const { categories } = op;
  if (categories === undefined || categories === null) return "false";
  const members = (set: number): readonly number[] => {
    const found: number[] = [];
    const from = categories.offsets[set] as number;
    const end = categories.offsets[set + 1] as number;
    for (let word = from; word < end; word++) {
      for (let bit = 0; bit < 32; bit++) {
        if ((((categories.words[word] as number) >>> bit) & 1) === 1) found.push((word - from) * 32 + bit);
      }
    }
    return found;
  };
  const missing = op.missingLeft?.[node] === 1;
  const among = (set: number): string => {
    const list = members(set);
    // trunc(-0.5) is zero, and zero may be in the set: only where negatives are converted is that so.
    const kept = categories.negative === "convert" ? "" : ` AND ${x.text} >= ${sqlDouble(0, dialect)}`;
    if (list.length === 0) return "false";
    if (categories.number === "integer") {
      return `(trunc(${x.text}) IN (${list.map((each) => sqlDouble(each, dialect)).join(", ")})${kept})`;
    }
    // The low byte of 32 bits; of what they do not hold it is 0.
    const fits = `abs(${x.text}) < ${sqlDouble(2 ** 31, dialect)}`;
    const byte = `CASE WHEN ${fits} THEN CAST(trunc(${x.text}) AS bigint) & 255 WHEN ${x.text} IS NOT NULL THEN 0 END`;
    return `(${byte} IN (${list.join(", ")})${kept})`;
  };
  const left = among(categories.left[node] as number);
  const right = categories.right[node] as number;
  const others: string[] = [];
  if (missing && right !== -1) others.push(`NOT ${among(right)}`);
  else if (missing && categories.negative === "missing") others.push(`${x.text} < ${sqlDouble(0, dialect)}`);
  return `(${[left, ...others].join(" OR ")})`;
}

/** Of a one-hot column a split asks for its category: no number is made at all. */
function fewCategories(
  builder: SqlBuilder,
  op: ForestOp,
  { node, cell }: { readonly node: number; readonly cell: TableCell },
): Split | null {
  if ((op.categories?.left[node] ?? -1) >= 0 || cell.numbers.size > 4) return null;
  const goesLeft = (value: number): boolean => {
    const isMissing = Number.isNaN(value) || (op.zeroMissing?.[node] === 1 && Math.abs(value) <= Math.fround(1e-35));
    if (isMissing) return op.missingLeft?.[node] === 1;
    const threshold = op.threshold[node] as number;
    return op.rule === "le" ? value <= threshold : value < threshold;
  };
  const unknown = goesLeft(cell.unknown);
  if (goesLeft(cell.missing) !== unknown) return null;
  const others = [...cell.numbers].filter(([, value]) => goesLeft(value) !== unknown).map(([key]) => key);
  const key = builder.column(cell.key.sql);
  if (others.length === 0) return { test: { text: "true", level: 0 }, swapped: !unknown };
  const text = (each: SqlKey): string => keyText(each, builder.dialect);
  const test = { text: others.map((each) => `${key.text} = ${text(each)}`).join(" OR "), level: key.level };
  // The test is not true for NULL, which goes with the others.
  return { test, swapped: unknown };
}
