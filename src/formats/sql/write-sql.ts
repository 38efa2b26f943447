// ModelGraph → expressions of a query. Where a row's features come from (columns of a table, a definition's templates) is said by the
// caller; what is refused as a row has no answer: NULL.
import { trimaranError } from "../../base/errors.ts";
import type { ModelInput } from "../../data/model-input.ts";
import { type ModelGraph, valueTypes } from "../../model/graph.ts";
import type { Op, OpKind, OpOf } from "../../model/op.ts";
import type { ValueId, ValueType } from "../../model/value.ts";
import { labelSql } from "./labels.ts";
import type { SqlContext, SqlWriter } from "./op-writer.ts";
import { opWriters } from "./op-writers.ts";
import { exportError, type Sql, type SqlBuilder, sql } from "./sql-builder.ts";
import { assertDistinctNames, sqlName } from "./sql-text.ts";
import { numberOf, type SqlCell, type SqlValue } from "./sql-value.ts";

/** One column of an answer; `part` counts the columns of answers that are arrays. */
export interface SqlAnswer {
  readonly method: string;
  readonly part: number | null;
  readonly sql: Sql;
}

/** DuckDB and PostgreSQL take about 1,600 columns; each of ours is carried from stage to stage. */
export const maxColumns = 500;

/** @throws SQL_EXPORT, SQL_SIZE */
export function writeGraphSql(
  builder: SqlBuilder,
  graph: ModelGraph,
  { features, methods }: { readonly features: ReadonlyMap<string, SqlCell>; readonly methods: readonly string[] },
): readonly SqlAnswer[] {
  const types = valueTypes(graph);
  const needed = neededValues(graph, methods);
  const values = new Map<ValueId, SqlValue>([[0, inputValue(graph.input, features)]]);
  for (const [at, op] of graph.ops.entries()) {
    const id = at + 1;
    if (!needed.has(id)) continue;
    const inputs = op.inputs.map((input) => values.get(input) as SqlValue);
    const context = {
      builder,
      inputs,
      types: op.inputs.map((input) => types[input] as ValueType),
      result: types[id] as ValueType,
      features,
    };
    values.set(id, writeOp(op, context));
  }
  return methods.flatMap((method): readonly SqlAnswer[] => {
    const output = graph.outputs[method];
    if (output === undefined) throw exportError(method, "the model has no such method");
    if (output.widths !== undefined) throw exportError(method, "it answers several outputs of a row");
    const columns = answerColumns(builder, values.get(output.value) as SqlValue, method);
    if (output.scalar) return [{ method, part: null, sql: columns[0] as Sql }];
    return columns.map((each, part) => ({ method, part, sql: each }));
  });
}

/** The columns of a table that a model alone reads, by its own names. @throws SQL_EXPORT, SQL_SIZE */
export function modelColumns(input: ModelInput): readonly ModelColumn[] {
  if (input.kind === "records") {
    if (input.items !== undefined) throw exportError("the input", "a row is an array of its own length");
    return input.features.map(({ name, numeric, categories }): ModelColumn => {
      if (numeric && categories.length > 0) {
        throw exportError("the input", "a feature is both a number and a category");
      }
      return { name, type: numeric ? "number" : "text" };
    });
  }
  if (input.kind === "matrix" && input.anyWidth === true)
    throw exportError("the input", "it takes any number of columns");
  return input.columns.map(({ name, type }): ModelColumn => {
    if (type === "any") throw exportError("the input", "a column takes both numbers and text");
    return { name, type: type === "string" ? "text" : type === "boolean" ? "boolean" : "number" };
  });
}

export interface ModelColumn {
  readonly name: string;
  readonly type: "number" | "text" | "boolean";
}

/** Reads columns of the source as features. @throws SQL_SIZE, SQL_NAME */
export function readColumns(builder: SqlBuilder, columns: readonly ModelColumn[]): ReadonlyMap<string, SqlCell> {
  assertWidth(columns.length);
  assertDistinctNames(
    columns.map(({ name }) => name),
    builder.dialect,
  );
  return new Map(columns.map((column) => [column.name, readColumn(builder, column)]));
}

export function assertWidth(columns: number): void {
  if (columns > maxColumns) {
    throw trimaranError("SQL_SIZE", { what: "it reads this many columns:", size: columns, limit: maxColumns });
  }
}

export function readColumn(builder: SqlBuilder, { name, type }: ModelColumn): SqlCell {
  const from = `r.${sqlName(name, builder.dialect)}`;
  if (type === "text") return { sql: builder.read(`CAST(${from} AS ${textType(builder)})`), type };
  if (type === "boolean") {
    const [one, zero] = builder.dialect === "postgres" ? ["1::float8", "0::float8"] : ["1e0", "0e0"];
    return { sql: builder.read(`CASE WHEN ${from} THEN ${one} WHEN NOT ${from} THEN ${zero} END`), type: "number" };
  }
  return { sql: builder.read(doubleOf(builder, from)), type };
}

/** A double, or NULL: SQL's NaN is larger than all numbers. */
export function doubleOf({ dialect }: SqlBuilder, from: string): string {
  const double = dialect === "postgres" ? "float8" : "DOUBLE";
  return `nullif(CAST(${from} AS ${double}), 'NaN'::${double})`;
}

export function textType({ dialect }: SqlBuilder): string {
  return dialect === "postgres" ? "text" : "VARCHAR";
}

function inputValue(input: ModelInput, features: ReadonlyMap<string, SqlCell>): SqlValue {
  if (input.kind === "records") return { kind: "records" };
  const cells = input.columns.map(({ name }) => {
    const cell = features.get(name);
    if (cell === undefined) throw exportError("the input", `the feature ${JSON.stringify(name)} is missing`);
    return cell;
  });
  if (input.kind === "table") return { kind: "cells", cells };
  return {
    kind: "numbers",
    number: "f64",
    cells: cells.map((cell) => {
      if (cell.type === "text") throw exportError("the input", "text goes where the model takes numbers");
      return { kind: "expression", sql: cell.sql };
    }),
  };
}

function writeOp<Kind extends OpKind>(op: OpOf<Kind>, context: SqlContext): SqlValue {
  return (opWriters[op.kind as Kind] as SqlWriter<Kind>)(op, context);
}

function neededValues(graph: ModelGraph, methods: readonly string[]): ReadonlySet<ValueId> {
  const needed = new Set<ValueId>(methods.map((method) => graph.outputs[method]?.value ?? 0));
  for (let id = graph.ops.length; id > 0; id--) {
    if (!needed.has(id)) continue;
    for (const input of (graph.ops[id - 1] as Op).inputs) needed.add(input);
  }
  return needed;
}

function answerColumns(builder: SqlBuilder, value: SqlValue, method: string): readonly Sql[] {
  if (value.kind === "label") {
    return value.codes.map((code, at) => builder.column(labelSql(builder, code, value.labels[at] ?? [])));
  }
  if (value.kind !== "numbers") throw exportError(method, "it answers a table");
  assertWidth(value.cells.length);
  const { number } = value;
  const postgres = builder.dialect === "postgres";
  const type = number === "f32" ? (postgres ? "float4" : "REAL") : number === "i64" ? "bigint" : null;
  return value.cells.map((cell) => {
    const x = numberOf(builder, cell);
    if (number === "bool") return builder.column(sql`(${x} = 1)`);
    return type === null ? x : builder.column(sql`CAST(${x} AS ${type})`);
  });
}
