// Path or URI → a model that answers: our own graph, compiled, or an ONNX file behind ONNX Runtime.

import { trimaranError } from "../base/errors.ts";
import { compileGraph } from "../engine/compile.ts";
import { compilePrepared, type PreparedGraph, prepareGraph } from "../engine/prepare.ts";
import { openOnnx } from "../formats/onnx/onnx-predictor.ts";
import type { ModelFacts } from "../formats/read/model-facts.ts";
import type { AnyModel } from "../formats/read/read-model.ts";
import { describeGraph } from "../model/describe.ts";
import type { ModelGraph } from "../model/graph.ts";
import type { OnnxRuntime } from "../model/onnx-runtime.ts";
import type { Predictor } from "../model/predictor.ts";
import { rowCost } from "../model/row-cost.ts";
import { threadedPredictor } from "../model/threaded-predictor.ts";
import type { ModelOrigin } from "./load-model.ts";
import { type LoadPreparedOptions, loadPrepared } from "./load-prepared.ts";
import { localCopies } from "./mlflow/local-copies.ts";
import { findOnnxRuntime } from "./onnx-runtime.ts";
import { isSendable, openThreads } from "./predict-threads.ts";
import { isRemoteUri } from "./remote/remote-uri.ts";

export interface OpenPredictorOptions {
  /** What computes ONNX files. @default the package `onnxruntime-node`, where it is installed */
  readonly onnxRuntime?: OnnxRuntime;
  /**
   * How many worker threads share a large batch. With more than 1 the predictor is async. ONNX Runtime has threads of its own,
   * and a definition's own estimators stay on the calling thread.
   * @default 1, which is the calling thread alone
   */
  readonly threads?: number;
  /** What was made of the graph already, on another thread. */
  readonly prepared?: PreparedGraph | null;
}

export interface LoadPredictorOptions extends LoadPreparedOptions, Omit<OpenPredictorOptions, "prepared"> {}

export interface OpenedPredictor {
  readonly predictor: Predictor;
  readonly facts: ModelFacts;
  /** One line an operation. */
  readonly operations: readonly string[];
}

export interface LoadedPredictor extends ModelOrigin, OpenedPredictor {}

/**
 * A large file is read in a worker thread; a model behind a server (`oip+http://…`) is asked, and its predictor is async.
 * @throws what `loadAnyModel` throws; THREAD_ENDED; ONNX_RUNTIME, ONNX_RUN; REMOTE_*
 */
export async function loadPredictor(
  uris: readonly string[],
  options: LoadPredictorOptions = {},
): Promise<LoadedPredictor> {
  if (uris.some(isRemoteUri)) return loadRemoteModel(uris);
  const copies = await localCopies(uris, { ...options.tracking, maxBytes: options.maxBytes });
  if (copies !== null) return copies.name(await loadPredictor(copies.uris, options));
  const { onnxRuntime, threads, ...load } = options;
  const { model, prepared, ...origin } = await loadPrepared(uris, load);
  return { ...origin, ...(await openPredictor(model, { onnxRuntime, threads, prepared })) };
}

async function loadRemoteModel(uris: readonly string[]): Promise<LoadedPredictor> {
  const [uri, second] = uris;
  if (uri === undefined || second !== undefined) {
    throw trimaranError("REMOTE_URI", { problem: "a model behind a server cannot be a step among others" });
  }
  const { loadRemote } = await import("./remote/load-remote.ts");
  return loadRemote(uri);
}

/** @throws MODEL_GRAPH, ONNX_RUNTIME, ONNX_RUN */
export async function openPredictor(model: AnyModel, options: OpenPredictorOptions = {}): Promise<OpenedPredictor> {
  const { facts } = model;
  if (model.kind === "graph") {
    const predictor = graphPredictor(model.graph, options);
    return { predictor, facts, operations: describeGraph(model.graph, options.prepared?.types).operations };
  }
  const { onnx, before } = model;
  const runtime = options.onnxRuntime ?? findOnnxRuntime(onnx.name);
  const steps = before === null ? null : compileGraph(before);
  const predictor = await openOnnx(onnx, runtime, steps);
  const ofSteps = before === null ? [] : describeGraph(before).operations;
  return { predictor, facts, operations: [...ofSteps, ...onnx.operations] };
}

function graphPredictor(graph: ModelGraph, { threads = 1, prepared = null }: OpenPredictorOptions): Predictor {
  if (threads <= 1) return prepared === null ? compileGraph(graph) : compilePrepared(prepared);
  const shared = prepared ?? prepareGraph(graph);
  const predictor = compilePrepared(shared);
  if (!isSendable(shared)) return predictor;
  return threadedPredictor({ predictor, pool: openThreads(shared, threads), rowCost: rowCost(graph) });
}
