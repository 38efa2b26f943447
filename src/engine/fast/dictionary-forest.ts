// vectorize → cast → require_finite → forest in one pass: records are read straight into the forest's sparse rows.
import type { CastOp } from "../../model/ops/cast.ts";
import type { ForestOp } from "../../model/ops/forest.ts";
import type { RequireFiniteOp } from "../../model/ops/require-finite.ts";
import type { VectorizeOp } from "../../model/ops/vectorize.ts";
import { type Dictionary, type SparseRow, sparseRow } from "../dictionary.ts";
import type { Kernel } from "../kernel.ts";
import type { ForestKernel } from "../kernels/forest-kernel.ts";
import type { RowMemo } from "../kernels/row-memo.ts";
import type { Numbers, SparseRows } from "../kernels/row-writer.ts";
import { RecordsReader } from "../records-reader.ts";
import { refuseNumber } from "../reference/require-finite.ts";
import { numbersOf } from "../runtime-value.ts";

export interface DictionaryForest {
  readonly vectorize: VectorizeOp;
  readonly cast: CastOp;
  readonly finite: RequireFiniteOp;
  readonly forest: ForestOp;
}

/** Below this many rows each row is walked on its own, through many trees at once. */
const fewRows = 5;
/** Rows are remembered once so many came in batches: who asks for a few does not pay for it. */
const memorableRows = 2 ** 14;

export function dictionaryForest(chain: DictionaryForest, kernel: ForestKernel): Kernel {
  const { vectorize, cast, finite, forest } = chain;
  const records = new RecordsReader(vectorize);
  const outputs = forest.base.length;
  const entries = sparseRow(32);
  const round = cast.number === "f32" ? Math.fround : (value: number): number => value;
  const float32 = cast.number === "f32";
  const collected = new CollectedRows();
  let memo: RowMemo | null | undefined;
  let seen = 0;
  const memoFor = (rowCount: number): RowMemo | null => {
    seen += rowCount;
    if (seen < memorableRows) return null;
    if (memo === undefined) memo = kernel.openMemo(likelyEntries(vectorize, records.dictionary));
    return memo?.isWorthIt(rowCount) === true ? memo : null;
  };
  return ([input], frame) => {
    if (input?.kind !== "records") throw new TypeError("kernel: records were promised");
    const readEntries = records.open(input, frame);
    const read = (row: number): void => {
      readEntries(row, entries);
      sumRepeats(entries, cast.repeated === "cast_then_sum" ? round : null);
      for (let at = 0; at < entries.length; at++) {
        const value = round(entries.values[at] as number);
        entries.values[at] = value;
        if (Number.isFinite(value)) continue;
        const column = entries.columns[at] as number;
        refuseNumber(frame, { row, column, value, names: vectorize.names, float32, op: finite });
      }
    };
    const out = numbersOf(forest.sum, frame.rowCount * outputs);
    if (frame.rowCount < fewRows) {
      for (let row = 0; row < frame.rowCount; row++) {
        read(row);
        // A view of a whole array costs as much as a tenth of the walk.
        const into = frame.rowCount === 1 ? out : out.subarray(row * outputs, (row + 1) * outputs);
        kernel.predictSparseRow(entries, into);
      }
    } else {
      const known = memoFor(frame.rowCount);
      collected.clear();
      const task = { kernel, collected, entries, read, rowCount: frame.rowCount, outputs };
      if (known === null) predictAll(task, out);
      else predictUnknown(known, task, out);
    }
    return { kind: "dense", width: outputs, values: out };
  };
}

/** Adds neighbours of the same column, each number rounded before (`round`) or only their sum later. */
function sumRepeats(row: SparseRow, round: ((value: number) => number) | null): void {
  const { columns, values } = row;
  let kept = 0;
  for (let at = 1; at < row.length; at++) {
    if (columns[at] !== columns[kept]) {
      kept++;
      columns[kept] = columns[at] as number;
      values[kept] = values[at] as number;
    } else if (round === null) {
      values[kept] = (values[kept] as number) + (values[at] as number);
    } else values[kept] = round(round(values[kept] as number) + round(values[at] as number));
  }
  if (row.length > 0) row.length = kept + 1;
}

