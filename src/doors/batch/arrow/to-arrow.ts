// Columns of a DuckDB result → columns of an Arrow record batch, each of its rows at the place of the row that it was made of.
import type { DuckDBDataChunk } from "@duckdb/node-api";
import type { Data, DataType } from "apache-arrow";
import { trimaranError } from "../../../base/errors.ts";
import { TextColumn } from "./text-column.ts";
import { Validity } from "./validity.ts";

type Arrow = typeof import("apache-arrow");

/** A column of the stream that goes out. */
export interface OutColumn {
  readonly name: string;
  readonly type: DataType;
  /** SQL over the column, as this writer takes it. */
  readonly sql: (column: string) => string;
  readonly open: (rows: number) => OutWriter;
}

export interface OutWriter {
  /** Rows of column `at` of a chunk, to their places, which ascend from chunk to chunk. */
  put(chunk: DuckDBDataChunk, at: number, places: Int32Array): void;
  /** Places that nothing was put at are null. */
  finish(): Data;
}

/** What Spark cannot hold is made what it can: unsigned numbers become the next larger signed ones. @throws BATCH_WRITE */
export function outColumn(arrow: Arrow, name: string, type: string): OutColumn {
  const made = outType(arrow, type);
  if (made === null) {
    const problem = `an Arrow stream does not carry ${type}; derive a column of another type`;
    throw trimaranError("BATCH_WRITE", { column: name, source: "row", problem });
  }
  return { name, ...made };
}

type OutType = Omit<OutColumn, "name">;

function outType(arrow: Arrow, type: string): OutType | null {
  const same = (column: string): string => column;
  const as =
    (wanted: string) =>
    (column: string): string =>
      `CAST(${column} AS ${wanted})`;
  const fixed = (made: DataType, cells: CellArray, sql: OutType["sql"]): OutType => ({
    type: made,
    sql,
    open: (rows) => fixedWriter(arrow, made, cells(rows)),
  });
  const floats: CellArray = (rows) => new Float64Array(rows);
  const wholes: CellArray = (rows) => new BigInt64Array(rows);
  switch (type) {
    case "BOOLEAN":
      return { type: new arrow.Bool(), sql: same, open: (rows) => flagWriter(arrow, rows) };
    case "TINYINT":
      return fixed(new arrow.Int8(), (rows) => new Int8Array(rows), same);
    case "SMALLINT":
    case "UTINYINT":
      return fixed(new arrow.Int16(), (rows) => new Int16Array(rows), as("SMALLINT"));
    case "INTEGER":
    case "USMALLINT":
    case '"NULL"':
      return fixed(new arrow.Int32(), (rows) => new Int32Array(rows), as("INTEGER"));
    case "BIGINT":
    case "UINTEGER":
      return fixed(new arrow.Int64(), wholes, as("BIGINT"));
    case "FLOAT":
      return fixed(new arrow.Float32(), (rows) => new Float32Array(rows), same);
    case "DOUBLE":
      return fixed(new arrow.Float64(), floats, same);
    case "DATE":
      return fixed(new arrow.DateDay(), (rows) => new Int32Array(rows), same);
    case "TIMESTAMP":
    case "TIMESTAMP_S":
    case "TIMESTAMP_MS":
    case "TIMESTAMP_NS":
      return fixed(new arrow.TimestampMicrosecond(), wholes, as("TIMESTAMP"));
    case "TIMESTAMP WITH TIME ZONE":
      return fixed(new arrow.TimestampMicrosecond("UTC"), wholes, same);
    case "UBIGINT":
      return decimalType(arrow, { precision: 20, scale: 0 });
    case "HUGEINT":
    case "UHUGEINT":
      return decimalType(arrow, { precision: 38, scale: 0 });
    case "VARCHAR":
    case "UUID":
    case "JSON":
      return { type: new arrow.Utf8(), sql: as("VARCHAR"), open: (rows) => textWriter(arrow, rows) };
    default:
      break;
  }
  if (type.startsWith("ENUM(")) return outType(arrow, "VARCHAR");
  const [, precision, scale] = /^DECIMAL\((\d+),(\d+)\)$/.exec(type) ?? [];
  if (precision !== undefined) return decimalType(arrow, { precision: Number(precision), scale: Number(scale) });
  const [, item] = /^(DOUBLE|FLOAT|BIGINT|INTEGER|VARCHAR|BOOLEAN)\[\]$/.exec(type) ?? [];
  return item === undefined ? null : listType(arrow, outType(arrow, item)!.type);
}

type Cells = Int8Array | Int16Array | Int32Array | BigInt64Array | Float32Array | Float64Array;
type CellArray = (rows: number) => Cells;

interface SourceVector {
  readonly items: ArrayLike<number | bigint>;
  readonly validity: { readonly data: unknown; itemValid(row: number): boolean };
  getItem(row: number): unknown;
}

