// Chunks of DuckDB → the fields of a block as columns.
import type { DuckDBDataChunk } from "@duckdb/node-api";
import type { Cell, FeatureColumn, FeatureColumns } from "../../data/batch.ts";
import type { FieldPlan } from "./input-fields.ts";

/** Which rows of a block are read. */
export interface KeptRows {
  readonly count: number;
  /** Their positions; null: all of them. */
  readonly index: Int32Array | null;
}

export interface BlockColumns {
  readonly kind: "columns";
  readonly columns: FeatureColumns;
}

/** Chunks hold a flag and the value of each field; those of `names` become columns. */
export function blockColumns(
  fields: readonly FieldPlan[],
  names: ReadonlySet<string>,
): (chunks: readonly DuckDBDataChunk[], kept: KeptRows) => BlockColumns {
  const readers = fields.flatMap((field, at) =>
    names.has(field.name) ? [[field.name, columnReader(field, 1 + at)] as const] : [],
  );
  return (chunks, kept) => {
    const columns = new Map(readers.map(([name, read]) => [name, read(chunks, kept)]));
    return { kind: "columns", columns: { rowCount: kept.count, columns } };
  };
}

/** 1 where a row is flagged. */
export function flagsOf(chunk: DuckDBDataChunk): Uint8Array {
  return (chunk.getColumnVector(0) as unknown as { readonly items: Uint8Array }).items;
}

type ColumnReader = (chunks: readonly DuckDBDataChunk[], kept: KeptRows) => FeatureColumn;

function columnReader({ mode }: FieldPlan, at: number): ColumnReader {
  switch (mode) {
    case "number":
      return (chunks, kept) => ({ kind: "number", values: numbersOf(chunks, at, kept) });
    case "boolean":
      return (chunks, kept) => {
        const codes = Int32Array.from(numbersOf(chunks, at, kept), (value) => (Number.isNaN(value) ? 2 : value));
        return { kind: "coded", codes, cells: flagCells };
      };
    case "text": {
      let known = new KnownTexts();
      return (chunks, kept) => {
        if (known.cells.length > maxTexts) known = new KnownTexts();
        return { kind: "coded", codes: known.codesOf(textsOf(chunks, at), kept), cells: known.cells };
      };
    }
    case "cell":
      throw new TypeError("block-columns: a field of cells has no column");
  }
}

const flagCells: readonly Cell[] = [false, true, null];

/** Once a field has held so many different texts they are forgotten. */
const maxTexts = 2 ** 17;

class KnownTexts {
  readonly cells: Cell[] = [];
  readonly #codes = new Map<Cell, number>();

  codesOf(texts: readonly Cell[], { count, index }: KeptRows): Int32Array {
    const codes = new Int32Array(count);
    for (let row = 0; row < count; row++) codes[row] = this.#codeOf(texts[index?.[row] ?? row] ?? null);
    return codes;
  }

  #codeOf(text: Cell): number {
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    const code = this.cells.push(text) - 1;
    this.#codes.set(text, code);
    return code;
  }
}

interface Vector {
  readonly items: Float64Array;
  getItem(row: number): Cell;
}

function numbersOf(chunks: readonly DuckDBDataChunk[], at: number, { count, index }: KeptRows): Float64Array {
  const parts = chunks.map((chunk) => (chunk.getColumnVector(at) as unknown as Vector).items);
  const all = new Float64Array(index === null ? count : parts.reduce((sum, { length }) => sum + length, 0));
  let start = 0;
  for (const part of parts) {
    all.set(part, start);
    start += part.length;
  }
  if (index === null) return all;
  return Float64Array.from(index, (row) => all[row]!);
}

function textsOf(chunks: readonly DuckDBDataChunk[], at: number): readonly Cell[] {
  return chunks.flatMap((chunk) => {
    const vector = chunk.getColumnVector(at) as unknown as Vector;
    return Array.from({ length: chunk.rowCount }, (_, row) => vector.getItem(row));
  });
}
