// one_hot, plainly.
import { denseInput, type KernelMaker } from "../kernel.ts";
import { numbersOf } from "../runtime-value.ts";

export const oneHot: KernelMaker<"one_hot"> = ({ widths }, { result }) => {
  const width = widths.reduce((sum, each) => sum + each, 0);
  const number = result.kind === "sparse" ? result.number : "f64";
  return ([input], { rowCount }) => {
    const { values: positions } = denseInput(input);
    const indptr = new Int32Array(rowCount + 1);
    const indices = new Int32Array(positions.length);
    let length = 0;
    for (let row = 0, at = 0; row < rowCount; row++) {
      for (let column = 0, offset = 0; column < widths.length; column++, at++) {
        const position = positions[at] as number;
        if (position >= 0) indices[length++] = offset + position;
        offset += widths[column] as number;
      }
      indptr[row + 1] = length;
    }
    const data = numbersOf(number, length).fill(1);
    return { kind: "sparse", width, indptr, indices: indices.subarray(0, length), data };
  };
};
