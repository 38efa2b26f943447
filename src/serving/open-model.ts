// `openModel` of the package: a path, a URI or bytes → a model that answers rows. Model code is loaded when it is called.
import type { ReadLimits } from "../formats/read/read-limits.ts";
import type { CustomEstimator } from "../formats/sklearn/define-estimator.ts";
import type { OpenedPredictor } from "../loaders/load-predictor.ts";
import type { OnnxRuntime } from "../model/onnx-runtime.ts";
import type { OpenedModel } from "../model/opened-model.ts";

/** The bytes of a model file, with the name that errors call it by. */
export interface ModelBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface OpenModelOptions {
  /** Larger model files on a disk are refused; in bytes. @default 2 GiB - 1 */
  readonly maxBytes?: number;
  /** What reading the file may cost, by the names that FORMAT_LIMIT says: `{ maxOpcodes: 1e8 }`. @default as each limit says */
  readonly limits?: ReadLimits;
  /** Of a file that holds several parts (a dict of them): those that make the model, in order. */
  readonly members?: readonly string[];
  /** What objects of your own classes compute, as `defineEstimator` says it. @default [] */
  readonly estimators?: readonly CustomEstimator[];
  /** What computes ONNX files: the module `onnxruntime-node`. @default that module, where it is installed */
  readonly onnxRuntime?: OnnxRuntime;
}

/**
 * Opens a model: a file, a folder with an `MLmodel`, a URI, or the bytes of a file. Nothing in it is run.
 *
 * @example
 * await using model = await openModel("examples/ride-duration/lin_reg.bin");
 * const [duration] = await model.predict([{ PU_DO: "43_151", trip_distance: 1.01 }]);
 *
 * @throws every code of reading a model: FILE_*, FORMAT_*, PICKLE_*, MLMODEL_*, MODEL_*
 */
export async function openModel(
  source: string | URL | ModelBytes,
  options: OpenModelOptions = {},
): Promise<OpenedModel> {
  const { openedModel } = await import("../model/opened-model.ts");
  const { name, predictor, facts, operations } = await openSource(source, options);
  const { format, versions, classes, notes } = facts;
  return openedModel({ predictor, description: { name, format, versions, classes, operations, notes } });
}

async function openSource(source: string | URL | ModelBytes, options: OpenModelOptions): Promise<NamedPredictor> {
  const { loadPredictor, openPredictor } = await import("../loaders/load-predictor.ts");
  if (typeof source === "string" || source instanceof URL) {
    const { withMembers } = await import("../loaders/split-members.ts");
    const uri = String(source);
    return { name: uri, ...(await loadPredictor([withMembers(uri, options.members ?? [])], options)) };
  }
  const { name, bytes } = source;
  const { readAnyModel } = await import("../formats/read/read-model.ts");
  const model = readAnyModel([{ kind: "file", name, bytes, members: options.members }], options);
  return { name, ...(await openPredictor(model, options)) };
}

type NamedPredictor = OpenedPredictor & { readonly name: string };
