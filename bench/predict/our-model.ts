// A model as our engine answers it, with the check that its answers are Python's before anything is measured.
import { readFileSync } from "node:fs";
import type { Batch } from "../../src/data/batch.ts";
import type { Predictions } from "../../src/data/predictions.ts";
import { compileGraph } from "../../src/engine/compile.ts";
import { readModel } from "../../src/formats/read/read-model.ts";
import type { SyncPredictor } from "../../src/model/predictor.ts";

/** @throws what reading a model throws, where we do not read it */
export function openOurs(file: string): SyncPredictor {
  return compileGraph(readModel([{ kind: "file", name: file, bytes: readFileSync(file) }]).graph);
}

export function matrixOf(values: Float64Array, width: number): Batch {
  return { kind: "matrix", rowCount: values.length / width, width, values };
}

/** Throws when a number is not Python's to the last bit, asked as one batch, row by row, and through `predictRow`. */
export function assertSameAnswers(predictor: SyncPredictor, batch: Batch, expectedFile: string): void {
  const expected = readDoubles(expectedFile);
  assertSame(numbersOf(predictor.predict(batch)), expected, "in a batch");
  const rows = rowsOf(batch);
  const single = rows.map((row) => numbersOf(predictor.predict(row))[0]!);
  assertSame(Float64Array.from(single), expected, "row by row");
  if (predictor.predictRow === undefined || batch.kind !== "matrix") return;
  const { predictRow } = predictor;
  const direct = rows.map((row) => (row.kind === "matrix" ? predictRow(row.values) : Number.NaN));
  assertSame(Float64Array.from(direct), expected, "through predictRow");
}

/** A batch's rows as batches of one. */
export function rowsOf(batch: Batch): readonly Batch[] {
  if (batch.kind === "records") return batch.rows.map((row): Batch => ({ kind: "records", rows: [row] }));
  if (batch.kind !== "matrix") throw new TypeError("a table is not split here");
  const { rowCount, width, values } = batch;
  return Array.from({ length: rowCount }, (_, row): Batch => {
    return { kind: "matrix", rowCount: 1, width, values: values.slice(row * width, (row + 1) * width) };
  });
}

export function readDoubles(file: string): Float64Array {
  const bytes = readFileSync(file);
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

function numbersOf({ outputs, issues }: Predictions): Float64Array | Float32Array {
  const column = outputs["predict"];
  if (issues.length > 0) throw new Error(`rows are refused: ${issues[0]?.message}`);
  if (column?.kind !== "number") throw new Error("numbers were expected");
  return column.values;
}

function assertSame(is: Float64Array | Float32Array, must: Float64Array, how: string): void {
  if (is.length !== must.length) throw new Error(`${is.length} answers ${how}, Python gives ${must.length}`);
  for (let row = 0; row < must.length; row++) {
    if (!Object.is(is[row], must[row])) throw new Error(`row ${row} ${how} is not Python's number`);
  }
}
