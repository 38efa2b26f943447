// Columns of an Arrow record batch → columns of a DuckDB table: typed arrays as they are, texts as texts, what is nested as JSON.
import type { DuckDBAppender, DuckDBType } from "@duckdb/node-api";
import type { DataType, RecordBatch, Schema, Vector } from "apache-arrow";
import { jsonValueText } from "../../../data/json-value-text.ts";
import { sqlName } from "../../../tables/sql-engine.ts";

/** How a column of a stream is kept. */
export interface ArrowColumn {
  readonly name: string;
  readonly at: number;
  /** DuckDB's, of the table. */
  readonly carrier:
    | "BOOLEAN"
    | "TINYINT"
    | "SMALLINT"
    | "INTEGER"
    | "BIGINT"
    | "UTINYINT"
    | "USMALLINT"
    | "UINTEGER"
    | "UBIGINT"
    | "FLOAT"
    | "DOUBLE"
    | "VARCHAR"
    | "TIMESTAMP"
    | "DATE";
  /** What the definition sees: `DECIMAL(10,2)`. */
  readonly type: string;
  /** Its cells are JSON texts. */
  readonly isJson: boolean;
  readonly fill: FillColumn;
}

type FillColumn = (vector: Vector, target: TargetVector, rows: Rows) => void;

interface Rows {
  readonly start: number;
  readonly length: number;
}

/** DuckDB's vectors, as far as they are alike. */
interface TargetVector {
  readonly items: { [at: number]: number | bigint; set(values: ArrayLike<never>): void };
  readonly validity: { setItemValid(row: number, isValid: boolean): void };
  setItem(row: number, value: unknown): void;
  flush(): void;
}

/** Arrow's numbers of types (Schema.fbs). */
const arrowType = {
  int: 2,
  float: 3,
  utf8: 5,
  boolean: 6,
  decimal: 7,
  date: 8,
  timestamp: 10,
  list: 12,
  struct: 13,
  fixedList: 16,
  map: 17,
  largeUtf8: 20,
} as const;

/** Columns that DuckDB can hold; bytes, times of day and the like are left out, as no field can be made of them. */
export function arrowColumns(schema: Schema): readonly ArrowColumn[] {
  return schema.fields.flatMap(({ name, type }, at): ArrowColumn[] => {
    const kept = keptAs(type);
    return kept === null ? [] : [{ name, at, isJson: false, ...kept, type: kept.type ?? kept.carrier }];
  });
}

type KeptAs = Pick<ArrowColumn, "carrier" | "fill"> & { readonly type?: string; readonly isJson?: boolean };

function keptAs(type: DataType): KeptAs | null {
  const facts = type as unknown as ArrowTypeFacts;
  switch (type.typeId as number) {
    case arrowType.int: {
      const carrier =
        `${facts.isSigned ? "" : "U"}${whole[facts.bitWidth as 8 | 16 | 32 | 64]}` as ArrowColumn["carrier"];
      return { carrier, fill: fillNumbers };
    }
    case arrowType.float:
      if (facts.precision === 0) return { carrier: "FLOAT", fill: fillCells };
      return { carrier: facts.precision === 1 ? "FLOAT" : "DOUBLE", fill: fillNumbers };
    case arrowType.boolean:
      return { carrier: "BOOLEAN", fill: fillCells };
    case arrowType.utf8:
    case arrowType.largeUtf8:
      return { carrier: "VARCHAR", fill: fillCells };
    case arrowType.decimal: {
      const { precision, scale } = facts;
      if (precision > 38) return null;
      const fill: FillColumn = (vector, target, rows) =>
        fillWith(vector, { target, rows, cell: (value) => decimalText(value as Uint32Array, scale) });
      return { carrier: "VARCHAR", type: `DECIMAL(${precision},${scale})`, fill };
    }
    case arrowType.date:
      return facts.unit === 0 ? { carrier: "DATE", fill: fillNumbers } : null;
    case arrowType.timestamp: {
      const zone = facts.timezone == null ? "TIMESTAMP" : "TIMESTAMP WITH TIME ZONE";
      return { carrier: "TIMESTAMP", type: zone, fill: facts.unit === 2 ? fillNumbers : fillMoments(facts.unit) };
    }
    case arrowType.list:
    case arrowType.fixedList:
    case arrowType.struct:
    case arrowType.map: {
      const fill: FillColumn = (vector, target, rows) =>
        fillWith(vector, { target, rows, cell: (value) => jsonValueText(plainValue(value)) });
      return { carrier: "VARCHAR", isJson: true, fill };
    }
    default:
      return null;
  }
}

