// Collects the nodes and constants of an ONNX graph; what makes a node returns the name of its output.
import { type ElementType, elementTypes, type OnnxAttribute, type OnnxNode, type OnnxTensor } from "./onnx-proto.ts";

/** The name of a value inside the ONNX graph. */
export type OnnxName = string;

export type OnnxPair = readonly [OnnxName, OnnxName];

export interface OnnxBuilder {
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxTensor[];
  node(type: string, inputs: readonly OnnxName[], attributes?: Readonly<Record<string, OnnxAttribute>>): OnnxName;
  /** A node of two outputs. */
  pair(type: string, inputs: readonly OnnxName[], attributes: Readonly<Record<string, OnnxAttribute>>): OnnxPair;
  /** A node of the domain ai.onnx.ml. */
  mlNode(type: string, inputs: readonly OnnxName[], attributes?: Readonly<Record<string, OnnxAttribute>>): OnnxName;
  cast(value: OnnxName, type: ElementType): OnnxName;
  /** A constant of doubles; without dims a scalar. */
  doubles(values: ArrayLike<number>, dims?: readonly number[]): OnnxName;
  /** A constant vector. */
  integers(values: ArrayLike<number>): OnnxName;
  constant(data: OnnxTensor["data"], dims: readonly number[]): OnnxName;
  /** Gives a value the name of an output. */
  identity(value: OnnxName, output: string): void;
}

export function onnxBuilder(): OnnxBuilder {
  const nodes: OnnxNode[] = [];
  const constants: OnnxTensor[] = [];
  const add = (node: Omit<OnnxNode, "outputs">): OnnxName => {
    const output = `value_${nodes.length}`;
    nodes.push({ ...node, outputs: [output] });
    return output;
  };
  const constant = (data: OnnxTensor["data"], dims: readonly number[]): OnnxName => {
    const name = `constant_${constants.length}`;
    constants.push({ name, dims, data });
    return name;
  };
  return {
    nodes,
    constants,
    node: (type, inputs, attributes = {}) => add({ type, domain: "", inputs, attributes }),
    pair(type, inputs, attributes) {
      const outputs: OnnxPair = [`value_${nodes.length}`, `value_${nodes.length}_second`];
      nodes.push({ type, domain: "", inputs, attributes, outputs });
      return outputs;
    },
    mlNode: (type, inputs, attributes = {}) => add({ type, domain: "ai.onnx.ml", inputs, attributes }),
    cast: (value, type) =>
      add({ type: "Cast", domain: "", inputs: [value], attributes: { to: int(elementTypes[type]) } }),
    doubles: (values, dims) => constant({ type: "double", values: Float64Array.from(values) }, dims ?? []),
    integers: (values) =>
      constant({ type: "int64", values: BigInt64Array.from(Array.from(values, (each) => BigInt(each))) }, [
        values.length,
      ]),
    constant,
    identity(value, output) {
      nodes.push({ type: "Identity", domain: "", inputs: [value], outputs: [output], attributes: {} });
    },
  };
}

export function int(value: number): OnnxAttribute {
  return { kind: "int", value };
}

export function ints(values: ArrayLike<number>): OnnxAttribute {
  return { kind: "ints", values };
}

/** A tensor attribute of doubles. */
export function doubleTensor(values: ArrayLike<number>): OnnxAttribute {
  return {
    kind: "tensor",
    tensor: { name: "", dims: [values.length], data: { type: "double", values: Float64Array.from(values) } },
  };
}
