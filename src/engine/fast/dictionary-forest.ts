// vectorize → cast → require_finite → forest in one pass: records are read straight into the forest's sparse rows.
import type { CastOp } from "../../model/ops/cast.ts";
import type { ForestOp } from "../../model/ops/forest.ts";
import type { RequireFiniteOp } from "../../model/ops/require-finite.ts";
import type { VectorizeOp } from "../../model/ops/vectorize.ts";
import { buildDictionary, readRecord, type SparseRow, sparseRow } from "../dictionary.ts";
import type { Kernel } from "../kernel.ts";
import type { ForestKernel } from "../kernels/forest-kernel.ts";
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

export function dictionaryForest(chain: DictionaryForest, kernel: ForestKernel): Kernel {
  const { vectorize, cast, finite, forest } = chain;
  const dictionary = buildDictionary(vectorize);
  const outputs = forest.base.length;
  const entries = sparseRow(32);
  const round = cast.number === "f32" ? Math.fround : (value: number): number => value;
  const float32 = cast.number === "f32";
  return ([input], frame) => {
    if (input?.kind !== "records") throw new TypeError("kernel: records were promised");
    const context = { frame, lists: vectorize.lists };
    const read = (row: number): void => {
      readRecord(dictionary, input.rows[row] ?? {}, { row, out: entries, context });
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
      const rows = collectRows(entries, frame.rowCount, read);
      kernel.predictSparse(rows, out);
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

interface CollectedRows {
  readonly rowCount: number;
  readonly indptr: Int32Array;
  readonly indices: Int32Array;
  readonly data: Float64Array;
}

function collectRows(entries: SparseRow, rowCount: number, read: (row: number) => void): CollectedRows {
  const indptr = new Int32Array(rowCount + 1);
  let indices = new Int32Array(rowCount * 4);
  let data = new Float64Array(rowCount * 4);
  let length = 0;
  for (let row = 0; row < rowCount; row++) {
    read(row);
    if (length + entries.length > indices.length) {
      const capacity = Math.max(indices.length * 2, length + entries.length);
      const moreIndices = new Int32Array(capacity);
      const moreData = new Float64Array(capacity);
      moreIndices.set(indices);
      moreData.set(data);
      indices = moreIndices;
      data = moreData;
    }
    for (let at = 0; at < entries.length; at++) {
      indices[length] = entries.columns[at] as number;
      data[length++] = entries.values[at] as number;
    }
    indptr[row + 1] = length;
  }
  return { rowCount, indptr, indices, data };
}
