// Class labels → ONNX nodes: positions inside the graph, the labels themselves at its outputs.
import type { Label } from "../../data/predictions.ts";
import { chosenColumns, joined } from "./columns.ts";
import { int, type OnnxBuilder, type OnnxName } from "./onnx-builder.ts";
import type { ElementType, OnnxTensor } from "./onnx-proto.ts";
import { exportError, tensor, tensorInput, type WriteOp } from "./op-writer.ts";

export const writeLabel: WriteOp<"label"> = (op, context) => {
  const { onnx } = context;
  const x = tensorInput(context);
  switch (op.rule) {
    case "index":
      return { kind: "label", codes: onnx.cast(x, "int64") };
    case "positive":
    case "not_negative": {
      const compare = op.rule === "positive" ? "Greater" : "GreaterOrEqual";
      return { kind: "label", codes: onnx.cast(onnx.node(compare, [x, onnx.doubles([0])]), "int64") };
    }
    case "argmax": {
      let start = 0;
      const parts = op.labels.map((labels) => {
        const columns = labels.map((_, index) => start + index);
        start += labels.length;
        return onnx.node("ArgMax", [op.labels.length === 1 ? x : chosenColumns(onnx, x, columns)], { axis: int(1) });
      });
      return { kind: "label", codes: joined(onnx, parts) };
    }
  }
};

export const writeLookup: WriteOp<"lookup"> = (op, { onnx, inputs }) => {
  const [input] = inputs;
  if (input?.kind !== "label") throw new TypeError("onnx: labels were promised");
  const table = onnx.doubles(op.table, [op.table.length / op.width, op.width]);
  return tensor(onnx.node("Gather", [table, flat(onnx, input.codes)]));
};

/** [rows, 1] → [rows]. */
export function flat(onnx: OnnxBuilder, value: OnnxName): OnnxName {
  return onnx.node("Reshape", [value, onnx.integers([-1])]);
}

/** Positions [rows, columns] → labels of the same shape, and the type of the tensor. */
export function labelTensor(
  onnx: OnnxBuilder,
  codes: OnnxName,
  labels: readonly (readonly Label[])[],
): { readonly name: OnnxName; readonly type: ElementType } {
  const tables = labels.map(labelTable);
  const [first] = tables;
  if (first === undefined || tables.some(({ type }) => type !== first.type)) {
    throw exportError("label", "its columns hold labels of different types");
  }
  const parts = tables.map((table, index) => {
    const column = tables.length === 1 ? codes : chosenColumns(onnx, codes, [index]);
    return onnx.node("Gather", [onnx.constant(table, [table.values.length]), column]);
  });
  return { name: joined(onnx, parts), type: first.type };
}

function labelTable(labels: readonly Label[]): OnnxTensor["data"] {
  const type = labels[0]?.type;
  if (labels.some((label) => label.type !== type)) throw exportError("label", "its labels are of different types");
  const values = labels.map((label) => label.value);
  switch (type) {
    case "integer":
      return { type: "int64", values: BigInt64Array.from(values, (value) => BigInt(value)) };
    case "float":
      return { type: "double", values: Float64Array.from(values, Number) };
    case "boolean":
      return { type: "bool", values: Uint8Array.from(values, Number) };
    default:
      return { type: "string", values: values.map(String) };
  }
}
