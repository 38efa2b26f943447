// The messages of onnx.proto that a graph of ours needs, as bytes. Field numbers are those of onnx/onnx.proto.
import { littleEndian, type Message, messageWriter } from "./protobuf-writer.ts";

/** TensorProto.DataType. */
export const elementTypes = { float: 1, uint8: 2, int64: 7, string: 8, bool: 9, double: 11 } as const;
export type ElementType = keyof typeof elementTypes;

export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data:
    | { readonly type: "double"; readonly values: Float64Array }
    | { readonly type: "float"; readonly values: Float32Array }
    | { readonly type: "int64"; readonly values: BigInt64Array }
    | { readonly type: "uint8" | "bool"; readonly values: Uint8Array }
    | { readonly type: "string"; readonly values: readonly string[] };
}

export type OnnxAttribute =
  | { readonly kind: "int"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "ints"; readonly values: ArrayLike<number> }
  | { readonly kind: "floats"; readonly values: ArrayLike<number> }
  | { readonly kind: "strings"; readonly values: readonly string[] }
  | { readonly kind: "tensor"; readonly tensor: OnnxTensor };

export interface OnnxNode {
  readonly type: string;
  readonly domain: "" | "ai.onnx.ml";
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** An input or an output of the graph. The first dimension is the number of rows. */
export interface OnnxValueInfo {
  readonly name: string;
  readonly type: ElementType;
  /** null: one value a row, without a second dimension. */
  readonly width: number | null;
  readonly says: string;
}

export interface OnnxModel {
  readonly name: string;
  readonly says: string;
  readonly opsets: readonly { readonly domain: string; readonly version: number }[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
}

/** ModelProto. */
export function modelMessage(model: OnnxModel): Message {
  const out = messageWriter();
  out.varint(1, irVersion);
  out.text(2, "trimaran");
  out.text(6, model.says);
  out.message(7, graphMessage(model));
  for (const { domain, version } of model.opsets) {
    const opset = messageWriter();
    opset.text(1, domain);
    opset.varint(2, version);
    out.message(8, opset.finish());
  }
  for (const [key, value] of Object.entries(model.metadata)) {
    const entry = messageWriter();
    entry.text(1, key);
    entry.text(2, value);
    out.message(14, entry.finish());
  }
  return out.finish();
}

/** Of ONNX 1.10; newer operators do not ask for a newer one. */
const irVersion = 8;

function graphMessage({ name, nodes, constants, inputs, outputs }: OnnxModel): Message {
  const out = messageWriter();
  for (const [index, node] of nodes.entries()) out.message(1, nodeMessage(node, `${node.type}_${index}`));
  out.text(2, name);
  for (const constant of constants) out.message(5, tensorMessage(constant));
  for (const input of inputs) out.message(11, valueMessage(input));
  for (const output of outputs) out.message(12, valueMessage(output));
  return out.finish();
}

function nodeMessage({ type, domain, inputs, outputs, attributes }: OnnxNode, name: string): Message {
  const out = messageWriter();
  for (const input of inputs) out.text(1, input);
  for (const output of outputs) out.text(2, output);
  out.text(3, name);
  out.text(4, type);
  for (const [key, attribute] of Object.entries(attributes)) out.message(5, attributeMessage(key, attribute));
  if (domain !== "") out.text(7, domain);
  return out.finish();
}

function attributeMessage(name: string, attribute: OnnxAttribute): Message {
  const out = messageWriter();
  out.text(1, name);
  switch (attribute.kind) {
    case "int":
      out.varint(3, attribute.value);
      out.varint(20, 2);
      break;
    case "string":
      out.text(4, attribute.value);
      out.varint(20, 3);
      break;
    case "tensor":
      out.message(5, tensorMessage(attribute.tensor));
      out.varint(20, 4);
      break;
    case "floats":
      out.floats(7, attribute.values);
      out.varint(20, 6);
      break;
    case "ints":
      out.integers(8, attribute.values);
      out.varint(20, 7);
      break;
    case "strings":
      for (const value of attribute.values) out.text(9, value);
      out.varint(20, 8);
      break;
  }
  return out.finish();
}

function tensorMessage({ name, dims, data }: OnnxTensor): Message {
  const out = messageWriter();
  out.integers(1, dims);
  out.varint(2, elementTypes[data.type]);
  if (data.type === "string") for (const value of data.values) out.text(6, value);
  out.text(8, name);
  if (data.type !== "string") out.bytes(9, littleEndian(data.values));
  return out.finish();
}

function valueMessage({ name, type, width, says }: OnnxValueInfo): Message {
  const shape = messageWriter();
  const rows = messageWriter();
  rows.text(2, "rows");
  shape.message(1, rows.finish());
  if (width !== null) {
    const columns = messageWriter();
    columns.varint(1, width);
    shape.message(1, columns.finish());
  }
  const tensor = messageWriter();
  tensor.varint(1, elementTypes[type]);
  tensor.message(2, shape.finish());
  const typed = messageWriter();
  typed.message(1, tensor.finish());
  const out = messageWriter();
  out.text(1, name);
  out.message(2, typed.finish());
  if (says !== "") out.text(3, says);
  return out.finish();
}
