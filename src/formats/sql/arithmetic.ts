// Sums, steps and functions of numbers. Sums keep the order of ours, so that they are equal to the last bit.
import type { ColumnStepKind } from "../../model/ops/columnwise.ts";
import type { MapFunction } from "../../model/ops/map.ts";
import type { SqlContext, SqlWriter } from "./op-writer.ts";
import { exportError, numberText, type Sql, type SqlBuilder, type SqlKey, sql } from "./sql-builder.ts";
import { sqlDouble } from "./sql-text.ts";
import {
  constantCell,
  expression,
  mapCell,
  type NumberCell,
  numberOf,
  numbersValue,
  roundedToSingle,
  type TableCell,
  tableNumbers,
  toSingle,
} from "./sql-value.ts";

/** DuckDB nests expressions 1,000 deep, and a sum is as deep as it is long. */
const maxTerms = 200;

/** ((0 + a) + b) + …, in this order. */
export function sumInOrder(builder: SqlBuilder, start: Sql, terms: readonly Sql[]): Sql {
  let sum = start;
  for (let at = 0; at < terms.length; at += maxTerms) {
    const part = terms.slice(at, at + maxTerms);
    const level = Math.max(sum.level, ...part.map((term) => term.level));
    sum = builder.column({ text: `(${[sum, ...part].map(({ text }) => text).join(" + ")})`, level });
  }
  return sum;
}

export const writeAffine: SqlWriter<"affine"> = (op, { builder, inputs }) => {
  if (op.number === "f32") throw exportError("affine", "it adds in float32");
  const { cells } = numbersValue(inputs[0], "affine");
  const width = cells.length;
  const { dialect } = builder;
  const outputs = op.intercept.length;
  const sums: Sql[][] = Array.from({ length: outputs }, () => []);
  const weightOf = (output: number, column: number): number => op.weights[output * width + column] ?? 0;
  for (const group of groupsOf(cells)) {
    if (group.kind === "table") {
      const tables = Array.from({ length: outputs }, (_, output) =>
        weighted(builder, group, (at) => weightOf(output, at)),
      );
      for (const [output, term] of tableNumbers(builder, group.key, tables).entries()) sums[output]?.push(term);
      continue;
    }
    const x = builder.column(group.sql);
    for (let output = 0; output < outputs; output++) {
      sums[output]?.push(sql`${x} * ${sqlDouble(weightOf(output, group.at), dialect)}`);
    }
  }
  const made = sums.map((terms, output): NumberCell => {
    const sum = sumInOrder(builder, constantCell(0, builder).sql, terms);
    return expression(builder.column(sql`(${sum} + ${sqlDouble(op.intercept[output] ?? 0, dialect)})`));
  });
  return { kind: "numbers", cells: made, number: "f64" };
};

interface ExpressionTerm {
  readonly kind: "expression";
  readonly sql: Sql;
  readonly at: number;
}

interface TableTerm {
  readonly kind: "table";
  readonly key: TableCell["key"];
  readonly cells: { readonly cell: TableCell; readonly at: number }[];
}

/** The columns of one category are one term, at the place of the first of them. */
function groupsOf(cells: readonly NumberCell[]): readonly (ExpressionTerm | TableTerm)[] {
  const groups: (ExpressionTerm | TableTerm)[] = [];
  const tables = new Map<string, TableTerm>();
  for (const [at, cell] of cells.entries()) {
    if (cell.kind === "expression") {
      groups.push({ kind: "expression", sql: cell.sql, at });
      continue;
    }
    const id = `${cell.key.sql.level} ${cell.key.sql.text}`;
    let group = tables.get(id);
    if (group === undefined) {
      group = { kind: "table", key: cell.key, cells: [] };
      tables.set(id, group);
      groups.push(group);
    }
    group.cells.push({ cell, at });
  }
  return groups;
}

