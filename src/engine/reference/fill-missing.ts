// fill_missing, plainly.
import type { Cell, Column } from "../../data/batch.ts";
import { jsonPointer } from "../../data/json-pointer.ts";
import type { Frame } from "../frame.ts";
import { denseInput, type KernelMaker } from "../kernel.ts";
import { missingTest } from "../missing-test.ts";
import { numbersOf } from "../runtime-value.ts";

export const fillMissing: KernelMaker<"fill_missing"> = (op, { result }) => {
  const isMissing = missingTest(op.missing);
  if (result.kind === "table") {
    const kinds = result.columns.map(({ kind }) => kind);
    const names = result.columns.map(({ name }) => name);
    return ([input], frame) => {
      if (input?.kind !== "table") throw new TypeError("kernel: a table was promised");
      if (op.estimator !== undefined) refuseMissing(input.columns, { names, frame, estimator: op.estimator });
      const columns = input.columns.map((column, at): Column => {
        const fill = op.fills[at]?.value ?? null;
        if (kinds[at] === "number" && column.kind === "number") {
          const number = fill === null ? Number.NaN : Number(fill);
          return { kind: "number", values: column.values.map((cell) => (isMissing(cell) ? number : cell)) };
        }
        const values = Array.from(column.values, (cell): Cell => (isMissing(cell) ? fill : cell));
        return { kind: "cell", values };
      });
      return { kind: "table", columns };
    };
  }
  const fills = op.fills.map((fill) => (fill === null ? Number.NaN : Number(fill.value)));
  return ([input]) => {
    const { width, values: x } = denseInput(input);
    const values = numbersOf(result.kind === "dense" ? result.number : "f64", x.length);
    for (let at = 0; at < x.length; at++) {
      const cell = x[at] as number;
      values[at] = isMissing(cell) ? (fills[fills.length === 1 ? 0 : at % width] as number) : cell;
    }
    return { kind: "dense", width, values };
  };
};

interface Refusal {
  readonly names: readonly string[];
  readonly frame: Frame;
  readonly estimator: string;
}

function refuseMissing(columns: readonly Column[], { names, frame, estimator }: Refusal): void {
  const message = `is missing, and ${estimator} takes no missing values but its own`;
  const isMissing = missingTest(null);
  for (const [index, { values }] of columns.entries()) {
    for (let row = 0; row < frame.rowCount; row++) {
      if (!isMissing(values[row] ?? null)) continue;
      frame.refuse(row, { path: jsonPointer(names[index] ?? index), code: "missing_value", message });
    }
  }
}
