// cast, plainly. Storing into a Float32Array rounds to nearest even and overflows to an infinity, as C does.
import type { Frame } from "../frame.ts";
import type { KernelMaker } from "../kernel.ts";
import { denseInput } from "../kernel.ts";
import { type Numbers, numbersOf, type SparseValue } from "../runtime-value.ts";

export const cast: KernelMaker<"cast"> =
  (op) =>
  ([input], frame) => {
    if (input?.kind === "sparse") {
      if (!hasRepeats(input, frame.rowCount)) return { ...input, data: converted(op.number, input.data) };
      if (op.repeated === "refuse") refuseRepeats(input, frame);
      return op.repeated === "cast_then_sum"
        ? summed({ ...input, data: converted(op.number, input.data) }, op.number, frame.rowCount)
        : summed(input, op.number, frame.rowCount);
    }
    const { width, values } = denseInput(input);
    return { kind: "dense", width, values: converted(op.number, values) };
  };

function converted(type: "f64" | "f32", values: Numbers): Numbers {
  const result = numbersOf(type, values.length);
  result.set(values);
  return result;
}

function hasRepeats({ indptr, indices }: SparseValue, rowCount: number): boolean {
  for (let row = 0; row < rowCount; row++) {
    for (let at = (indptr[row] as number) + 1; at < (indptr[row + 1] as number); at++) {
      if (indices[at] === indices[at - 1]) return true;
    }
  }
  return false;
}

function refuseRepeats({ indptr, indices }: SparseValue, frame: Frame): void {
  for (let row = 0; row < frame.rowCount; row++) {
    for (let at = (indptr[row] as number) + 1; at < (indptr[row + 1] as number); at++) {
      if (indices[at] !== indices[at - 1]) continue;
      frame.refuse(row, {
        path: "",
        code: "repeated_name",
        message: "gives a column twice, which this model does not sum",
      });
      break;
    }
  }
}

/** Adds neighbours of the same column, in the type of `value.data`, then stores them in `type`. */
function summed(value: SparseValue, type: "f64" | "f32", rowCount: number): SparseValue {
  const { indptr, indices, data, width } = value;
  const sums = numbersOf(data instanceof Float32Array ? "f32" : "f64", data.length);
  const columns = new Int32Array(indices.length);
  const starts = new Int32Array(rowCount + 1);
  let length = 0;
  for (let row = 0; row < rowCount; row++) {
    for (let at = indptr[row] as number; at < (indptr[row + 1] as number); at++) {
      const repeats = length > (starts[row] as number) && columns[length - 1] === indices[at];
      if (!repeats) columns[length++] = indices[at] as number;
      sums[length - 1] = repeats ? (sums[length - 1] as number) + (data[at] as number) : (data[at] as number);
    }
    starts[row + 1] = length;
  }
  const kept = converted(type, sums.subarray(0, length));
  return { kind: "sparse", width, indptr: starts, indices: columns.subarray(0, length), data: kept };
}
