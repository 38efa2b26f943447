// Chunks of DuckDB → rows: from typed arrays where nothing is odd about a row (as columns where no object is needed), through the
// reader of rows where something may be.
import { type DuckDBDataChunk, JSDuckDBValueConverter } from "@duckdb/node-api";
import type { Issue } from "../../base/errors.ts";
import type { RowIssue } from "../../data/batch.ts";
import type { RowReader } from "../../data/schema-row.ts";
import { plainCell } from "../../tables/sql-table.ts";
import { type BlockColumns, blockColumns, flagsOf, type KeptRows } from "./block-columns.ts";
import type { FieldPlan } from "./input-fields.ts";

export interface BlockReaderOptions {
  readonly fields: readonly FieldPlan[];
  readonly columnTypes: Readonly<Record<string, string>>;
  /** Columns whose cells are JSON texts. */
  readonly json: readonly string[];
  /** Rows are arrays, in the order of the fields. */
  readonly isPositional: boolean;
  /** null: a model alone looks at its rows itself. */
  readonly closely: RowReader | null;
  /** Those that the features are made of, where rows need not be objects; null: they must. */
  readonly columnFields: ReadonlySet<string> | null;
  /** Cells of the fields as a row that `closely` reads. */
  readonly cellsOf: (cells: readonly unknown[]) => Record<string, unknown>;
}

/** Rows that are answered together: as objects, or their fields as columns. */
export type BlockRows = { readonly kind: "rows"; readonly rows: readonly unknown[] } | BlockColumns;

export interface BlockPart {
  readonly rows: BlockRows;
  /** Position in the part → position in the block; null where they are the same. */
  readonly index: Int32Array | null;
}

export interface ReadBlock {
  readonly parts: readonly BlockPart[];
  readonly issues: readonly RowIssue[];
}

/** `odd` are the cells of the rows that are flagged. */
export type BlockReader = (chunks: readonly DuckDBDataChunk[], rows: number, odd: readonly OddRow[]) => ReadBlock;

/** The cells of all fields, as DuckDB's values. */
export type OddRow = readonly unknown[];

/** How many rows of a chunk are flagged. */
export function countFlags(chunk: DuckDBDataChunk): number {
  const flags = flagsOf(chunk);
  let count = 0;
  for (let row = 0; row < flags.length; row++) count += flags[row]!;
  return count;
}

/** Chunks hold a flag and the value of each field. */
export function blockReader(options: BlockReaderOptions): BlockReader {
  const { closely, columnFields, fields } = options;
  const readPlain = columnFields === null ? plainRows(options) : blockColumns(fields, columnFields);
  const readOdd = oddReader(options);
  return (chunks, count, odd) => {
    // A model alone has nothing to look closer with.
    if (closely === null || odd.length === 0) {
      return { parts: [{ rows: readPlain(chunks, { count, index: null }), index: null }], issues: [] };
    }
    const { plain, flagged } = splitBlock(chunks, odd.length);
    const read = readOdd(odd, closely, flagged);
    const parts = [{ rows: readPlain(chunks, { count: plain.length, index: plain }), index: plain }, read.part];
    return { parts: parts.filter(({ index }) => index.length > 0), issues: read.issues };
  };
}

interface SplitBlock {
  readonly plain: Int32Array;
  readonly flagged: Int32Array;
}

/** Positions in the block. */
function splitBlock(chunks: readonly DuckDBDataChunk[], odd: number): SplitBlock {
  const flags = chunks.map(flagsOf);
  const plain = new Int32Array(flags.reduce((sum, { length }) => sum + length, -odd));
  const flagged = new Int32Array(odd);
  let [place, plainAt, flaggedAt] = [0, 0, 0];
  for (const each of flags) {
    for (let row = 0; row < each.length; row++, place++) {
      if (each[row] === 0) plain[plainAt++] = place;
      else flagged[flaggedAt++] = place;
    }
  }
  return { plain, flagged };
}

