// `openModel` of the package: a path, a URI or bytes → a model that answers rows. Model code is loaded when it is called.
import type { ReadModel } from "../formats/read/read-model.ts";
import type { CustomEstimator } from "../formats/sklearn/define-estimator.ts";
import type { OpenedModel } from "../model/opened-model.ts";

/** The bytes of a model file, with the name that errors call it by. */
export interface ModelBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface OpenModelOptions {
  /** Larger model files on a disk are refused; in bytes. @default 2 GiB - 1 */
  readonly maxBytes?: number;
  /** Of a file that holds several parts (a dict of them): those that make the model, in order. */
  readonly members?: readonly string[];
  /** What objects of your own classes compute, as `defineEstimator` says it. @default [] */
  readonly estimators?: readonly CustomEstimator[];
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
  const { describeGraph } = await import("../model/describe.ts");
  const { compileGraph } = await import("../engine/compile.ts");
  const { graph, facts, name } = await readGraph(source, options);
  const { format, versions, classes, notes } = facts;
  const { operations } = describeGraph(graph);
  return openedModel({
    predictor: compileGraph(graph),
    description: { name, format, versions, classes, operations, notes },
  });
}

async function readGraph(source: string | URL | ModelBytes, options: OpenModelOptions): Promise<NamedModel> {
  if (typeof source === "string" || source instanceof URL) {
    const { loadModel } = await import("../loaders/load-model.ts");
    const { withMembers } = await import("../loaders/split-members.ts");
    const uri = String(source);
    return { name: uri, ...(await loadModel([withMembers(uri, options.members ?? [])], options)) };
  }
  const { name, bytes } = source;
  const { readModel } = await import("../formats/read/read-model.ts");
  return { name, ...readModel([{ kind: "file", name, bytes, members: options.members }], options) };
}

type NamedModel = ReadModel & { readonly name: string };
