// Categories → numbers and one-hot columns, as tables of numbers by category.
import type { Label } from "../../data/predictions.ts";
import type { CategoryTable } from "../../model/ops/category-numbers.ts";
import type { SqlWriter } from "./op-writer.ts";
import { exportError, type SqlBuilder, type SqlKey, sql } from "./sql-builder.ts";
import { canHold, type SqlDialect } from "./sql-text.ts";
import {
  constantCell,
  expression,
  keyText,
  mapCell,
  type NumberCell,
  numberOf,
  numbersValue,
  roundedToSingle,
  type SqlCell,
  type SqlValue,
  type TableCell,
} from "./sql-value.ts";

/** A dictionary's columns, each of which one feature of one value reaches; the others are 0. */
export const writeVectorize: SqlWriter<"vectorize"> = (op, { builder, features }) => {
  const cells: NumberCell[] = op.names.map(() => constantCell(0, builder));
  const reached = new Set<number>();
  const reach = (column: number, cell: NumberCell): void => {
    if (reached.has(column)) throw exportError("vectorize", "two features reach the same column");
    reached.add(column);
    cells[column] = cell;
  };
  for (const [column, name] of op.names.entries()) {
    const feature = features.get(name);
    if (feature?.type === "number") {
      if (op.number === "i64") throw exportError("vectorize", "it cuts numbers to integers");
      const x = builder.column(feature.sql);
      // A feature that is there and NULL is a NaN.
      reach(column, expression(op.number === "f32" ? roundedToSingle(builder, x) : x));
    } else if (feature !== undefined) {
      const x = builder.column(feature.sql);
      const zero = constantCell(0, builder).sql;
      reach(column, expression(sql`CASE WHEN ${x} IS NOT NULL THEN ${zero} END`));
    }
    for (let at = name.indexOf(op.separator); at >= 0; at = name.indexOf(op.separator, at + 1)) {
      const key = features.get(name.slice(0, at));
      const value = name.slice(at + op.separator.length);
      if (key?.type === "text") reach(column, flag(key, value, builder));
      if (op.separator === "" && at >= name.length) break;
    }
  }
  return { kind: "numbers", cells, number: op.number };
};

/** 1 where the text is this one, else 0. */
function flag(key: SqlCell, value: string, { dialect }: SqlBuilder): TableCell {
  const numbers = new Map<SqlKey, number>(canHold(value, dialect) ? [[value, 1]] : []);
  return { kind: "table", key, numbers, missing: 0, unknown: 0 };
}

export const writeCategoryNumbers: SqlWriter<"category_numbers"> = (op, { builder, inputs }) => {
  const cells = keyCells(builder, inputs[0]).map((key, at) => {
    const table = op.tables[at] as CategoryTable;
    if (table.textOnly === true && key.type === "number") {
      throw exportError("category_numbers", "a column of numbers meets categories of text");
    }
    return tableOf(builder, key, table);
  });
  return { kind: "numbers", cells, number: op.number };
};

function tableOf(builder: SqlBuilder, key: SqlCell, table: CategoryTable): TableCell {
  const numbers = new Map<SqlKey, number>();
  for (const [at, label] of table.categories.entries()) {
    const id = keyOf(label, key, builder.dialect);
    if (id !== null && !numbers.has(id)) numbers.set(id, table.numbers[at] ?? Number.NaN);
  }
  const missing = table.missing === "unknown" ? table.unknown : table.missing;
  if (table.unknown === "refuse" || missing === "refuse") {
    const known: TableCell = {
      kind: "table",
      key,
      numbers: new Map([...numbers.keys()].map((each) => [each, 1])),
      missing: missing === "refuse" ? 0 : 1,
      unknown: table.unknown === "refuse" ? 0 : 1,
    };
    const isKnown = numberOf(builder, known);
    builder.require(builder.column(sql`(${isKnown} = ${constantCell(1, builder).sql})`));
  }
  const number = (value: number | "refuse"): number => (value === "refuse" ? Number.NaN : value);
  return { kind: "table", key, numbers, missing: number(missing), unknown: number(table.unknown) };
}

/** As Python compares them: 1, 1.0 and true are equal, a number is no text. Null: the column never holds it. */
function keyOf({ value }: Label, key: SqlCell, dialect: SqlDialect): SqlKey | null {
  if (key.type === "text") return typeof value === "string" && canHold(value, dialect) ? value : null;
  if (typeof value === "string") return null;
  const number = Number(value);
  if (Number.isNaN(number)) return null;
  return number === 0 ? 0 : number;
}

function keyCells(builder: SqlBuilder, value: SqlValue | undefined): readonly SqlCell[] {
  if (value?.kind === "cells") return value.cells;
  return numbersValue(value, "category_numbers").cells.map((cell) => ({
    sql: numberOf(builder, cell),
    type: "number" as const,
  }));
}