function sourceVector(chunk: DuckDBDataChunk, at: number): SourceVector {
  return chunk.getColumnVector(at) as unknown as SourceVector;
}

function fixedWriter(arrow: Arrow, type: DataType, cells: Cells): OutWriter {
  const validity = new Validity(cells.length);
  return {
    put(chunk, at, places) {
      const { items, validity: from } = sourceVector(chunk, at);
      const hasNulls = from.data !== null;
      const copy = cellCopier(items, cells);
      // Each look at the chunk's count is a call of DuckDB, here and below.
      const { rowCount } = chunk;
      for (let row = 0; row < rowCount; row++) {
        if (hasNulls && !from.itemValid(row)) continue;
        const place = places[row]!;
        copy(row, place);
        validity.set(place);
      }
    },
    finish: () => dataOf(arrow, { type, rows: cells.length, validity, data: cells }),
  };
}

/** Numbers of 64 bits are copied in halves: each would be an object of its own. */
function cellCopier(items: SourceVector["items"], cells: Cells): (row: number, place: number) => void {
  if (!(items instanceof BigInt64Array && cells instanceof BigInt64Array)) {
    return (row, place) => {
      cells[place] = items[row] as never;
    };
  }
  const from = new Int32Array(items.buffer, items.byteOffset, 2 * items.length);
  const to = new Int32Array(cells.buffer, cells.byteOffset, 2 * cells.length);
  return (row, place) => {
    to[2 * place] = from[2 * row]!;
    to[2 * place + 1] = from[2 * row + 1]!;
  };
}

function flagWriter(arrow: Arrow, rows: number): OutWriter {
  const validity = new Validity(rows);
  const flags = new Validity(rows);
  return {
    put(chunk, at, places) {
      const vector = sourceVector(chunk, at);
      const { rowCount } = chunk;
      for (let row = 0; row < rowCount; row++) {
        const value = vector.getItem(row);
        if (value === null) continue;
        validity.set(places[row]!);
        if (value === true) flags.set(places[row]!);
      }
    },
    finish: () => dataOf(arrow, { type: new arrow.Bool(), rows, validity, data: flags.bits }),
  };
}

function textWriter(arrow: Arrow, rows: number): OutWriter {
  const texts = new TextColumn(rows);
  return {
    put(chunk, at, places) {
      const vector = sourceVector(chunk, at);
      const { rowCount } = chunk;
      for (let row = 0; row < rowCount; row++) {
        const text = vector.getItem(row) as string | null;
        if (text === null) continue;
        texts.writeText(text);
        texts.end(places[row]!);
      }
    },
    finish: () => texts.finish(arrow),
  };
}

function decimalType(
  arrow: Arrow,
  { precision, scale }: { readonly precision: number; readonly scale: number },
): OutType {
  const type = new arrow.Decimal(scale, precision, 128);
  return {
    type,
    sql: (column) => `CAST(CAST(${column} AS DECIMAL(${precision},${scale})) AS VARCHAR)`,
    open(rows) {
      const words = new Uint32Array(rows * 4);
      const validity = new Validity(rows);
      return {
        put(chunk, at, places) {
          const vector = sourceVector(chunk, at);
          const { rowCount } = chunk;
          for (let row = 0; row < rowCount; row++) {
            const text = vector.getItem(row) as string | null;
            if (text === null) continue;
            const place = places[row]!;
            let value = BigInt.asUintN(128, BigInt(text.replace(".", "")));
            for (let word = 0; word < 4; word++, value >>= 32n) words[place * 4 + word] = Number(value & 0xffffffffn);
            validity.set(place);
          }
        },
        finish: () => dataOf(arrow, { type, rows, validity, data: words }),
      };
    },
  };
}

function listType(arrow: Arrow, item: DataType): OutType {
  const type = new arrow.List(new arrow.Field("element", item, true));
  return {
    type,
    sql: (column) => column,
    open(rows) {
      const lists = new Array<readonly unknown[] | null>(rows).fill(null);
      return {
        put(chunk, at, places) {
          const vector = sourceVector(chunk, at);
          const { rowCount } = chunk;
          for (let row = 0; row < rowCount; row++) {
            const list = vector.getItem(row) as { readonly items: readonly unknown[] } | null;
            lists[places[row]!] = list === null ? null : list.items;
          }
        },
        finish: () => arrow.vectorFromArray(lists as unknown[], type).data[0]! as Data,
      };
    },
  };
}

interface DataParts {
  readonly type: DataType;
  readonly rows: number;
  readonly validity: Validity;
  readonly data: ArrayBufferView;
}

function dataOf(arrow: Arrow, { type, rows, validity, data }: DataParts): Data {
  const { bits, nullCount } = validity;
  return arrow.makeData({ type, length: rows, nullCount, nullBitmap: bits, data } as never) as Data;
}
