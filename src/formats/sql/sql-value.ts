// What a value of the graph is in SQL: a cell is an expression, or what a table says of a category. NULL stands for NaN throughout.
import type { Label } from "../../data/predictions.ts";
import type { NumberType } from "../../model/value.ts";
import { exportError, numberText, type Sql, type SqlBuilder, type SqlKey, sql } from "./sql-builder.ts";
import { sqlDouble, sqlText } from "./sql-text.ts";

/** A column that comes in: text (NULL is missing), or doubles (NULL is missing, NaN does not occur). */
export interface SqlCell {
  readonly sql: Sql;
  readonly type: "text" | "number";
}

/** A number as an expression. */
export interface ExpressionCell {
  readonly kind: "expression";
  readonly sql: Sql;
}

/**
 * A number for each category of a column: one-hot columns are such, with one category each. What is done to a number is done to
 * those of the table here, and nothing in the database.
 */
export interface TableCell {
  readonly kind: "table";
  readonly key: SqlCell;
  readonly numbers: ReadonlyMap<SqlKey, number>;
  /** Of NULL. */
  readonly missing: number;
  /** Of any other category. */
  readonly unknown: number;
}

export type NumberCell = ExpressionCell | TableCell;

export type SqlValue =
  | { readonly kind: "records" }
  | { readonly kind: "numbers"; readonly cells: readonly NumberCell[]; readonly number: NumberType }
  | { readonly kind: "cells"; readonly cells: readonly SqlCell[] }
  /** `code`: the position of the label, an integer from 0. */
  | { readonly kind: "label"; readonly codes: readonly Sql[]; readonly labels: readonly (readonly Label[])[] };

export function expression(of: Sql): ExpressionCell {
  return { kind: "expression", sql: of };
}

export function constantCell(value: number, { dialect }: SqlBuilder): ExpressionCell {
  return expression({ text: numberText(value, dialect), level: 0 });
}

/** A function of one number: of an expression as SQL, of a table at once. */
export function mapCell(
  cell: NumberCell,
  { inSql, here }: { readonly inSql: (x: Sql) => Sql; readonly here: (x: number) => number },
): NumberCell {
  if (cell.kind === "expression") return expression(inSql(cell.sql));
  const numbers = new Map([...cell.numbers].map(([key, number]) => [key, here(number)]));
  return { ...cell, numbers, missing: here(cell.missing), unknown: here(cell.unknown) };
}

/** Categories up to this many are a CASE; more are a join. */
const maxCases = 8;

/** As an expression that is computed once. */
export function numberOf(builder: SqlBuilder, cell: NumberCell): Sql {
  if (cell.kind === "expression") return builder.column(cell.sql);
  return tableNumbers(builder, cell.key, [cell])[0] as Sql;
}

/** Several tables of one key. */
export function tableNumbers(builder: SqlBuilder, key: SqlCell, cells: readonly TableCell[]): readonly Sql[] {
  const keys = new Set<SqlKey>();
  for (const cell of cells) for (const each of cell.numbers.keys()) keys.add(each);
  const from = builder.column(key.sql);
  if (keys.size <= maxCases) return cells.map((cell) => builder.column(caseOf(builder, from, cell)));
  const rows = [...keys].map(
    (each) => [each, cells.map(({ numbers, unknown }) => numbers.get(each) ?? unknown)] as const,
  );
  const found = builder.lookup({ key: from, rows, otherwise: cells.map(({ unknown }) => unknown) });
  return cells.map(({ missing, unknown }, at) => {
    const number = found[at] as Sql;
    if (Object.is(missing, unknown)) return number;
    return builder.column(
      sql`CASE WHEN ${from} IS NULL THEN ${numberText(missing, builder.dialect)} ELSE ${number} END`,
    );
  });
}

function caseOf({ dialect }: SqlBuilder, from: Sql, { numbers, missing, unknown }: TableCell): Sql {
  const text = (number: number): string => numberText(number, dialect);
  if (numbers.size === 0 && Object.is(missing, unknown)) return { text: text(unknown), level: from.level };
  const cases = [...numbers].map(
    ([key, number]) => `WHEN ${from.text} = ${keyText(key, dialect)} THEN ${text(number)}`,
  );
  if (!Object.is(missing, unknown)) cases.unshift(`WHEN ${from.text} IS NULL THEN ${text(missing)}`);
  return { text: `CASE ${cases.join(" ")} ELSE ${text(unknown)} END`, level: from.level };
}

export function keyText(key: SqlKey, dialect: SqlBuilder["dialect"]): string {
  return typeof key === "string" ? sqlText(key, dialect) : sqlDouble(key, dialect);
}

export function numbersValue(value: SqlValue | undefined, operation: string): Extract<SqlValue, { kind: "numbers" }> {
  if (value?.kind !== "numbers") throw exportError(operation, "it takes no numbers here");
  return value;
}

/** Rounds to float32 and stays a double, so that both engines compute with the same numbers. */
export function toSingle(x: Sql, { dialect }: SqlBuilder): Sql {
  return dialect === "postgres" ? sql`(${x})::float4::float8` : sql`(${x})::REAL::DOUBLE`;
}

/**
 * The same of a number that may lie beyond float32: infinite or zero then. The engines would fail. Half way to the next number above
 * the largest, and half the smallest one.
 */
export function roundedToSingle(builder: SqlBuilder, cell: Sql): Sql {
  const x = builder.column(cell);
  const { dialect } = builder;
  const number = (value: number): string => sqlDouble(value, dialect);
  const edge = 3.4028235677973366e38;
  return builder.column(
    sql`CASE WHEN ${x} >= ${number(edge)} THEN ${number(Number.POSITIVE_INFINITY)} WHEN ${x} <= ${number(-edge)} THEN ${number(Number.NEGATIVE_INFINITY)} WHEN abs(${x}) <= ${number(2 ** -150)} THEN ${number(0)} ELSE ${toSingle(x, builder)} END`,
  );
}
