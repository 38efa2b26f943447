// concat, plainly.
import { denseInput, type KernelMaker, sparseInput } from "../kernel.ts";
import { numbersOf, type RuntimeValue, type SparseValue } from "../runtime-value.ts";

export const concat: KernelMaker<"concat"> =
  (_op, { result }) =>
  (inputs, frame): RuntimeValue => {
    if (result.kind === "sparse") return concatSparse(inputs.map(sparseInput), frame.rowCount, result.number);
    const width = inputs.reduce((sum, input) => sum + widthOf(input), 0);
    const values = numbersOf(result.kind === "dense" ? result.number : "f64", frame.rowCount * width);
    let offset = 0;
    for (const input of inputs) {
      if (input.kind === "sparse") {
        for (let row = 0; row < frame.rowCount; row++) {
          for (let at = input.indptr[row] as number; at < (input.indptr[row + 1] as number); at++) {
            const cell = row * width + offset + (input.indices[at] as number);
            values[cell] = (values[cell] as number) + (input.data[at] as number);
          }
        }
      } else {
        const { width: each, values: x } = denseInput(input);
        for (let row = 0; row < frame.rowCount; row++) {
          values.set(x.subarray(row * each, (row + 1) * each), row * width + offset);
        }
      }
      offset += widthOf(input);
    }
    return { kind: "dense", width, values };
  };

function concatSparse(inputs: readonly SparseValue[], rowCount: number, number: string): SparseValue {
  const total = inputs.reduce((sum, input) => sum + input.indices.length, 0);
  const indptr = new Int32Array(rowCount + 1);
  const indices = new Int32Array(total);
  const data = numbersOf(number, total);
  let length = 0;
  for (let row = 0; row < rowCount; row++) {
    let offset = 0;
    for (const input of inputs) {
      for (let at = input.indptr[row] as number; at < (input.indptr[row + 1] as number); at++) {
        indices[length] = offset + (input.indices[at] as number);
        data[length++] = input.data[at] as number;
      }
      offset += input.width;
    }
    indptr[row + 1] = length;
  }
  return { kind: "sparse", width: inputs.reduce((sum, input) => sum + input.width, 0), indptr, indices, data };
}

function widthOf(value: RuntimeValue): number {
  return value.kind === "dense" || value.kind === "sparse" ? value.width : 0;
}
