// Outputs of a shard as columns: what a model or a definition answers, block by block, in arrays that DuckDB takes as they are.
import type { DuckDBAppender, DuckDBType } from "@duckdb/node-api";
import { jsonValueText } from "../../data/json-value-text.ts";

/** How an output is carried, and as which type of DuckDB it is written. */
export interface OutputColumnPlan {
  readonly name: string;
  readonly carrier: "double" | "float" | "integer" | "boolean" | "text";
  /** DuckDB's; a text may be cast to it: `DOUBLE[]`, `TIMESTAMP WITH TIME ZONE`. */
  readonly type: string;
}

export interface AnswerColumn {
  readonly plan: OutputColumnPlan;
  /** A whole block of numbers, from row `start` on. */
  setNumbers(start: number, values: Float64Array | Float32Array): void;
  set(row: number, value: unknown): void;
  /** SQL over the column of that name, as its type. */
  sql(name: string): string;
  readonly sqlType: string;
  /** Rows `start` to `end` into column `at` of a chunk. */
  readonly cells: AnswerCells;
}

type AnswerCells =
  | { readonly kind: "numbers"; readonly values: Float64Array | Float32Array; readonly nulls: Uint8Array }
  | { readonly kind: "whole"; readonly values: BigInt64Array; readonly nulls: Uint8Array }
  | { readonly kind: "listed"; readonly values: (string | boolean | null)[] };

export function answerColumn(plan: OutputColumnPlan, rows: number): AnswerColumn {
  const nulls = new Uint8Array(rows);
  switch (plan.carrier) {
    case "double":
    case "float": {
      const values = plan.carrier === "double" ? new Float64Array(rows) : new Float32Array(rows);
      return {
        plan,
        setNumbers: (start, block) => values.set(block, start),
        set(row, value) {
          if (value === null || value === undefined) nulls[row] = 1;
          else values[row] = Number(value);
        },
        sql: (name) => name,
        sqlType: plan.carrier === "double" ? "DOUBLE" : "FLOAT",
        cells: { kind: "numbers", values, nulls },
      };
    }
    case "integer": {
      const values = new BigInt64Array(rows);
      const set = (row: number, value: unknown): void => {
        if (value === null || value === undefined || Number.isNaN(value)) nulls[row] = 1;
        else values[row] = BigInt(value as number | bigint);
      };
      const setNumbers = (start: number, block: Float64Array | Float32Array): void => {
        for (let at = 0; at < block.length; at++) set(start + at, block[at]);
      };
      return { plan, setNumbers, set, sql: (name) => name, sqlType: "BIGINT", cells: { kind: "whole", values, nulls } };
    }
    case "boolean":
    case "text": {
      const values = new Array<string | boolean | null>(rows).fill(null);
      const isFlag = plan.carrier === "boolean";
      const cell = isFlag ? (value: unknown): boolean => value === true || value === 1 : textOf;
      const set = (row: number, value: unknown): void => {
        values[row] = value === null || value === undefined ? null : cell(value);
      };
      const setNumbers = (start: number, block: Float64Array | Float32Array): void => {
        for (let at = 0; at < block.length; at++) set(start + at, block[at]);
      };
      const isCast = !isFlag && plan.type !== "VARCHAR";
      const isNested = plan.type.endsWith("[]");
      const cast = (name: string): string => `CAST(${isNested ? `CAST(${name} AS JSON)` : name} AS ${plan.type})`;
      return {
        plan,
        setNumbers,
        set,
        sql: (name) => (isCast ? cast(name) : name),
        sqlType: isFlag ? "BOOLEAN" : "VARCHAR",
        cells: { kind: "listed", values },
      };
    }
  }
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return value instanceof Date ? value.toISOString() : jsonValueText(value);
}

/** DuckDB's chunks hold no more. */
const chunkRows = 2048;

export interface AppendPlan {
  readonly appender: DuckDBAppender;
  readonly columns: readonly { readonly type: DuckDBType; readonly cells: AnswerCells }[];
  readonly rows: number;
}

export async function appendColumns({ appender, columns, rows }: AppendPlan): Promise<void> {
  const { DuckDBDataChunk } = await import("@duckdb/node-api");
  const chunk = DuckDBDataChunk.create(
    columns.map(({ type }) => type),
    chunkRows,
  );
  const withNulls = columns.map(({ cells }) => cells.kind !== "listed" && cells.nulls.includes(1));
  // One chunk for all: what DuckDB holds for a chunk goes only when V8 collects it.
  for (let start = 0; start < rows; start += chunkRows) {
    const length = Math.min(chunkRows, rows - start);
    if (start > 0) chunk.reset();
    chunk.rowCount = length;
    for (const [at, { cells }] of columns.entries()) {
      if (cells.kind === "listed") {
        chunk.setColumnValues(at, cells.values.slice(start, start + length));
        continue;
      }
      const vector = chunk.getColumnVector(at) as unknown as NumberVector;
      vector.items.set(cells.values.subarray(start, start + length) as never);
      // Every row is said, as the chunk remembers what it held before.
      if (withNulls[at] === true) {
        for (let row = 0; row < length; row++) {
          vector.setItem(row, cells.nulls[start + row] === 1 ? null : cells.values[start + row]!);
        }
      }
      vector.flush();
    }
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

interface NumberVector {
  readonly items: { set(values: ArrayLike<never>): void };
  setItem(row: number, value: number | bigint | null): void;
  flush(): void;
}
