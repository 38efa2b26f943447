// Many rows as a column a feature: what a job over files has in hand. Models that take records or tables read them as they are; for
// anything else they are made into rows.
import type { Batch, Cell, Column, FeatureColumn, FeatureColumns, FeatureRow, RecordBatch } from "./batch.ts";
import type { InputColumn, ModelInput } from "./model-input.ts";

/** The same as objects; missing is null. */
export function rowsOfColumns(columns: FeatureColumns): readonly FeatureRow[] {
  return Array.from({ length: columns.rowCount }, (_, row) => rowOfColumns(columns, row));
}

export function rowOfColumns({ columns }: FeatureColumns, row: number): FeatureRow {
  const made: Record<string, Cell> = {};
  for (const [name, column] of columns) made[name] = cellAt(column, row);
  return made;
}

export function cellAt(column: FeatureColumn, row: number): Cell {
  if (column.kind === "coded") return column.cells[column.codes[row]!] ?? null;
  const value = column.values[row]!;
  return Number.isNaN(value) ? null : value;
}

/** The batch that `toBatch` would make of the rows. null: rows are to be made, as something must be said about one of them. */
export function columnsBatch(columns: FeatureColumns, input: ModelInput): Batch | null {
  switch (input.kind) {
    case "records":
      return input.items === undefined ? new ColumnRecords(columns) : null;
    case "matrix":
      return input.named && input.anyWidth !== true ? matrixOf(columns, input.columns) : null;
    case "table":
      return input.named ? tableOf(columns, input.columns) : null;
  }
}

/** Records whose rows are made only for whoever asks for them. */
class ColumnRecords implements RecordBatch {
  readonly kind = "records";
  readonly columns: FeatureColumns;
  #rows: readonly FeatureRow[] | null = null;

  constructor(columns: FeatureColumns) {
    this.columns = columns;
  }

  get rows(): readonly FeatureRow[] {
    this.#rows ??= rowsOfColumns(this.columns);
    return this.#rows;
  }
}

function matrixOf(made: FeatureColumns, inputs: readonly InputColumn[]): Batch | null {
  const { rowCount } = made;
  const width = inputs.length;
  const values = new Float64Array(rowCount * width);
  for (const [index, input] of inputs.entries()) {
    const numbers = numbersOf(made, input);
    if (numbers === null) return null;
    for (let row = 0; row < rowCount; row++) values[row * width + index] = numbers[row]!;
  }
  return { kind: "matrix", rowCount, width, values };
}

function tableOf(made: FeatureColumns, inputs: readonly InputColumn[]): Batch | null {
  const columns: Column[] = [];
  for (const input of inputs) {
    const isNumber = input.type === "number" || input.type === "integer";
    const values = isNumber ? numbersOf(made, input) : cellsOf(made, input);
    if (values === null) return null;
    columns.push(
      values instanceof Float64Array ? { kind: "number", values } : { kind: "cell", values: values as readonly Cell[] },
    );
  }
  return { kind: "table", rowCount: made.rowCount, columns };
}

function numbersOf({ rowCount, columns }: FeatureColumns, { name, optional }: InputColumn): Float64Array | null {
  const column = columns.get(name);
  if (column?.kind === "number") return column.values;
  if (column === undefined) return optional === true ? new Float64Array(rowCount).fill(Number.NaN) : null;
  if (column.cells.some((cell) => typeof cell === "string")) return null;
  const byCode = Float64Array.from(column.cells, (cell) => (cell === null ? Number.NaN : Number(cell)));
  return Float64Array.from(column.codes, (code) => byCode[code]!);
}

function cellsOf({ rowCount, columns }: FeatureColumns, { name, optional }: InputColumn): readonly Cell[] | null {
  const column = columns.get(name);
  if (column === undefined) return optional === true ? new Array<Cell>(rowCount).fill(null) : null;
  return Array.from({ length: rowCount }, (_, row) => cellAt(column, row));
}
