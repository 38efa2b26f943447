// What an ONNX file says of itself, without running it: inputs, outputs, operators. A file that points to other files is refused.
//
//   ModelProto      2 producer_name  3 producer_version  7 graph  8 opset_import  14 metadata_props  25 functions
//   GraphProto      1 node  5 initializer  11 input  12 output  15 sparse_initializer
//   NodeProto       3 name  4 op_type  5 attribute  7 domain;   FunctionProto  7 node
//   AttributeProto  1 name  5 t  6 g  8 ints  10 tensors  11 graphs  22 sparse_tensor  23 sparse_tensors
//   TensorProto     8 name  13 external_data  14 data_location (1: another file)
import { trimaranError } from "../../base/errors.ts";
import { type ProtoField, packedVarints, protoFields, protoText } from "./protobuf-reader.ts";

/** An input or output that is a tensor; `dims[i]` is null where the file leaves a size open. */
export interface OnnxPort {
  readonly name: string;
  /** The runtime's own name of the element type; null for what is no tensor of numbers, strings or booleans. */
  readonly type: string | null;
  /** null: the file does not say. */
  readonly dims: readonly (number | null)[] | null;
}

export interface OnnxSignature {
  readonly producer: string;
  readonly producerVersion: string;
  readonly metadata: ReadonlyMap<string, string>;
  /** Version by domain; "" is ai.onnx. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
  /** How often each operator stands in the file: `ai.onnx.ml.Scaler`. */
  readonly operators: ReadonlyMap<string, number>;
  /** A missing number (NaN) is an answer that the graph was made for: it looks for NaN, imputes, or has trees that do. */
  readonly takesMissing: boolean;
}

/** TensorProto.DataType → the runtime's name. */
const elementNames: ReadonlyMap<number, string> = new Map([
  [1, "float32"],
  [2, "uint8"],
  [3, "int8"],
  [4, "uint16"],
  [5, "int16"],
  [6, "int32"],
  [7, "int64"],
  [8, "string"],
  [9, "bool"],
  [11, "float64"],
  [12, "uint32"],
  [13, "uint64"],
]);

const maxDepth = 64;

export interface OnnxLimits {
  /** @default 1000000 */
  readonly maxNodes?: number;
  /** Inputs and outputs of one graph. @default 100000 */
  readonly maxPorts?: number;
}

interface Found {
  readonly name: string;
  readonly maxNodes: number;
  readonly maxPorts: number;
  readonly operators: Map<string, number>;
  nodes: number;
  takesMissing: boolean;
}

/** Whether a file begins as ONNX does: its IR version, then a text, the graph or the operator sets. */
export function looksLikeOnnx(bytes: Uint8Array): boolean {
  const [tag = 0, version = 0, next = 0] = bytes;
  return tag === 8 && version > 0 && version < 64 && [0x12, 0x1a, 0x22, 0x2a, 0x32, 0x3a, 0x42].includes(next);
}

/** @throws FORMAT_DAMAGED, FORMAT_LIMIT, ONNX_EXTERNAL */
export function readSignature(bytes: Uint8Array, name: string, limits: OnnxLimits = {}): OnnxSignature {
  const { maxNodes = 1_000_000, maxPorts = 100_000 } = limits;
  const found: Found = { name, maxNodes, maxPorts, operators: new Map(), nodes: 0, takesMissing: false };
  const opsets = new Map<string, number>();
  const metadata = new Map<string, string>();
  const ports: { inputs: OnnxPort[]; outputs: OnnxPort[] } = { inputs: [], outputs: [] };
  let [producer, producerVersion] = ["", ""];
  for (const field of protoFields(bytes, name)) {
    const { number, bytes: inner } = field;
    if (inner === null) continue;
    if (number === 2) producer = protoText(inner);
    else if (number === 3) producerVersion = protoText(inner);
    else if (number === 7) Object.assign(ports, readGraph(inner, found, 1));
    else if (number === 8) {
      const opset = textsAndNumbers(inner, name);
      opsets.set(opset.texts.get(1) ?? "", opset.numbers.get(2) ?? 0);
    } else if (number === 14) {
      const { texts } = textsAndNumbers(inner, name);
      metadata.set(texts.get(1) ?? "", texts.get(2) ?? "");
    } else if (number === 25) {
      for (const each of protoFields(inner, name)) if (each.number === 7 && each.bytes) readNode(each.bytes, found, 1);
    }
  }
  const { operators } = found;
  const takesMissing = found.takesMissing || metadata.get("trimaran.missing_number") === "nan";
  return { producer, producerVersion, metadata, opsets, ...ports, operators, takesMissing };
}

