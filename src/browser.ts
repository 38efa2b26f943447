// The entry for a page, a worker or an edge host, "trimaran/browser": bytes → a model that answers rows, without Node.
import { type Issue, trimaranError } from "./base/errors.ts";
import { compileGraph } from "./engine/compile.ts";
import { openOnnx } from "./formats/onnx/onnx-predictor.ts";
import type { ModelSource } from "./formats/read/model-source.ts";
import type { ReadLimits } from "./formats/read/read-limits.ts";
import { type AnyModel, readAnyModel } from "./formats/read/read-model.ts";
import type { CustomEstimator } from "./formats/sklearn/define-estimator.ts";
import { describeGraph } from "./model/describe.ts";
import type { OnnxRuntime } from "./model/onnx-runtime.ts";
import { type OpenedModel, openedModel } from "./model/opened-model.ts";
import type { Predictor } from "./model/predictor.ts";

export { type ErrorKind, isTrimaranError, TrimaranError } from "./base/errors.ts";
export type { ModelInput } from "./data/model-input.ts";
export type { OutputValue } from "./data/prediction-text.ts";
export {
  type AttributeView,
  type ComputedValue,
  type CustomEstimator,
  defineEstimator,
  type EstimatorColumn,
  type EstimatorMethods,
  type EstimatorOptions,
  type EstimatorView,
  type GraphValue,
} from "./formats/sklearn/define-estimator.ts";
export type {
  MethodAnswers,
  ModelDescription,
  OpenedModel,
  PredictMethodsOptions,
  PredictRowsOptions,
} from "./model/opened-model.ts";
export type { Issue };

/** The bytes of a model file, or the files of a folder with an `MLmodel` by their path in it. */
export type ModelBytes =
  | { readonly name: string; readonly bytes: Uint8Array }
  | { readonly name: string; readonly files: ReadonlyMap<string, Uint8Array> };

export interface OpenModelOptions {
  /** What reading the file may cost, by the names that FORMAT_LIMIT says: `{ maxOpcodes: 1e8 }`. @default as each limit says */
  readonly limits?: ReadLimits;
  /** Of a file that holds several parts (a dict of them): those that make the model, in order. */
  readonly members?: readonly string[];
  /** What objects of your own classes compute, as `defineEstimator` says it. @default [] */
  readonly estimators?: readonly CustomEstimator[];
  /** What computes ONNX files: the module `onnxruntime-web`. @default none: ONNX files are refused */
  readonly onnxRuntime?: OnnxRuntime;
}

/**
 * Opens a model from bytes, as `fetch` or a file input gives them. Nothing in them is run.
 *
 * @example
 * const bytes = new Uint8Array(await (await fetch("lin_reg.bin")).arrayBuffer());
 * await using model = await openModel({ name: "lin_reg.bin", bytes });
 * const [duration] = await model.predict([{ PU_DO: "43_151", trip_distance: 1.01 }]);
 *
 * @throws every code of reading a model: FORMAT_*, PICKLE_*, MLMODEL_*, MODEL_*, ONNX_*
 */
export async function openModel(source: ModelBytes, options: OpenModelOptions = {}): Promise<OpenedModel> {
  const { name } = source;
  const { members } = options;
  const read: ModelSource =
    "files" in source
      ? { kind: "folder", name, files: source.files, members }
      : { kind: "file", name, bytes: source.bytes, members };
  const model = readAnyModel([read], options);
  const { format, versions, classes, notes } = model.facts;
  const { operations } = model.kind === "graph" ? describeGraph(model.graph) : model.onnx;
  return openedModel({
    predictor: await openPredictor(model, options),
    description: { name, format, versions, classes, operations, notes },
  });
}

async function openPredictor(model: AnyModel, { onnxRuntime }: OpenModelOptions): Promise<Predictor> {
  if (model.kind === "graph") return compileGraph(model.graph);
  if (onnxRuntime === undefined) throw trimaranError("ONNX_RUNTIME", { name: model.onnx.name });
  return openOnnx(model.onnx, onnxRuntime);
}