interface ArrowTypeFacts {
  readonly isSigned: boolean;
  readonly bitWidth: number;
  readonly precision: number;
  readonly scale: number;
  readonly unit: number;
  readonly timezone?: string | null;
}

const whole = { 8: "TINYINT", 16: "SMALLINT", 32: "INTEGER", 64: "BIGINT" } as const;

/** Values of one chunk lie one after the other: a batch has one chunk a column. */
const fillNumbers: FillColumn = (vector, target, { start, length }) => {
  const [data] = vector.data;
  if (data === undefined) return;
  target.items.set((data.values as Float64Array).subarray(start, start + length) as never);
  fillNulls(vector, target, { start, length });
};

function fillMoments(unit: number): FillColumn {
  return (vector, target, { start, length }) => {
    const values = vector.data[0]?.values as BigInt64Array;
    for (let row = 0; row < length; row++) {
      const value = values[start + row]!;
      target.items[row] = unit === 3 ? floorDivide(value, 1000n) : value * (unit === 0 ? 1_000_000n : 1000n);
    }
    fillNulls(vector, target, { start, length });
  };
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value < 0n && quotient * by !== value ? quotient - 1n : quotient;
}

function fillNulls(vector: Vector, target: TargetVector, { start, length }: Rows): void {
  // The chunk remembers what it held before, so every row is said.
  if (vector.nullCount === 0) return;
  for (let row = 0; row < length; row++) target.validity.setItemValid(row, vector.isValid(start + row));
}

const fillCells: FillColumn = (vector, target, rows) => fillWith(vector, { target, rows, cell: (value) => value });

interface CellFill {
  readonly target: TargetVector;
  readonly rows: Rows;
  readonly cell: (value: unknown) => unknown;
}

function fillWith(vector: Vector, { target, rows: { start, length }, cell }: CellFill): void {
  for (let row = 0; row < length; row++) {
    const value = vector.get(start + row) as unknown;
    target.setItem(row, value === null || value === undefined ? null : cell(value));
  }
}

/** 128 bits, the lowest first, in two's complement. */
function decimalText(words: Uint32Array, scale: number): string {
  let value = 0n;
  for (let at = words.length - 1; at >= 0; at--) value = (value << 32n) | BigInt(words[at]!);
  value = BigInt.asIntN(words.length * 32, value);
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, "0");
  const sign = value < 0n ? "-" : "";
  return scale === 0 ? `${sign}${digits}` : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** Vectors and rows of Arrow as arrays and objects. */
function plainValue(value: unknown): unknown {
  if (value === null || typeof value !== "object" || value instanceof Date) return value;
  if (Symbol.iterator in value) {
    const items = [...(value as Iterable<unknown>)];
    // Structs and maps give pairs.
    const isPairs = !ArrayBuffer.isView(value) && !("nullCount" in value);
    if (!isPairs) return items.map(plainValue);
    return Object.fromEntries((items as [string, unknown][]).map(([key, item]) => [key, plainValue(item)]));
  }
  return value;
}

/** The columns as the definition sees them. */
export function typedSql(table: string, columns: readonly ArrowColumn[]): string {
  const seen = columns.map(({ name, type, carrier }) => {
    const column = sqlName(name);
    if (type === carrier) return column;
    // Moments are in UTC already, and so is DuckDB.
    return `${type === "TIMESTAMP WITH TIME ZONE" ? `${column} AT TIME ZONE 'UTC'` : `CAST(${column} AS ${type})`} AS ${column}`;
  });
  return `(SELECT ${seen.join(", ")} FROM ${table})`;
}

/** DuckDB's chunks hold no more. */
const chunkRows = 2048;

export interface AppendedBatch {
  readonly columns: readonly ArrowColumn[];
  readonly types: readonly DuckDBType[];
}

export async function appendBatch(
  appender: DuckDBAppender,
  batch: RecordBatch,
  { columns, types }: AppendedBatch,
): Promise<void> {
  const { DuckDBDataChunk } = await import("@duckdb/node-api");
  const vectors = columns.map(({ at }) => batch.getChildAt(at)!);
  // One chunk for all: what DuckDB holds for a chunk goes only when V8 collects it.
  const chunk = DuckDBDataChunk.create([...types], chunkRows);
  for (let start = 0; start < batch.numRows; start += chunkRows) {
    const length = Math.min(chunkRows, batch.numRows - start);
    if (start > 0) chunk.reset();
    chunk.rowCount = length;
    for (const [at, { fill }] of columns.entries()) {
      const target = chunk.getColumnVector(at) as unknown as TargetVector;
      fill(vectors[at]!, target, { start, length });
      target.flush();
    }
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}
