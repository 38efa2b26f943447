// Path or URI → a model that answers: our own graph, compiled, or an ONNX file behind ONNX Runtime.
import { compileGraph } from "../engine/compile.ts";
import { openOnnx } from "../formats/onnx/onnx-predictor.ts";
import type { ModelFacts } from "../formats/read/model-facts.ts";
import type { AnyModel } from "../formats/read/read-model.ts";
import { describeGraph } from "../model/describe.ts";
import type { OnnxRuntime } from "../model/onnx-runtime.ts";
import type { Predictor } from "../model/predictor.ts";
import { type LoadModelOptions, loadAnyModel, type ModelOrigin } from "./load-model.ts";
import { findOnnxRuntime } from "./onnx-runtime.ts";

export interface OpenPredictorOptions {
  /** What computes ONNX files. @default the package `onnxruntime-node`, where it is installed */
  readonly onnxRuntime?: OnnxRuntime;
}

export interface LoadPredictorOptions extends LoadModelOptions, OpenPredictorOptions {}

export interface OpenedPredictor {
  readonly predictor: Predictor;
  readonly facts: ModelFacts;
  /** One line an operation. */
  readonly operations: readonly string[];
}

export interface LoadedPredictor extends ModelOrigin, OpenedPredictor {}

/** @throws what `loadModel` throws; ONNX_RUNTIME, ONNX_RUN */
export async function loadPredictor(
  uris: readonly string[],
  options: LoadPredictorOptions = {},
): Promise<LoadedPredictor> {
  const { model, ...origin } = await loadAnyModel(uris, options);
  return { ...origin, ...(await openPredictor(model, options)) };
}

/** @throws MODEL_GRAPH, ONNX_RUNTIME, ONNX_RUN */
export async function openPredictor(model: AnyModel, options: OpenPredictorOptions = {}): Promise<OpenedPredictor> {
  const { facts } = model;
  if (model.kind === "graph") {
    return { predictor: compileGraph(model.graph), facts, operations: describeGraph(model.graph).operations };
  }
  const { onnx } = model;
  const predictor = await openOnnx(onnx, options.onnxRuntime ?? findOnnxRuntime(onnx.name));
  return { predictor, facts, operations: onnx.operations };
}
