// Chunks of DuckDB → rows: from typed arrays where nothing is odd about a row, through the reader of rows where something may be.
import { type DuckDBDataChunk, JSDuckDBValueConverter } from "@duckdb/node-api";
import type { Issue } from "../../base/errors.ts";
import type { RowIssue } from "../../data/batch.ts";
import type { RowReader } from "../../data/schema-row.ts";
import { plainCell } from "../../tables/sql-table.ts";
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
  /** Cells of the fields as a row that `closely` reads. */
  readonly cellsOf: (cells: readonly unknown[]) => Record<string, unknown>;
}

export interface ReadBlock {
  readonly rows: readonly unknown[];
  /** Position in `rows` → position in the block; null where they are the same. */
  readonly index: Int32Array | null;
  readonly issues: readonly RowIssue[];
}

/** `odd` gives the cells of the rows that are flagged, one after the other. */
export type BlockReader = (chunks: readonly DuckDBDataChunk[], rows: number, odd: Iterator<OddRow>) => ReadBlock;

/** The cells of all fields, as DuckDB's values. */
export type OddRow = readonly unknown[];

/** How many rows of a chunk are flagged. */
export function countFlags(chunk: DuckDBDataChunk): number {
  const flags = chunk.getColumnVector(0) as unknown as CellVector;
  // Each look at the chunk's count is a call of DuckDB.
  const { rowCount } = chunk;
  let count = 0;
  for (let row = 0; row < rowCount; row++) if (flags.getItem(row) === true) count++;
  return count;
}

/** Chunks hold a flag and the value of each field. */
export function blockReader(options: BlockReaderOptions): BlockReader {
  const { closely } = options;
  const makeRow = rowMaker(options);
  const readClosely = closeReader(options);
  return (chunks, count, odd) => {
    const rows: unknown[] = [];
    const index = new Int32Array(count);
    const issues: RowIssue[] = [];
    let place = 0;
    for (const chunk of chunks) {
      const flags = chunk.getColumnVector(0) as unknown as CellVector;
      const make = makeRow(chunk);
      const { rowCount } = chunk;
      for (let row = 0; row < rowCount; row++, place++) {
        if (closely === null || flags.getItem(row) !== true) {
          index[rows.length] = place;
          rows.push(make(row));
          continue;
        }
        const read = readClosely(odd.next().value ?? [], closely);
        if (read.row !== undefined) {
          index[rows.length] = place;
          rows.push(read.row);
        } else for (const issue of read.issues) issues.push({ row: place, ...issue });
      }
    }
    return { rows, index: rows.length === count ? null : index, issues };
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

interface CloseRow {
  readonly row: unknown;
  readonly issues: readonly Issue[];
}

function closeReader({
  fields,
  columnTypes,
  json,
  cellsOf,
}: BlockReaderOptions): (odd: OddRow, closely: RowReader) => CloseRow {
  const isDate = fields.map(({ name }) => columnTypes[name] === "DATE");
  const isJson = fields.map(({ name }) => json.includes(name));
  return (odd, closely) => {
    const cells = odd.map((cell, at) => {
      const isText = isJson[at] === true && typeof cell === "string";
      return isText ? (JSON.parse(cell) as unknown) : plainCell(cell, isDate[at] === true);
    });
    const issues: Issue[] = [];
    return { row: closely(cellsOf(cells), { issues, warnings: new Map() }, ""), issues };
  };
}
