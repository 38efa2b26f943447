// ModelGraph → ONNX bytes. Its numbers are near to ours, since ONNX Runtime adds in an order of its own.
import type { GraphOutput, ModelGraph } from "../../model/graph.ts";
import { valueTypes } from "../../model/graph.ts";
import type { Op, OpKind, OpOf } from "../../model/op.ts";
import type { NumberType, ValueId, ValueType } from "../../model/value.ts";
import { chosenColumns } from "./columns.ts";
import { type GraphInputs, graphInputs } from "./graph-inputs.ts";
import { flat, labelTensor } from "./labels.ts";
import { type OnnxBuilder, type OnnxName, onnxBuilder } from "./onnx-builder.ts";
import { type ElementType, modelMessage, type OnnxValueInfo } from "./onnx-proto.ts";
import {
  exportError,
  numberOf,
  type OnnxValue,
  type OpWriter,
  type TreePrecision,
  type WriteContext,
} from "./op-writer.ts";
import { opWriters } from "./op-writers.ts";
import { messageBytes } from "./protobuf-writer.ts";

export interface WriteOnnxOptions {
  /** The model's name inside the file. @default "model" */
  readonly name?: string;
  /** The outputs of the file, in order. @default every method of the graph, its default first */
  readonly methods?: readonly string[];
  /**
   * `float64`: doubles throughout; forests need ai.onnx.ml 5 (ONNX Runtime 1.21 or later).
   * `float32`: leaves are added as float32, within 1e-5; forests need ai.onnx.ml 3.
   * @default "float64"
   */
  readonly precision?: TreePrecision;
  /**
   * The features of a dictionary, where there are several: tensors [rows, 1], or vectors [rows], which is how MLflow's
   * `pyfunc` hands the columns of a data frame over.
   * @default "columns"
   */
  readonly features?: "columns" | "vectors";
  /**
   * How the leaves of double trees are added: by the runtime, in any order, or tree by tree, which is bit for bit what we answer and
   * takes a number a row and tree.
   * @default "any-order"
   */
  readonly sums?: "any-order" | "in-order";
}

export interface OnnxFile {
  readonly bytes: Uint8Array;
  /** `float32` only where something of the model really is: a model without trees is always in doubles. */
  readonly precision: TreePrecision;
  /** How far its numbers are from ours, relative to the largest term of a sum. */
  readonly tolerance: number;
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
}

/** @throws ONNX_EXPORT for an op that ONNX cannot say, or a file of 2 GiB */
export function writeOnnx(graph: ModelGraph, options: WriteOnnxOptions = {}): OnnxFile {
  const types = valueTypes(graph);
  const others = Object.keys(graph.outputs).filter((method) => method !== graph.defaultMethod);
  const methods = options.methods ?? [graph.defaultMethod, ...others];
  const ops = neededOps(graph, methods);
  const hasTrees = [...ops.values()].some((op) => op.kind === "forest");
  const precision = hasTrees ? (options.precision ?? "float64") : "float64";
  // A model that adds in float32 itself (XGBoost) is added in doubles there, and rounded once.
  const addsFloats = [...ops.values()].some((op) => op.kind === "forest" && op.sum === "f32");
  const tolerance = precision === "float32" || addsFloats || roundsTerms(ops, types) ? 1e-5 : 1e-12;
  const onnx = onnxBuilder();
  if (graph.input.kind !== "records" && graph.input.columns.length === 0) {
    const isOpen = graph.input.kind === "matrix" && graph.input.anyWidth === true;
    const open = "the file does not tell how many columns its rows have (it takes any), and a tensor's must be known";
    throw exportError("the input", isOpen ? open : "the model looks at no column, and a tensor has at least one");
  }
  const given = graphInputs(graph, { ops, types });
  const { value, infos } = options.features === "vectors" ? asVectors(onnx, given) : given;
  const values = new Map<ValueId, OnnxValue>([[0, value]]);
  const addsInOrder = options.sums === "in-order";
  const common = { onnx, trees: precision, addsInOrder, anyInput: infos[0]?.name ?? "" };
  for (const [id, op] of ops) {
    const inputs = op.inputs.map((input) => values.get(input) as OnnxValue);
    const inputTypes = op.inputs.map((input) => types[input] as ValueType);
    values.set(id, writeOp(op, { ...common, inputs, types: inputTypes, result: types[id] as ValueType }));
  }
  const outputs = methods.flatMap((method) => {
    const output = graph.outputs[method];
    if (output === undefined) throw exportError(method, "the model has no such method");
    const made = values.get(output.value) ?? value;
    return writeOutput(onnx, made, { name: method, output, type: types[output.value] as ValueType });
  });
  const read = new Set(onnx.nodes.flatMap((node) => node.inputs));
  const used = infos.filter(({ name }) => read.has(name));
  const inputs = used.length === 0 ? infos : used;
  assertNames([...inputs, ...outputs].map(({ name }) => name));
  const message = modelMessage({
    name: options.name ?? "model",
    says: "Written by Trimaran. No row is refused here, not even where the model's own library refuses it.",
    opsets: [
      { domain: "", version: 17 },
      { domain: "ai.onnx.ml", version: precision === "float64" ? 5 : 3 },
    ],
    metadata: {
      "trimaran.precision": precision,
      "trimaran.tolerance": String(tolerance),
      // An ONNX string cannot be null.
      "trimaran.missing_text": "empty",
      "trimaran.missing_number": takesMissing(graph, ops) ? "nan" : "refused",
      "trimaran.default_method": graph.defaultMethod,
    },
    nodes: onnx.nodes,
    constants: onnx.constants,
    inputs,
    outputs,
  });
  if (message.byteLength >= 2 ** 31)
    throw exportError("the model", "it would be larger than 2 GiB, which ONNX files cannot be");
  return { bytes: messageBytes(message), precision, tolerance, inputs, outputs };
}