type PlainReader = (chunks: readonly DuckDBDataChunk[], kept: KeptRows) => BlockRows;

function plainRows(options: BlockReaderOptions): PlainReader {
  const makeRow = rowMaker(options);
  return (chunks, { index }) => {
    const rows: unknown[] = [];
    let start = 0;
    let at = 0;
    for (const chunk of chunks) {
      const make = makeRow(chunk);
      const { rowCount } = chunk;
      if (index === null) for (let row = 0; row < rowCount; row++) rows.push(make(row));
      else for (; at < index.length && index[at]! < start + rowCount; at++) rows.push(make(index[at]! - start));
      start += rowCount;
    }
    return { kind: "rows", rows };
  };
}

interface CellVector {
  readonly items: Float64Array;
  getItem(row: number): unknown;
}

type CellReader = (row: number) => unknown;

/** Fields that are empty are null, or not there. */
function rowMaker({ fields, columnTypes, isPositional }: BlockReaderOptions): (chunk: DuckDBDataChunk) => CellReader {
  const names = fields.map(({ name }) => name);
  const leavesOut = fields.map(({ empty }) => empty.kind === "absent");
  return (chunk) => {
    const cells = fields.map((field, at) => cellReader(chunk, { field, at, type: columnTypes[field.name] }));
    if (isPositional) return (row) => cells.map((cell) => cell(row));
    return (row) => {
      const made: Record<string, unknown> = {};
      for (let at = 0; at < names.length; at++) {
        const cell = cells[at]!(row);
        if (cell === null && leavesOut[at]) continue;
        made[names[at]!] = cell;
      }
      return made;
    };
  };
}

interface CellColumn {
  readonly field: FieldPlan;
  readonly at: number;
  readonly type: string | undefined;
}

function cellReader(chunk: DuckDBDataChunk, { field, at, type }: CellColumn): CellReader {
  const vector = chunk.getColumnVector(1 + at) as unknown as CellVector;
  switch (field.mode) {
    case "number": {
      const { items } = vector;
      return (row) => {
        const value = items[row] as number;
        return Number.isNaN(value) ? null : value;
      };
    }
    case "boolean": {
      const { items } = vector;
      return (row) => {
        const value = items[row] as number;
        return Number.isNaN(value) ? null : value === 1;
      };
    }
    case "text":
      return (row) => vector.getItem(row);
    case "cell": {
      const cells = chunk.convertColumnValues(1 + at, JSDuckDBValueConverter);
      return (row) => plainCell(cells[row], type === "DATE");
    }
  }
}

interface ReadOdd {
  readonly part: BlockPart & { readonly index: Int32Array };
  readonly issues: readonly RowIssue[];
}

/** Rows that fit after all are a part of their own. */
function oddReader({
  fields,
  columnTypes,
  json,
  cellsOf,
}: BlockReaderOptions): (odd: readonly OddRow[], closely: RowReader, places: Int32Array) => ReadOdd {
  const isDate = fields.map(({ name }) => columnTypes[name] === "DATE");
  const isJson = fields.map(({ name }) => json.includes(name));
  return (odd, closely, places) => {
    const rows: unknown[] = [];
    const sound: number[] = [];
    const issues: RowIssue[] = [];
    for (const [at, values] of odd.entries()) {
      const place = places[at]!;
      const cells = values.map((cell, column) => {
        const isText = isJson[column] === true && typeof cell === "string";
        return isText ? (JSON.parse(cell) as unknown) : plainCell(cell, isDate[column] === true);
      });
      const found: Issue[] = [];
      const row = closely(cellsOf(cells), { issues: found, warnings: new Map() }, "");
      if (row === undefined) for (const issue of found) issues.push({ row: place, ...issue });
      else {
        rows.push(row);
        sound.push(place);
      }
    }
    return { part: { rows: { kind: "rows", rows }, index: Int32Array.from(sound) }, issues };
  };
}