/** What a longer batch needed is not held for the next. */
const mostKeptEntries = 2 ** 17;

/** A key with categories usually has one of them; a name without a separator is a number. */
function likelyEntries({ names, separator }: VectorizeOp, { categories }: Dictionary): number {
  return categories.size + names.filter((name) => !name.includes(separator)).length;
}

interface BatchTask {
  readonly kernel: ForestKernel;
  readonly collected: CollectedRows;
  readonly entries: SparseRow;
  /** Into `entries`. */
  readonly read: (row: number) => void;
  readonly rowCount: number;
  readonly outputs: number;
}

function predictAll({ kernel, collected, entries, read, rowCount }: BatchTask, out: Numbers): void {
  for (let row = 0; row < rowCount; row++) {
    read(row);
    collected.add(entries);
  }
  kernel.predictSparse(collected.rows(), out);
}

/** Rows that the memo knows are not walked, nor are rows like one that is. */
function predictUnknown(memo: RowMemo, task: BatchTask, out: Numbers): void {
  const { kernel, collected, entries, read, rowCount, outputs } = task;
  const positions = new Int32Array(rowCount).fill(-1);
  for (let row = 0; row < rowCount; row++) {
    read(row);
    const place = memo.look(entries, collected.rowCount);
    if (place >= 0) memo.read(place, out, row);
    else {
      positions[row] = -1 - place;
      if (positions[row] === collected.rowCount) collected.add(entries);
    }
  }
  const size = collected.rowCount * outputs;
  const sums = out instanceof Float32Array ? new Float32Array(size) : new Float64Array(size);
  try {
    kernel.predictSparse(collected.rows(), sums);
  } catch (error) {
    memo.forget();
    throw error;
  }
  memo.keep(sums, collected.rowCount);
  for (let row = 0; row < rowCount; row++) {
    const position = positions[row] as number;
    if (position < 0) continue;
    for (let output = 0; output < outputs; output++) {
      out[row * outputs + output] = sums[position * outputs + output] as number;
    }
  }
}

/** Sparse rows that are put together one by one, in memory that is used again for the next batch. */
class CollectedRows {
  #indptr: Int32Array = new Int32Array(1024);
  #indices: Int32Array = new Int32Array(4096);
  #data: Float64Array = new Float64Array(4096);
  rowCount = 0;

  clear(): void {
    this.rowCount = 0;
    if (this.#indices.length <= mostKeptEntries) return;
    this.#indices = new Int32Array(4096);
    this.#data = new Float64Array(4096);
  }

  add({ columns, values, length }: SparseRow): void {
    let at = this.#indptr[this.rowCount] as number;
    if (this.rowCount + 2 > this.#indptr.length) this.#indptr = grown(this.#indptr, 2 * this.#indptr.length);
    if (at + length > this.#indices.length) {
      const capacity = Math.max(this.#indices.length * 2, at + length);
      this.#indices = grown(this.#indices, capacity);
      this.#data = grown(this.#data, capacity);
    }
    for (let entry = 0; entry < length; entry++) {
      this.#indices[at] = columns[entry] as number;
      this.#data[at++] = values[entry] as number;
    }
    this.#indptr[++this.rowCount] = at;
  }

  rows(): SparseRows {
    return { rowCount: this.rowCount, indptr: this.#indptr, indices: this.#indices, data: this.#data };
  }
}

function grown<Cells extends Int32Array | Float64Array>(cells: Cells, length: number): Cells {
  const larger = cells instanceof Int32Array ? new Int32Array(length) : new Float64Array(length);
  larger.set(cells);
  return larger as Cells;
}