/** Position p of a column: 1 where its number is p. A NaN leaves the columns empty. */
export const writeOneHot: SqlWriter<"one_hot"> = (op, { inputs, builder }) => {
  const cells = numbersValue(inputs[0], "one_hot").cells.flatMap((cell, at): NumberCell[] => {
    const width = op.widths[at] ?? 0;
    if (cell.kind === "expression") {
      return Array.from({ length: width }, (_, position) => {
        const is = (x: number): number => (x === position ? 1 : 0);
        const [one, zero, number] = [1, 0, position].map((value) => constantCell(value, builder).sql);
        const inSql = (x: typeof cell.sql): typeof cell.sql =>
          sql`CASE WHEN ${x} = ${number ?? ""} THEN ${one ?? ""} ELSE ${zero ?? ""} END`;
        return mapCell(cell, { inSql, here: is });
      });
    }
    const byPosition = new Map<number, Map<SqlKey, number>>();
    for (const [key, position] of cell.numbers) {
      const keys = byPosition.get(position) ?? new Map<SqlKey, number>();
      byPosition.set(position, keys.set(key, 1));
    }
    return Array.from({ length: width }, (_, position): TableCell => {
      const unknown = cell.unknown === position ? 1 : 0;
      const missing = cell.missing === position ? 1 : 0;
      if (unknown === 0) {
        const numbers = byPosition.get(position) ?? new Map<SqlKey, number>();
        return { kind: "table", key: cell.key, numbers, missing, unknown };
      }
      const numbers = new Map([...cell.numbers].map(([key, number]) => [key, number === position ? 1 : 0]));
      return { kind: "table", key: cell.key, numbers, missing, unknown };
    });
  });
  return { kind: "numbers", cells, number: op.number };
};

export const writeFillMissing: SqlWriter<"fill_missing"> = (op, { builder, inputs }) => {
  const [input] = inputs;
  if (op.missing !== null || op.estimator !== undefined) {
    throw exportError("fill_missing", "something else than a missing value stands for missing");
  }
  if (input?.kind === "cells") {
    const cells = input.cells.map((cell, at): SqlCell => {
      const fill = op.fills[at] ?? null;
      if (fill === null) return cell;
      const key = keyOf(fill, cell, builder.dialect);
      if (key === null) throw exportError("fill_missing", "a column is filled with a value of another type");
      const text = keyText(key, builder.dialect);
      return { ...cell, sql: builder.column(sql`coalesce(${cell.sql}, ${text})`) };
    });
    return { kind: "cells", cells };
  }
  const numbers = numbersValue(input, "fill_missing");
  const cells = numbers.cells.map((cell, at) => {
    const fill = op.fills[at] ?? null;
    if (fill === null) return cell;
    const value = Number(fill.value);
    const text = constantCell(value, builder).sql;
    const filled = mapCell(cell, {
      inSql: (x) => sql`coalesce(${x}, ${text})`,
      here: (x) => (Number.isNaN(x) ? value : x),
    });
    return filled;
  });
  return { ...numbers, cells };
};

export const writeMissingFlags: SqlWriter<"missing_flags"> = (op, { builder, inputs }) => {
  if (op.missing !== null) throw exportError("missing_flags", "something else than a missing value stands for missing");
  const [input] = inputs;
  const [one, zero] = [constantCell(1, builder).sql, constantCell(0, builder).sql];
  const inSql = (x: SqlCell["sql"]): SqlCell["sql"] => sql`CASE WHEN ${x} IS NULL THEN ${one} ELSE ${zero} END`;
  const here = (x: number): number => (Number.isNaN(x) ? 1 : 0);
  const sources: readonly NumberCell[] =
    input?.kind === "cells"
      ? input.cells.map((cell) => expression(cell.sql))
      : numbersValue(input, "missing_flags").cells;
  const cells = sources.map((cell) => mapCell(cell, { inSql, here }));
  for (const column of op.refused) {
    const cell = cells[column];
    if (cell !== undefined) builder.require(builder.column(sql`(${numberOf(builder, cell)} = ${zero})`));
  }
  return { kind: "numbers", cells, number: "bool" };
};

/** Cells as numbers, for what mixes them. */
export const writeTableNumbers: SqlWriter<"table_numbers"> = (_op, { inputs }) => {
  const [input] = inputs;
  if (input?.kind !== "cells") throw exportError("table_numbers", "it takes no table here");
  const cells = input.cells.map((cell): NumberCell => {
    if (cell.type === "text") throw exportError("table_numbers", "a column of text stands among the numbers");
    return expression(cell.sql);
  });
  return { kind: "numbers", cells, number: "f64" };
};

export const writeJoinColumns: SqlWriter<"join_columns"> = (_op, { inputs, builder }) => ({
  kind: "cells",
  cells: inputs.flatMap((input): readonly SqlCell[] => keyCells(builder, input)),
});
