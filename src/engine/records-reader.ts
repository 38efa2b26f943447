// The records of a batch as sparse rows, one after the other: from objects, or from columns, where the dictionary is asked once for
// each code and no object is made. Columns can be had as they are read, too.
import type { Cell, FeatureColumn, FeatureColumns, RecordBatch, WarningCode } from "../data/batch.ts";
import type { VectorizeOp } from "../model/ops/vectorize.ts";
import { buildDictionary, type Dictionary, insertEntry, readRecord, type SparseRow, sparseRow } from "./dictionary.ts";
import type { Frame } from "./frame.ts";

/** Fills `out` with the columns of record `row`, as `readRecord` does. */
export type ReadRow = (row: number, out: SparseRow) => void;

/** A feature of columns, as records are read. */
export type ReadFeature =
  /** `column` -1: it is unknown. */
  | { readonly kind: "number"; readonly name: string; readonly column: number; readonly values: Float64Array }
  | { readonly kind: "coded"; readonly name: string; readonly codes: Int32Array; readonly known: KnownCells };

/** Of one kernel, for batch after batch. */
export class RecordsReader {
  readonly dictionary: Dictionary;
  readonly #lists: VectorizeOp["lists"];
  /** By feature, of the cells that it came with last. */
  readonly #known = new Map<string, KnownCells>();

  constructor(op: VectorizeOp) {
    this.dictionary = buildDictionary(op);
    this.#lists = op.lists;
  }

  open(batch: RecordBatch, frame: Frame): ReadRow {
    if (batch.columns !== undefined) return this.#openColumns(batch.columns, frame);
    const { rows } = batch;
    const context = { frame, lists: this.#lists };
    return (row, out) => readRecord(this.dictionary, rows[row] ?? {}, { row, out, context });
  }

  /** In the order of the records. */
  features({ columns }: FeatureColumns): readonly ReadFeature[] {
    return Array.from(columns, ([name, column]) => this.#feature(name, column));
  }

  #feature(name: string, column: FeatureColumn): ReadFeature {
    if (column.kind === "coded") {
      return { kind: "coded", name, codes: column.codes, known: this.#learned(name, column.cells) };
    }
    return { kind: "number", name, column: this.dictionary.numbers.get(name) ?? -1, values: column.values };
  }

  #openColumns(columns: FeatureColumns, frame: Frame): ReadRow {
    const readers = this.features(columns).map((feature) => readFeature(feature, frame));
    return (row, out) => {
      out.length = 0;
      for (let at = 0; at < readers.length; at++) readers[at]!(row, out);
    };
  }

  /** A cell alone in a record: what is read of it, or warned of. */
  #learned(name: string, cells: readonly Cell[]): KnownCells {
    let known = this.#known.get(name);
    if (known?.cells !== cells) {
      known = { cells, columns: [], values: [], warnings: [] };
      this.#known.set(name, known);
    }
    const { columns, values, warnings } = known;
    const out = sparseRow(1);
    for (let code = columns.length; code < cells.length; code++) {
      let warned: WarningCode = "unknown_feature";
      const frame: Frame = { rowCount: 1, refuse: () => {}, warn: (warning) => (warned = warning) };
      readRecord(this.dictionary, { [name]: cells[code] }, { row: 0, out, context: { frame, lists: this.#lists } });
      columns.push(out.length === 0 ? -1 : out.columns[0]!);
      values.push(out.length === 0 ? 0 : out.values[0]!);
      warnings.push(warned);
    }
    return known;
  }
}

/** By code. It grows with its cells. */
export interface KnownCells {
  readonly cells: readonly Cell[];
  /** -1: none, it is warned of. */
  readonly columns: number[];
  readonly values: number[];
  readonly warnings: WarningCode[];
}

function readFeature(feature: ReadFeature, frame: Frame): ReadRow {
  const { name } = feature;
  if (feature.kind === "number") {
    const { column, values } = feature;
    if (column < 0) return () => frame.warn("unknown_feature", name);
    return (row, out) => insertEntry(out, column, values[row]!);
  }
  const { codes, known } = feature;
  const { columns, values, warnings } = known;
  return (row, out) => {
    const code = codes[row]!;
    const column = columns[code]!;
    if (column >= 0) insertEntry(out, column, values[code]!);
    else frame.warn(warnings[code]!, name);
  };
}
