// Path or URI → graph. Several URIs are the steps of one pipeline (a vectorizer logged beside its model).
import { createHash } from "node:crypto";
import { trimaranError } from "../base/errors.ts";
import type { ModelFacts } from "../formats/read/model-facts.ts";
import { type AnyModel, readAnyModel } from "../formats/read/read-model.ts";
import type { ReadOptions } from "../formats/read/read-options.ts";
import type { ModelGraph } from "../model/graph.ts";
import { largeBuffers } from "./large-buffers.ts";
import { localCopies } from "./mlflow/local-copies.ts";
import type { TrackingOptions } from "./mlflow/tracking.ts";
import { type ReadSource, type ReadSourceOptions, readSource } from "./read-source.ts";
import { splitMembers } from "./split-members.ts";

/** Where a model came from. */
export interface ModelOrigin {
  readonly uri: string;
  /** `sha256:` and 64 hex digits over all its files. */
  readonly digest: string;
  readonly bytes: number;
  /** The contract's `model_version`: the run that an MLmodel names; null where there is none. */
  readonly version: string | null;
}

export interface LoadedModel extends ModelOrigin {
  readonly graph: ModelGraph;
  readonly facts: ModelFacts;
}

export interface ReadMembersOptions extends ReadSourceOptions {
  /** The tracking server, for models that are named by it or lie elsewhere. @default what the environment says */
  readonly tracking?: TrackingOptions;
}

export interface LoadModelOptions extends ReadMembersOptions, ReadOptions {}

/** As `loadAnyModel`, for callers that need a graph. @throws ONNX_GRAPH */
export async function loadModel(uris: readonly string[], options: LoadModelOptions = {}): Promise<LoadedModel> {
  const { model, ...origin } = await loadAnyModel(uris, options);
  if (model.kind === "graph") return { ...origin, graph: model.graph, facts: model.facts };
  throw trimaranError("ONNX_GRAPH", { name: model.onnx.name, wanted: "read as a graph of ours" });
}

/**
 * Reads and checks a model; nothing in it is run. A URI may end in `#dv,model`: the parts of a file that holds several.
 * @throws what `readSource` and `readAnyModel` throw
 */
export async function loadAnyModel(
  uris: readonly string[],
  options: LoadModelOptions = {},
): Promise<ModelOrigin & { readonly model: AnyModel }> {
  const copies = await localCopies(uris, { ...options.tracking, maxBytes: options.maxBytes });
  if (copies !== null) return copies.name(await loadAnyModel(copies.uris, options));
  const sources: ReadSource[] = [];
  for (const uri of uris) sources.push(await readMembers(uri, options));
  const model = readAnyModel(
    sources.map(({ source }) => source),
    options,
  );
  // What a definition's own estimators made may read these bytes later.
  if ((options.estimators ?? []).length === 0) releaseBytes(sources, model);
  return {
    model,
    uri: uris.join(" + "),
    digest: combinedDigest(sources),
    bytes: sources.reduce((sum, { bytes }) => sum + bytes, 0),
    version: model.facts.mlmodel?.runId ?? null,
  };
}

/** `readSource` of a URI that may name members. */
export async function readMembers(written: string, options: ReadMembersOptions = {}): Promise<ReadSource> {
  const [copy] = (await localCopies([written], { ...options.tracking, maxBytes: options.maxBytes }))?.uris ?? [];
  const { uri, members } = splitMembers(copy ?? written);
  const read = await readSource(uri, options);
  return members.length === 0 ? read : { ...read, source: { ...read.source, members } };
}

/** Frees the bytes of files that the model does not hold: packing it needs the room, and a collector may come late. */
function releaseBytes(sources: readonly ReadSource[], model: AnyModel): void {
  const held = new Set(largeBuffers(model));
  for (const buffer of largeBuffers(sources)) if (!held.has(buffer)) buffer.transfer(0);
}

function combinedDigest(sources: readonly ReadSource[]): string {
  const [first] = sources;
  if (sources.length === 1 && first !== undefined) return first.digest;
  const hash = createHash("sha256");
  for (const { digest } of sources) hash.update(`${digest}\n`);
  return `sha256:${hash.digest("hex")}`;
}
