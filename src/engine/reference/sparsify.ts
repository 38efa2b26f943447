// sparsify, plainly.
import { denseInput, type KernelMaker } from "../kernel.ts";

export const sparsify: KernelMaker<"sparsify"> =
  () =>
  ([input], { rowCount }) => {
    const { width, values } = denseInput(input);
    const indptr = new Int32Array(rowCount + 1);
    const indices = new Int32Array(values.length);
    const data = values.slice();
    let length = 0;
    for (let row = 0; row < rowCount; row++) {
      for (let column = 0; column < width; column++) {
        const value = values[row * width + column] as number;
        if (value === 0) continue;
        indices[length] = column;
        data[length++] = value;
      }
      indptr[row + 1] = length;
    }
    return { kind: "sparse", width, indptr, indices: indices.subarray(0, length), data: data.subarray(0, length) };
  };
