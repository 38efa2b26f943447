// vectorize, plainly: records to compressed sparse rows.

import { buildDictionary, readRecord, sparseRow } from "../dictionary.ts";
import type { KernelMaker } from "../kernel.ts";
import { numbersOf } from "../runtime-value.ts";

export const vectorize: KernelMaker<"vectorize"> = (op) => {
  const dictionary = buildDictionary(op);
  const width = op.names.length;
  return ([input], frame) => {
    if (input?.kind !== "records") throw new TypeError("kernel: records were promised");
    const context = { frame, lists: op.lists };
    const out = sparseRow(16);
    const indptr = new Int32Array(frame.rowCount + 1);
    let capacity = Math.max(16, frame.rowCount * 4);
    let indices = new Int32Array(capacity);
    let data = numbersOf(op.number, capacity);
    let length = 0;
    for (let row = 0; row < frame.rowCount; row++) {
      readRecord(dictionary, input.rows[row] ?? {}, { row, out, context });
      if (length + out.length > capacity) {
        capacity = Math.max(capacity * 2, length + out.length);
        const moreIndices = new Int32Array(capacity);
        const moreData = numbersOf(op.number, capacity);
        moreIndices.set(indices);
        moreData.set(data);
        indices = moreIndices;
        data = moreData;
      }
      for (let i = 0; i < out.length; i++) {
        indices[length] = out.columns[i] as number;
        data[length++] = out.values[i] as number;
      }
      indptr[row + 1] = length;
    }
    return { kind: "sparse", width, indptr, indices: indices.subarray(0, length), data: data.subarray(0, length) };
  };
};