function readGraph(graph: Uint8Array, found: Found, depth: number): { inputs: OnnxPort[]; outputs: OnnxPort[] } {
  if (depth > maxDepth) throw limit(found.name, "maxDepth", maxDepth, "graphs inside graphs");
  const inputs: OnnxPort[] = [];
  const outputs: OnnxPort[] = [];
  const constants = new Set<string>();
  for (const { number, bytes } of protoFields(graph, found.name)) {
    if (bytes === null) continue;
    if (number === 1) readNode(bytes, found, depth);
    else if (number === 5) constants.add(readTensor(bytes, found));
    else if (number === 11) inputs.push(readPort(bytes, found.name));
    else if (number === 12) outputs.push(readPort(bytes, found.name));
    else if (number === 15) readSparse(bytes, found);
    if (inputs.length + outputs.length > found.maxPorts) {
      throw limit(found.name, "maxPorts", found.maxPorts, "it has more inputs and outputs");
    }
  }
  // Old files list their constants as inputs too.
  return { inputs: inputs.filter((input) => !constants.has(input.name)), outputs };
}

function readNode(node: Uint8Array, found: Found, depth: number): void {
  if (++found.nodes > found.maxNodes) throw limit(found.name, "maxNodes", found.maxNodes, "it has more nodes");
  let [type, domain] = ["", ""];
  for (const { number, bytes } of protoFields(node, found.name)) {
    if (number === 4) type = protoText(bytes);
    else if (number === 7) domain = protoText(bytes);
  }
  const operator = domain === "" || domain === "ai.onnx" ? type : `${domain}.${type}`;
  found.operators.set(operator, (found.operators.get(operator) ?? 0) + 1);
  if (type === "IsNaN" || type === "Imputer") found.takesMissing = true;
  // Walked again, not gathered: a node of a megabyte can have half a million empty ones.
  for (const { number, bytes } of protoFields(node, found.name)) {
    if (number === 5 && bytes !== null && bytes.length > 0) readAttribute(bytes, found, depth);
  }
}

function readAttribute(attribute: Uint8Array, found: Found, depth: number): void {
  let key = "";
  for (const field of protoFields(attribute, found.name)) {
    const { number, bytes } = field;
    if (number === 1) key = protoText(bytes);
    else if (number === 8 && key === "nodes_missing_value_tracks_true") noteMissing(field, found);
    else if (bytes === null) continue;
    else if (number === 5 || number === 10) readTensor(bytes, found);
    else if (number === 6 || number === 11) readGraph(bytes, found, depth + 1);
    else if (number === 22 || number === 23) readSparse(bytes, found);
  }
}

function noteMissing(field: ProtoField, found: Found): void {
  for (const flag of packedVarints(field, found.name)) if (flag === 1) found.takesMissing = true;
}

/** SparseTensorProto: 1 values, 2 indices. */
function readSparse(sparse: Uint8Array, found: Found): void {
  for (const { number, bytes } of protoFields(sparse, found.name)) {
    if ((number === 1 || number === 2) && bytes !== null) readTensor(bytes, found);
  }
}

/** The tensor's name. @throws ONNX_EXTERNAL */
function readTensor(tensor: Uint8Array, found: Found): string {
  let name = "";
  for (const { number, value, bytes } of protoFields(tensor, found.name)) {
    if (number === 8) name = protoText(bytes);
    else if (number === 13 || (number === 14 && value !== 0)) {
      throw trimaranError("ONNX_EXTERNAL", { name: found.name, tensor: name });
    }
  }
  return name;
}

/** ValueInfoProto: 1 name, 2 type; TypeProto: 1 tensor_type {1 elem_type, 2 shape}; a shape's 1 dim {1 value, 2 parameter}. */
function readPort(port: Uint8Array, name: string): OnnxPort {
  let label = "";
  let type: string | null = null;
  let dims: (number | null)[] | null = null;
  for (const field of protoFields(port, name)) {
    if (field.number === 1) label = protoText(field.bytes);
    if (field.number !== 2 || field.bytes === null) continue;
    for (const kind of protoFields(field.bytes, name)) {
      if (kind.number !== 1 || kind.bytes === null) continue;
      for (const part of protoFields(kind.bytes, name)) {
        if (part.number === 1) type = elementNames.get(part.value) ?? null;
        else if (part.number === 2 && part.bytes !== null) dims = readShape(part.bytes, name);
      }
    }
  }
  return { name: label, type, dims };
}

function readShape(shape: Uint8Array, name: string): (number | null)[] {
  const dims: (number | null)[] = [];
  for (const { number, bytes } of protoFields(shape, name)) {
    if (number !== 1 || bytes === null) continue;
    const size = textsAndNumbers(bytes, name).numbers.get(1);
    dims.push(size === undefined || size <= 0 || size >= 2 ** 31 ? null : size);
    if (dims.length > maxDepth) throw limit(name, "maxDepth", maxDepth, "dimensions");
  }
  return dims;
}

function textsAndNumbers(
  message: Uint8Array,
  name: string,
): { readonly texts: ReadonlyMap<number, string>; readonly numbers: ReadonlyMap<number, number> } {
  const texts = new Map<number, string>();
  const numbers = new Map<number, number>();
  for (const { number, value, bytes } of protoFields(message, name)) {
    if (bytes === null) numbers.set(number, value);
    else texts.set(number, protoText(bytes));
  }
  return { texts, numbers };
}

function limit(name: string, which: string, max: number, problem: string): Error {
  return trimaranError("FORMAT_LIMIT", { name, limit: which, max, problem });
}