/** Σ weight · number by category. Columns that are 0 for most categories, as one-hot ones are, add up to the last bit. */
function weighted(builder: SqlBuilder, { key, cells }: TableTerm, weightOf: (at: number) => number): TableCell {
  let unknown = 0;
  let missing = 0;
  let shifted = false;
  const own = new Map<SqlKey, number>();
  for (const { cell, at } of cells) {
    const weight = weightOf(at);
    unknown += weight * cell.unknown;
    missing += weight * cell.missing;
    if (cell.unknown !== 0) shifted = true;
  }
  for (const { cell, at } of cells) {
    const weight = weightOf(at);
    for (const [category, number] of cell.numbers) {
      const before = own.get(category) ?? unknown;
      own.set(category, shifted ? before + weight * (number - cell.unknown) : before + weight * number);
    }
  }
  if (shifted && cells.length > 1) builder.loosen({ relative: 1e-9, absolute: 1e-9 });
  return { kind: "table", key, numbers: own, missing, unknown };
}

type Arithmetic = { readonly inSql: (x: Sql, by: string) => Sql; readonly here: (x: number, by: number) => number };

const steps: { readonly [Kind in ColumnStepKind]: Arithmetic } = {
  add: { inSql: (x, by) => sql`(${x} + ${by})`, here: (x, by) => x + by },
  subtract: { inSql: (x, by) => sql`(${x} - ${by})`, here: (x, by) => x - by },
  multiply: { inSql: (x, by) => sql`(${x} * ${by})`, here: (x, by) => x * by },
  divide: { inSql: (x, by) => sql`(${x} / ${by})`, here: (x, by) => x / by },
  // greatest() would pass over a NULL.
  maximum: {
    inSql: (x, by) => sql`CASE WHEN ${x} < ${by} THEN ${by} ELSE ${x} END`,
    here: (x, by) => (x > by || Number.isNaN(x) ? x : by),
  },
  minimum: {
    inSql: (x, by) => sql`CASE WHEN ${x} > ${by} THEN ${by} ELSE ${x} END`,
    here: (x, by) => (x < by || Number.isNaN(x) ? x : by),
  },
  replace_zero: {
    inSql: (x, by) => sql`CASE WHEN ${x} = 0 THEN ${by} ELSE ${x} END`,
    here: (x, by) => (x === 0 ? by : x),
  },
  greater: {
    inSql: (x, by) => sql`CASE WHEN ${x} > ${by} THEN 1 ELSE 0 END`,
    here: (x, by) => (x > by ? 1 : 0),
  },
};

export const writeColumnwise: SqlWriter<"columnwise"> = (op, { builder, inputs }) => {
  const { dialect } = builder;
  const double = dialect === "postgres" ? "float8" : "DOUBLE";
  const cells = numbersValue(inputs[0], "columnwise").cells.map((cell, at) => {
    let made = cell;
    for (const { step, values } of op.steps) {
      const by = values[values.length === 1 ? 0 : at] ?? Number.NaN;
      if (!Number.isFinite(by) || (step === "divide" && by === 0)) {
        throw exportError("columnwise", "a column is scaled by a number that is not finite, or by zero");
      }
      const { inSql, here } = steps[step];
      const rounded = (x: Sql): Sql => (op.number === "f32" ? toSingle(x, builder) : x);
      made = mapCell(made, {
        inSql: (x) => builder.column(rounded(sql`(${inSql(x, sqlDouble(by, dialect))})::${double}`)),
        here: (x) => (op.number === "f32" ? Math.fround(here(x, by)) : here(x, by)),
      });
    }
    return made;
  });
  return { kind: "numbers", cells, number: op.number };
};

export const writeDivide: SqlWriter<"divide"> = (op, { builder, inputs }) => {
  const { cells } = numbersValue(inputs[0], "divide");
  const by = sqlDouble(op.divisor, builder.dialect);
  const made = cells.map((cell) => mapCell(cell, { inSql: (x) => sql`(${x} / ${by})`, here: (x) => x / op.divisor }));
  return { kind: "numbers", cells: made, number: "f64" };
};

const operators = { add: "+", subtract: "-", multiply: "*" } as const;

export const writeCombine: SqlWriter<"combine"> = (op, { builder, inputs, result }) => {
  if (op.function === "divide" || op.function === "logaddexp") {
    throw exportError(`combine by ${op.function}`, "databases fail where it is infinite");
  }
  const operator = operators[op.function];
  const [left, right] = inputs.map((input) =>
    numbersValue(input, "combine").cells.map((cell) => numberOf(builder, cell)),
  );
  const single = result.kind === "dense" && result.number === "f32";
  const cells = (left ?? []).map((x, at) => {
    const y = right?.[right.length === 1 ? 0 : at] as Sql;
    const made = sql`(${x} ${operator} ${y})`;
    return expression(builder.column(single ? toSingle(made, builder) : made));
  });
  return { kind: "numbers", cells, number: single ? "f32" : "f64" };
};

