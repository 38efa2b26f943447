// missing_flags, plainly.
import type { Cell } from "../../data/batch.ts";
import { jsonPointer } from "../../data/json-pointer.ts";
import { denseInput, type KernelMaker } from "../kernel.ts";
import { missingTest } from "../missing-test.ts";

export const missingFlags: KernelMaker<"missing_flags"> = (op, { result }) => {
  const isMissing = missingTest(op.missing);
  const refused = new Set(op.refused);
  const { width, names } = result.kind === "dense" ? result : { width: 0, names: null };
  const message = `is missing, and no missing value was there when ${op.estimator} was fitted`;
  return ([input], frame) => {
    const values = new Float64Array(frame.rowCount * width);
    const x = input?.kind === "table" ? null : denseInput(input).values;
    const columns = input?.kind === "table" ? input.columns : [];
    for (let column = 0; column < width; column++) {
      const cells: ArrayLike<Cell> = columns[column]?.values ?? [];
      for (let row = 0; row < frame.rowCount; row++) {
        const at = row * width + column;
        const cell = x === null ? (cells[row] ?? null) : (x[at] as number);
        if (!isMissing(cell)) continue;
        values[at] = 1;
        if (!refused.has(column)) continue;
        frame.refuse(row, { path: jsonPointer(names?.[column] ?? column), code: "missing_value", message });
      }
    }
    return { kind: "dense", width, values };
  };
};
