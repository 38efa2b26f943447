// require_finite, plainly: the same value, and a refusal for each number that the library would not take.
import { jsonPointer } from "../../data/json-pointer.ts";
import type { RequireFiniteOp } from "../../model/ops/require-finite.ts";
import type { Frame } from "../frame.ts";
import type { KernelMaker } from "../kernel.ts";
import { denseInput } from "../kernel.ts";

export const requireFinite: KernelMaker<"require_finite"> = (op, { inputs }) => {
  const type = inputs[0];
  const names = type?.kind === "dense" || type?.kind === "sparse" ? type.names : null;
  const float32 = (type?.kind === "dense" || type?.kind === "sparse") && type.number === "f32";
  return ([input], frame) => {
    const refuse = (row: number, column: number, value: number): void =>
      refuseNumber(frame, { row, column, value, names, float32, op });
    if (input?.kind === "sparse") {
      for (let row = 0; row < frame.rowCount; row++) {
        for (let at = input.indptr[row] as number; at < (input.indptr[row + 1] as number); at++) {
          const value = input.data[at] as number;
          if (!Number.isFinite(value)) refuse(row, input.indices[at] as number, value);
        }
      }
      return input;
    }
    const { width, values } = denseInput(input);
    for (let at = 0; at < values.length; at++) {
      const value = values[at] as number;
      if (!Number.isFinite(value)) refuse(Math.floor(at / width), at % width, value);
    }
    return denseInput(input);
  };
};

interface Refusal {
  readonly row: number;
  readonly column: number;
  readonly value: number;
  readonly names: readonly string[] | null;
  readonly float32: boolean;
  readonly op: RequireFiniteOp;
}

/** Refuses a NaN or an infinity, unless the op lets it pass. */
export function refuseNumber(frame: Frame, { row, column, value, names, float32, op }: Refusal): void {
  const missing = Number.isNaN(value);
  if (missing ? op.allowNaN : op.allowInfinite) return;
  const path = jsonPointer(names?.[column] ?? column);
  if (missing) {
    const message = `is missing or not a number, and ${op.estimator} takes no missing values`;
    frame.refuse(row, { path, code: "missing_value", message });
  } else {
    const message = `is ${float32 ? "beyond what float32 holds" : "infinite"}, and ${op.estimator} takes finite numbers only`;
    frame.refuse(row, { path, code: "not_finite", message });
  }
}