export const writeRequireFinite: SqlWriter<"require_finite"> = (op, { builder, inputs }) => {
  const value = numbersValue(inputs[0], "require_finite");
  const seen = new Set<unknown>();
  for (const cell of value.cells) {
    if (cell.kind === "table") {
      const all = [...cell.numbers.values(), cell.unknown, cell.missing];
      if (all.every(Number.isFinite) || seen.has(cell)) continue;
      if (cell.numbers.size < 2 && seen.has(`${cell.key.sql.text} ${cell.missing}`)) continue;
      seen.add(cell).add(`${cell.key.sql.text} ${cell.missing}`);
    }
    const x = numberOf(builder, cell);
    if (!op.allowNaN) builder.require(sql`${x} IS NOT NULL`);
    if (op.allowInfinite) continue;
    const infinite = sqlDouble(Number.POSITIVE_INFINITY, builder.dialect);
    const finite = sql`abs(${x}) < ${infinite}`;
    builder.require(op.allowNaN ? sql`coalesce(${finite}, true)` : finite);
  }
  return value;
};

export const writeCast: SqlWriter<"cast"> = (op, { builder, inputs }) => {
  const value = numbersValue(inputs[0], "cast");
  if (op.number !== "f32" || value.number === "f32") return { ...value, number: op.number };
  const cells = value.cells.map((cell) =>
    mapCell(cell, { inSql: (x) => roundedToSingle(builder, x), here: Math.fround }),
  );
  return { kind: "numbers", cells, number: "f32" };
};

export const writeRowSum: SqlWriter<"row_sum"> = (_op, context) => {
  const { builder, inputs, result } = context;
  const cells = numbersValue(inputs[0], "row_sum").cells.map((cell) => numberOf(builder, cell));
  if (result.kind === "dense" && result.number === "f32") throw exportError("row_sum", "it adds in float32");
  if (cells.length >= 8) builder.loosen({ relative: 1e-12, absolute: 0 });
  const sum = sumInOrder(builder, constantCell(0, builder).sql, cells);
  return { kind: "numbers", cells: [expression(sum)], number: "f64" };
};

export const writeNormalizeSum: SqlWriter<"normalize_sum"> = (op, context) => {
  const { builder, inputs } = context;
  const value = numbersValue(inputs[0], "normalize_sum");
  const cells = value.cells.map((cell) => numberOf(builder, cell));
  if (cells.length >= 8) builder.loosen({ relative: 1e-12, absolute: 0 });
  const sum = sumInOrder(builder, constantCell(0, builder).sql, cells);
  const { dialect } = builder;
  const zero = op.zero === "nan" ? numberText(Number.NaN, dialect) : sqlDouble(1 / cells.length, dialect);
  const made = cells.map((x) =>
    quotient(context, sql`CASE WHEN ${sum} = ${sqlDouble(0, dialect)} THEN ${zero} ELSE ${x} / ${sum} END`),
  );
  return { ...value, cells: made };
};

function quotient({ builder, result }: SqlContext, made: Sql): NumberCell {
  const single = result.kind === "dense" && result.number === "f32";
  return expression(builder.column(single ? toSingle(made, builder) : made));
}

export const writeSoftmax: SqlWriter<"softmax"> = (_op, context) => {
  const { builder, inputs, result } = context;
  const single = result.kind === "dense" && result.number === "f32";
  const value = numbersValue(inputs[0], "softmax");
  const cells = value.cells.map((cell) => numberOf(builder, cell));
  const round = (x: Sql): Sql => builder.column(single ? toSingle(x, builder) : x);
  builder.loosen({ relative: single ? 1e-5 : 1e-12, absolute: 0 });
  const largest = builder.column({
    text: `greatest(${cells.map(({ text }) => text).join(", ")})`,
    level: Math.max(...cells.map(({ level }) => level)),
  });
  const powers = cells.map((x) => round(exponential(builder, round(sql`(${x} - ${largest})`))));
  const sum = round(sumInOrder(builder, constantCell(0, builder).sql, powers));
  return { ...value, cells: powers.map((power) => quotient(context, sql`(${power} / ${sum})`)) };
};

