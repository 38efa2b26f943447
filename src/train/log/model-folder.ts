// The folder of a trained model, as its files: ONNX for whoever loads it with Python, our own file for us, and what MLflow wants to
// know about both.
import { randomUUID } from "node:crypto";
import { isTrimaranError, trimaranError } from "../../base/errors.ts";
import type { FeatureRow } from "../../data/batch.ts";
import { writeGraphFile } from "../../formats/graph/graph-file.ts";
import type { OnnxValueInfo } from "../../formats/onnx/onnx-proto.ts";
import { type OnnxFile, writeOnnx } from "../../formats/onnx/write-onnx.ts";
import type { SignatureField } from "../../mlflow/signature.ts";
import { exampleFiles, type MLmodelFields, writeMLmodel, yamlText } from "../../mlflow/write-mlmodel.ts";
import type { ModelGraph } from "../../model/graph.ts";
import { valueTypes } from "../../model/graph.ts";

export interface ModelToLog {
  readonly graph: ModelGraph;
  /** Rows as `features` gives them; the first ones become the input example. */
  readonly examples: readonly FeatureRow[];
  /** Library → versions, kept in our own file: `{ Trimaran: ["0.1.0"] }`. */
  readonly versions: Readonly<Record<string, readonly string[]>>;
}

/** Everything but the MLmodel, which also names the place that the folder goes to. */
export interface ModelFolder {
  /** Name → bytes. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Why there is no ONNX file; null: there is one. */
  readonly withoutOnnx: string | null;
  readonly inputs: readonly SignatureField[];
  readonly outputs: readonly SignatureField[];
  mlmodel(place: ModelPlace): Uint8Array;
}

export type ModelPlace = Pick<MLmodelFields, "artifactPath" | "runId" | "modelId">;

/** The release whose files ours are like. */
const mlflowVersion = "3.17.2";
const onnxVersion = "1.19.0";
const pythonVersion = "3.12.11";
/** Doubles in trees need ONNX Runtime 1.21. */
const requirements = ["mlflow>=2.22", "onnx>=1.16", "onnxruntime>=1.21", "numpy", "pandas"];
const maxExamples = 5;

/** @throws GRAPH_CUSTOM, MODEL_GRAPH */
export function modelFolder({ graph, examples, versions }: ModelToLog): ModelFolder {
  const shown = splitOutputs(graph);
  const { onnx, problem } = onnxOf(shown);
  const inputColumns = columnsOf(graph, onnx?.inputs ?? []);
  const columns = inputColumns.map(({ name }) => name);
  const data = examples.slice(0, maxExamples).map((row) => inputColumns.map((input) => exampleCell(row, input)));
  const encoder = new TextEncoder();
  const texts: Readonly<Record<string, string>> = {
    ...exampleFiles(columns, data),
    "requirements.txt": requirements.join("\n"),
    "conda.yaml": yamlText({
      channels: ["conda-forge"],
      dependencies: [`python=${pythonVersion}`, "pip", { pip: requirements }],
      name: "mlflow-env",
    }),
    "python_env.yaml": yamlText({
      build_dependencies: ["pip", "setuptools", "wheel"],
      dependencies: ["-r requirements.txt"],
      python: pythonVersion,
    }),
  };
  const files = new Map<string, Uint8Array>([
    ...(onnx === null ? [] : [["model.onnx", onnx.bytes] as const]),
    ["model.trimaran", writeGraphFile({ model: { kind: "graph", graph }, versions })],
    ...Object.entries(texts).map(([name, text]): [string, Uint8Array] => [name, encoder.encode(text)]),
  ]);
  const inputs = inputColumns.map(({ name, type }) => column(name, type));
  const outputs = onnx?.outputs.map(({ name, type }) => column(name, type)) ?? [column(graph.defaultMethod, "double")];
  const modelUuid = randomUUID().replaceAll("-", "");
  const created = new Date();
  const modelBytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  return {
    files,
    withoutOnnx: problem,
    inputs,
    outputs,
    mlmodel: (place) =>
      encoder.encode(
        writeMLmodel({
          ...place,
          modelUuid,
          created,
          mlflowVersion,
          modelBytes,
          inputs,
          outputs,
          flavors: flavorsOf(versions, onnx !== null),
        }),
      ),
  };
}

/** A feature may be text and number by turns, or a list, which ONNX cannot say: such a model is ours alone. */
function onnxOf(graph: ModelGraph): { readonly onnx: OnnxFile | null; readonly problem: string | null } {
  try {
    return { onnx: writeOnnx(graph, { name: "trimaran", features: "vectors", sums: "in-order" }), problem: null };
  } catch (error) {
    if (!isTrimaranError(error) || error.code !== "ONNX_EXPORT") throw error;
    return { onnx: null, problem: error.message };
  }
}

/** A matrix is one tensor, which MLflow makes of a data frame's columns in the order of the signature. */
function columnsOf(
  { input }: ModelGraph,
  infos: readonly OnnxValueInfo[],
): readonly Pick<OnnxValueInfo, "name" | "type">[] {
  if (input.kind === "matrix") return input.columns.map(({ name }) => ({ name, type: "double" }));
  if (infos.length > 0 || input.kind === "table") return infos;
  return input.features.map(({ name, numeric }) => ({ name, type: numeric ? "double" : "string" }));
}

function flavorsOf(versions: ModelToLog["versions"], hasOnnx: boolean): MLmodelFields["flavors"] {
  const own = { code: null, data: "model.trimaran", trimaran_version: versions["Trimaran"]?.[0] ?? null };
  if (!hasOnnx) return { trimaran: own };
  return {
    onnx: {
      code: null,
      data: "model.onnx",
      onnx_session_options: null,
      onnx_version: onnxVersion,
      providers: ["CPUExecutionProvider"],
    },
    python_function: {
      code: null,
      data: "model.onnx",
      env: { conda: "conda.yaml", virtualenv: "python_env.yaml" },
      loader_module: "mlflow.onnx",
      python_version: pythonVersion,
    },
    trimaran: own,
  };
}

/** MLflow's `pyfunc` answers a data frame only when every output is one value a row, so a matrix becomes an output a column. */
function splitOutputs(graph: ModelGraph): ModelGraph {
  const types = valueTypes(graph);
  const outputs = Object.entries(graph.outputs).map(([method, output]) => {
    const type = types[output.value];
    const width = type?.kind === "dense" || type?.kind === "sparse" ? type.width : 1;
    const isSplit = !output.scalar && output.widths === undefined && width > 1;
    return [method, isSplit ? { ...output, widths: new Array<number>(width).fill(1) } : output] as const;
  });
  return { ...graph, outputs: Object.fromEntries(outputs) };
}

const mlflowTypes: Readonly<Record<string, string>> = {
  double: "double",
  float: "float",
  int64: "long",
  bool: "boolean",
  string: "string",
};

function column(name: string, type: OnnxValueInfo["type"]): SignatureField {
  return { kind: "column", name, type: mlflowTypes[type] ?? "any", required: true };
}

/** What is missing has a value in ONNX too: an empty string, or NaN, which JSON cannot say. */
function exampleCell(row: FeatureRow, { name, type }: Pick<OnnxValueInfo, "name" | "type">): string | number {
  const value = row[name];
  if (type === "string") return typeof value === "string" ? value : "";
  if (typeof value === "string") return value;
  const number = Number(value ?? 0);
  if (Number.isFinite(number)) return number;
  throw trimaranError("TRAIN_DATA", { problem: `the example of ${name} is not a finite number` });
}
