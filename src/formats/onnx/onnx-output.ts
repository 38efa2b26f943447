// An ONNX file's outputs as methods, and the runtime's tensors as answers.
import type { Label, OutputColumn } from "../../data/predictions.ts";
import type { OnnxTensor } from "../../model/onnx-runtime.ts";
import type { MethodName } from "../../model/predictor.ts";
import type { OnnxPort, OnnxSignature } from "./read-signature.ts";

export interface OnnxMethod {
  readonly method: string;
  readonly output: string;
}

export interface OnnxMethods {
  readonly methods: readonly OnnxMethod[];
  /** What is not answered, and why. */
  readonly notes: readonly string[];
}

const known: readonly MethodName[] = [
  "predict",
  "predict_proba",
  "predict_log_proba",
  "decision_function",
  "transform",
  "score_samples",
];

/** Names that converters give. */
const converted: Readonly<Record<string, MethodName>> = {
  label: "predict",
  output_label: "predict",
  variable: "predict",
  probabilities: "predict_proba",
  output_probability: "predict_proba",
  scores: "decision_function",
};

/**
 * An output named as a method is that method; of other names the first is `predict`, and a second one of numbers beside labels is
 * `predict_proba`; the rest keep their names.
 */
export function onnxMethods({ outputs, metadata }: OnnxSignature): OnnxMethods {
  const tensors = outputs.filter((output) => output.type !== null);
  // Our own files name every output as the method that it is, the default first.
  if (metadata.has("trimaran.default_method")) {
    return { methods: tensors.map(({ name }) => ({ method: name, output: name })), notes: [] };
  }
  const notes = outputs
    .filter((output) => output.type === null)
    .map(
      ({ name }) => `the output ${name} is no tensor and is not answered; skl2onnx writes one with \`zipmap: False\``,
    );
  const taken = new Set<string>();
  const methods = tensors.map((port, index): OnnxMethod => {
    const wanted = methodOf(port, index, tensors);
    const method = taken.has(wanted) ? port.name : wanted;
    taken.add(method);
    return { method, output: port.name };
  });
  return { methods: [...methods].sort((a, b) => rank(a.method) - rank(b.method)), notes };
}

function methodOf(port: OnnxPort, index: number, ports: readonly OnnxPort[]): string {
  if ((known as readonly string[]).includes(port.name)) return port.name;
  const isNamed = ports.some(({ name }) => (known as readonly string[]).includes(name));
  if (isNamed) return port.name;
  const name = Object.hasOwn(converted, port.name) ? converted[port.name] : undefined;
  if (name !== undefined) return name;
  if (index === 0) return "predict";
  const [first] = ports;
  const labels = first?.type === "int64" || first?.type === "string";
  return index === 1 && ports.length === 2 && labels && port.type?.startsWith("float") ? "predict_proba" : port.name;
}

const rank = (method: string): number => (method === "predict" ? 0 : 1);

/** The parts of one output, by the rows of each run, as one column. A width of 1 is a bare value a row. */
export function outputColumn(tensors: readonly OnnxTensor[]): OutputColumn {
  const [first] = tensors;
  const width = first === undefined ? 1 : first.dims.slice(1).reduce((product, each) => product * each, 1);
  const scalar = width === 1;
  const cells = tensors.flatMap((tensor) => Array.from(tensor.data as ArrayLike<number | bigint | string | boolean>));
  switch (first?.type) {
    case "float32":
      return { kind: "number", type: "float32", scalar, width, values: Float32Array.from(cells as number[]) };
    case "string":
      return labelColumn(cells as string[], width, (value): Label => ({ type: "string", value }));
    case "bool":
      return { kind: "number", type: "boolean", scalar, width, values: Float64Array.from(cells, Number) };
    case "float64":
    case undefined:
      return { kind: "number", type: "float64", scalar, width, values: Float64Array.from(cells, Number) };
    default: {
      const isSafe = cells.every((cell) => Number.isSafeInteger(Number(cell)));
      if (isSafe) return { kind: "number", type: "integer", scalar, width, values: Float64Array.from(cells, Number) };
      return labelColumn(cells as bigint[], width, integerLabel);
    }
  }
}

function integerLabel(value: bigint): Label {
  return { type: "integer", value: Number.isSafeInteger(Number(value)) ? Number(value) : value };
}

/** The distinct values are the labels of every column. */
function labelColumn<Value>(cells: readonly Value[], width: number, toLabel: (value: Value) => Label): OutputColumn {
  const positions = new Map<Value, number>();
  const codes = Int32Array.from(cells, (cell) => {
    const position = positions.get(cell) ?? positions.size;
    positions.set(cell, position);
    return position;
  });
  const labels = Array.from(positions.keys(), toLabel);
  return { kind: "label", scalar: width === 1, width, codes, labels: Array.from({ length: width }, () => labels) };
}
