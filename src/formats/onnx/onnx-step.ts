// An ONNX file as the last step of a list: the steps before it, a graph of ours, transform the rows that it takes.
import { trimaranError } from "../../base/errors.ts";
import { type Batch, type Column, type RowIssue, rowCountOf, type Warning } from "../../data/batch.ts";
import { type ModelGraph, valueTypes } from "../../model/graph.ts";
import type { Predictor } from "../../model/predictor.ts";
import type { OnnxSource } from "./read-onnx.ts";

/** The method of the steps that makes the rows. */
const method = "transform";

/** @throws ONNX_STEP where the steps do not make what the file takes */
export function assertStep({ name, input }: OnnxSource, before: ModelGraph): void {
  const refuse = (problem: string): Error => trimaranError("ONNX_STEP", { name, problem });
  const output = before.outputs[method];
  if (output === undefined) {
    throw refuse(`the steps before it do not transform (they answer ${Object.keys(before.outputs).join(", ")})`);
  }
  const type = valueTypes(before)[output.value];
  if (type?.kind !== "dense" && type?.kind !== "sparse") throw refuse("the steps before it make no rows of numbers");
  const columns = input.kind === "records" ? [] : input.columns;
  const text = columns.find((column) => column.type === "string");
  if (text !== undefined) throw refuse(`its input ${text.name} takes strings, and steps make numbers`);
  const isOpen = type.kind === "dense" && type.anyWidth === true;
  if (!isOpen && type.width !== columns.length) {
    throw refuse(`it takes rows of ${columns.length} numbers, and the steps before it make ${type.width}`);
  }
}

export interface StepRows {
  /** What the file takes; zeros where the steps refuse the row. */
  readonly batch: Batch;
  readonly issues: readonly RowIssue[];
  readonly warnings: readonly Warning[];
}

/** The rows that the steps make for the file. @throws ONNX_STEP where only the rows tell how wide they are */
export async function stepRows(
  steps: Predictor,
  batch: Batch,
  { name, input }: Pick<OnnxSource, "name" | "input">,
): Promise<StepRows> {
  const { outputs, issues, warnings } = await steps.predict(batch, { methods: [method] });
  const made = outputs[method];
  if (made?.kind !== "number") throw new TypeError("onnx: rows of numbers were promised");
  const { width } = made;
  const rowCount = rowCountOf(batch);
  const expected = input.kind === "records" ? 0 : input.columns.length;
  if (width !== expected) {
    const problem = `it takes rows of ${expected} numbers, and the steps before it make ${width}`;
    throw trimaranError("ONNX_STEP", { name, problem });
  }
  const values = made.values instanceof Float64Array ? made.values : Float64Array.from(made.values);
  // What stands in a refused row means nothing, and must not upset the file.
  for (const { row } of issues) values.fill(0, row * width, (row + 1) * width);
  if (input.kind === "matrix") return { batch: { kind: "matrix", rowCount, width, values }, issues, warnings };
  const columns = Array.from({ length: width }, (_, column): Column => {
    const cells = Float64Array.from({ length: rowCount }, (__, row) => values[row * width + column] ?? 0);
    return { kind: "number", values: cells };
  });
  return { batch: { kind: "table", rowCount, columns }, issues, warnings };
}