/** e to a number that is not above 0. PostgreSQL fails where the result is too small to be told from zero. */
function exponential({ dialect }: SqlBuilder, x: Sql): Sql {
  return sql`CASE WHEN ${x} < ${sqlDouble(-700, dialect)} THEN ${sqlDouble(0, dialect)} ELSE exp(${x}) END`;
}

type MapSql = (x: Sql, builder: SqlBuilder) => Sql;

/** Those that both engines have, kept from where they fail. */
const functions: { readonly [Name in MapFunction]?: MapSql } = {
  abs: (x) => sql`abs(${x})`,
  negative: (x) => sql`(- ${x})`,
  square: (x) => sql`(${x} * ${x})`,
  relu: (x, { dialect }) => sql`CASE WHEN ${x} < ${sqlDouble(0, dialect)} THEN ${sqlDouble(0, dialect)} ELSE ${x} END`,
  reciprocal: (x, { dialect }) =>
    sql`CASE WHEN ${x} = ${sqlDouble(0, dialect)} THEN ${sqlDouble(Number.POSITIVE_INFINITY, dialect)} ELSE ${sqlDouble(1, dialect)} / ${x} END`,
  sqrt: (x, { dialect }) => sql`CASE WHEN ${x} >= ${sqlDouble(0, dialect)} THEN sqrt(${x}) END`,
  log: (x, { dialect }) =>
    sql`CASE WHEN ${x} > ${sqlDouble(0, dialect)} THEN ln(${x}) WHEN ${x} = ${sqlDouble(0, dialect)} THEN ${sqlDouble(Number.NEGATIVE_INFINITY, dialect)} END`,
  exp: (x, { dialect }) => {
    const number = (value: number): string => sqlDouble(value, dialect);
    return sql`CASE WHEN ${x} < ${number(-700)} THEN ${number(0)} WHEN ${x} > ${number(709.78)} THEN ${number(Number.POSITIVE_INFINITY)} ELSE exp(${x}) END`;
  },
  expit: (x, { dialect }) => {
    const number = (value: number): string => sqlDouble(value, dialect);
    return sql`CASE WHEN ${x} < ${number(-700)} THEN ${number(0)} WHEN ${x} > ${number(700)} THEN ${number(1)} ELSE ${number(1)} / (${number(1)} + exp(- ${x})) END`;
  },
};

const exactFunctions: readonly MapFunction[] = ["abs", "negative", "square", "relu", "reciprocal", "sqrt"];

export const writeMap: SqlWriter<"map"> = (op, { builder, inputs, result }) => {
  const inSql = functions[op.function];
  if (inSql === undefined) throw exportError(op.function, "DuckDB and PostgreSQL do not both compute it as numpy does");
  const value = numbersValue(inputs[0], "map");
  const single = result.kind === "dense" && result.number === "f32";
  if (!exactFunctions.includes(op.function)) {
    const relative = single ? 1e-6 : 1e-12;
    builder.loosen({ relative, absolute: op.function === "log" ? relative : 0 });
  }
  const cells = value.cells.map((cell) => {
    const x = numberOf(builder, cell);
    const made = inSql(x, builder);
    return expression(builder.column(single ? toSingle(made, builder) : made));
  });
  return { kind: "numbers", cells, number: single ? "f32" : "f64" };
};

export const writeProducts: SqlWriter<"products"> = (op, { builder, inputs, types }) => {
  if (types[0]?.kind === "sparse") throw exportError("products", "its rows are sparse");
  const value = numbersValue(inputs[0], "products");
  const used = new Map<number, Sql>();
  const cellAt = (column: number): Sql => {
    const known = used.get(column) ?? numberOf(builder, value.cells[column] as NumberCell);
    used.set(column, known);
    return known;
  };
  const cells = op.terms.map((term): NumberCell => {
    const factors = [...term].map(cellAt);
    if (factors.length === 0) return constantCell(1, builder);
    const level = Math.max(...factors.map((factor) => factor.level));
    const made = { text: `(${factors.map(({ text }) => text).join(" * ")})`, level };
    return expression(builder.column(value.number === "f32" ? toSingle(made, builder) : made));
  });
  if (value.number === "f32" && op.terms.some((term) => term.length > 2))
    builder.loosen({ relative: 1e-6, absolute: 0 });
  return { ...value, cells };
};
