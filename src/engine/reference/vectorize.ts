// vectorize, plainly: records to compressed sparse rows.

import { jsonPointer } from "../../data/json-pointer.ts";
import { type SparseRow, sparseRow } from "../dictionary.ts";
import type { Frame } from "../frame.ts";
import type { KernelMaker } from "../kernel.ts";
import { RecordsReader } from "../records-reader.ts";
import { numbersOf } from "../runtime-value.ts";

export const vectorize: KernelMaker<"vectorize"> = (op) => {
  const records = new RecordsReader(op);
  const width = op.names.length;
  return ([input], frame) => {
    if (input?.kind !== "records") throw new TypeError("kernel: records were promised");
    const read = records.open(input, frame);
    const out = sparseRow(16);
    const indptr = new Int32Array(frame.rowCount + 1);
    let capacity = Math.max(16, frame.rowCount * 4);
    let indices = new Int32Array(capacity);
    let data = numbersOf(op.number, capacity);
    let length = 0;
    for (let row = 0; row < frame.rowCount; row++) {
      read(row, out);
      if (length + out.length > capacity) {
        capacity = Math.max(capacity * 2, length + out.length);
        const moreIndices = new Int32Array(capacity);
        const moreData = numbersOf(op.number, capacity);
        moreIndices.set(indices);
        moreData.set(data);
        indices = moreIndices;
        data = moreData;
      }
      if (op.number === "i64") cutToIntegers(out, { row, frame, names: op.names });
      for (let i = 0; i < out.length; i++) {
        indices[length] = out.columns[i] as number;
        data[length++] = out.values[i] as number;
      }
      indptr[row + 1] = length;
    }
    return { kind: "sparse", width, indptr, indices: indices.subarray(0, length), data: data.subarray(0, length) };
  };
};

/** numpy's int64 of a float drops the fraction; of NaN, None and infinities there is none. */
function cutToIntegers(out: SparseRow, at: { row: number; frame: Frame; names: readonly string[] }): void {
  for (let i = 0; i < out.length; i++) {
    const value = out.values[i] as number;
    if (!Number.isFinite(value)) {
      const path = jsonPointer(at.names[out.columns[i] as number] ?? "");
      at.frame.refuse(at.row, {
        path,
        code: "not_finite",
        message: "must be a finite number: the model keeps integers",
      });
    }
    out.values[i] = Math.trunc(value) + 0;
  }
}