/** The same features, each of them a vector that becomes a column inside. */
function asVectors(onnx: OnnxBuilder, given: GraphInputs): GraphInputs {
  const { value, infos } = given;
  if (value.kind !== "records" || infos.length < 2) return given;
  const shape = onnx.integers([-1, 1]);
  const features = [...value.features].map(([name, column]) => {
    return [name, { ...column, name: onnx.node("Reshape", [column.name, shape]) }] as const;
  });
  return {
    value: { kind: "records", features: new Map(features) },
    infos: infos.map((each) => ({ ...each, width: null })),
  };
}

/** Ops whose float32 numbers are the outcome of several roundings, where ONNX nodes round once. */
const summing: ReadonlySet<OpKind> = new Set([
  "affine",
  "columnwise",
  "combine",
  "log_sum_exp",
  "map",
  "normalize_rows",
  "normalize_sum",
  "products",
  "row_sum",
  "softmax",
  "weighted_sums",
]);

function roundsTerms(ops: ReadonlyMap<ValueId, Op>, types: readonly ValueType[]): boolean {
  return [...ops].some(([id, { kind }]) => summing.has(kind) && numberOf(types[id]) === "f32");
}

/** Some column is made for missing numbers, or nothing refuses them. */
function takesMissing({ input }: ModelGraph, ops: ReadonlyMap<ValueId, Op>): boolean {
  if (input.kind !== "records" && input.columns.some((column) => column.nullable)) return true;
  return ![...ops.values()].some((op) => op.kind === "require_finite" && !op.allowNaN);
}

/** By the value that each makes, in ascending order. */
function neededOps(graph: ModelGraph, methods: readonly string[]): ReadonlyMap<ValueId, Op> {
  const needed = new Set(methods.map((method) => graph.outputs[method]?.value ?? 0));
  for (let id = graph.ops.length; id > 0; id--) {
    if (needed.has(id)) for (const input of graph.ops[id - 1]?.inputs ?? []) needed.add(input);
  }
  const ops = graph.ops.map((op, index) => [index + 1, op] as const);
  return new Map(ops.filter(([id]) => needed.has(id)));
}

function writeOp<Kind extends OpKind>(op: OpOf<Kind>, context: WriteContext): OnnxValue {
  const writer = opWriters[op.kind as Kind] as OpWriter<Kind>;
  if (typeof writer === "function") return writer(op, context);
  throw exportError(op.kind, writer.unsupported);
}

interface Named {
  readonly name: string;
  readonly output: GraphOutput;
  readonly type: ValueType;
}

/** One output, or one for each of several that lie side by side: `predict_proba_0`, `predict_proba_1`. */
function writeOutput(onnx: OnnxBuilder, value: OnnxValue, { name, output, type }: Named): readonly OnnxValueInfo[] {
  if (output.widths === undefined) return [namedOutput(onnx, value, { name, type, scalar: output.scalar })];
  let start = 0;
  return output.widths.map((width, index) => {
    const columns = Array.from({ length: width }, (_, column) => start + column);
    start += width;
    const part = partOf(onnx, value, { columns, type });
    return namedOutput(onnx, part.value, { name: `${name}_${index}`, type: part.type, scalar: false });
  });
}

function partOf(
  onnx: OnnxBuilder,
  value: OnnxValue,
  { columns, type }: { columns: readonly number[]; type: ValueType },
): { readonly value: OnnxValue; readonly type: ValueType } {
  if (value.kind === "label" && type.kind === "label") {
    const labels = columns.map((column) => type.labels[column] ?? []);
    return { value: { kind: "label", codes: chosenColumns(onnx, value.codes, columns) }, type: { ...type, labels } };
  }
  if (value.kind === "tensor" && (type.kind === "dense" || type.kind === "sparse")) {
    const chosen = chosenColumns(onnx, value.name, columns);
    return { value: { kind: "tensor", name: chosen }, type: { ...type, width: columns.length, names: null } };
  }
  throw new TypeError("onnx: an output was promised");
}

const outputElements: Readonly<Record<NumberType, ElementType>> = {
  f64: "double",
  f32: "float",
  i64: "int64",
  bool: "bool",
};

function namedOutput(
  onnx: OnnxBuilder,
  value: OnnxValue,
  { name, type, scalar }: { name: string; type: ValueType; scalar: boolean },
): OnnxValueInfo {
  const typed = typedOutput(onnx, value, type);
  onnx.identity(scalar ? flat(onnx, typed.name) : typed.name, name);
  return { name, type: typed.type, width: scalar ? null : typed.width, says: "" };
}

function typedOutput(
  onnx: OnnxBuilder,
  value: OnnxValue,
  type: ValueType,
): { readonly name: OnnxName; readonly type: ElementType; readonly width: number } {
  if (value.kind === "label" && type.kind === "label") {
    return { ...labelTensor(onnx, value.codes, type.labels), width: type.labels.length };
  }
  if (value.kind === "tensor" && (type.kind === "dense" || type.kind === "sparse")) {
    const element = outputElements[type.number];
    const name = element === "double" ? value.name : onnx.cast(value.name, element);
    return { name, type: element, width: type.width };
  }
  throw exportError(`an output of kind ${type.kind}`, "cells of mixed types are no tensor");
}

/** Inside the file names begin with `value_` and `constant_`; a name stands for one thing only. */
function assertNames(names: readonly string[]): void {
  const problem = names.find(
    (name, at) => name === "" || names.indexOf(name) !== at || /^(value|constant)_\d+(_second)?$/.test(name),
  );
  if (problem !== undefined) throw exportError(`the name "${problem}"`, "an ONNX file needs it for something else");
}
