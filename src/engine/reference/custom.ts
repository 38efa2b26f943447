// custom: calls the user's function with a copy of the rows, and takes nothing from it but as many numbers as it promised.
import { trimaranError } from "../../base/errors.ts";
import type { Batch, Column } from "../../data/batch.ts";
import { describeThrown } from "../../data/describe-thrown.ts";
import type { CustomOp } from "../../model/ops/custom.ts";
import type { Frame } from "../frame.ts";
import type { KernelMaker } from "../kernel.ts";
import { numbersOf, type RuntimeValue } from "../runtime-value.ts";

export const custom: KernelMaker<"custom"> =
  (op) =>
  ([input], frame) => {
    const { width } = op;
    const numbers = compute(op, batchOf(input, frame.rowCount), frame);
    const values = numbersOf(op.number, frame.rowCount * width);
    for (let at = 0; at < values.length; at++) {
      const number: unknown = numbers[at];
      if (typeof number !== "number") throw failed(op, "it gave something that is no number");
      if (op.positions !== null && !isPosition(number, op.positions)) {
        throw failed(op, `it gave a position that is none of its ${op.positions} labels`);
      }
      values[at] = number;
    }
    return { kind: "dense", width, values };
  };

function isPosition(number: number, count: number): boolean {
  return Number.isInteger(number) && number >= 0 && number < count;
}

function compute(op: CustomOp, batch: Batch, frame: Frame): ArrayLike<number> {
  const rowCount = frame.rowCount;
  const refuse = (row: number, message: string): void => {
    if (!Number.isInteger(row) || row < 0 || row >= rowCount) throw new RangeError("there is no such row");
    frame.refuse(row, { path: "", code: "estimator_refused", message: String(message) });
  };
  let numbers: unknown;
  try {
    numbers = op.compute(batch, { refuse });
  } catch (cause) {
    throw failed(op, describeThrown(cause), cause);
  }
  const length = Array.isArray(numbers) || ArrayBuffer.isView(numbers) ? (numbers as ArrayLike<unknown>).length : -1;
  if (length !== rowCount * op.width) {
    const came = length < 0 ? "no array" : `${length} numbers`;
    throw failed(op, `it gave ${came} where ${op.width} a row of ${rowCount} rows were promised`);
  }
  return numbers as ArrayLike<number>;
}

/** Copies: kernels never change their inputs, and a user's function might. */
function batchOf(input: RuntimeValue | undefined, rowCount: number): Batch {
  switch (input?.kind) {
    case "dense":
      return { kind: "matrix", rowCount, width: input.width, values: Float64Array.from(input.values) };
    case "table":
      return { kind: "table", rowCount, columns: input.columns.map(copyOf) };
    case "records":
      return { kind: "records", rows: input.rows.map((row) => ({ ...row })) };
    default:
      throw new TypeError("kernel: numbers, a table or records were promised");
  }
}

function copyOf(column: Column): Column {
  return column.kind === "number"
    ? { kind: "number", values: column.values.slice() }
    : { kind: "cell", values: column.values.slice() };
}

function failed(op: CustomOp, problem: string, cause?: unknown): Error {
  const { className, path } = op;
  return trimaranError("ESTIMATOR_FAILED", { path, class: className, problem, part: "compute" }, { cause });
}
