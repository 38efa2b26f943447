// The models of a plan as they were prepared: workers open these very ones, whatever has become of the files since.
import { existsSync } from "node:fs";
import { isTrimaranError } from "../../base/errors.ts";
import type { CachedPredictor } from "../../loaders/graph-cache.ts";
import type { LoadPredictorOptions } from "../../loaders/load-predictor.ts";
import type { Pin } from "../../loaders/mlflow/local-copies.ts";
import { splitMembers } from "../../loaders/split-members.ts";
import { isMlflowUri } from "../../mlflow/uri.ts";
import type { ModelOpener } from "../model-opener.ts";

/** Goes through IPC as it is. */
export interface PackedModel {
  /** As the definition or the target names it; several are the steps of one model. */
  readonly uris: readonly string[];
  readonly uri: string;
  readonly digest: string;
  /** The contract's `model_version`: a registry's number is not in the file. */
  readonly version: string | null;
  /** Null: it is nothing that can be packed (ONNX, own estimators). */
  readonly graphFile: string | null;
  /** Of a model that came from elsewhere; nobody resolves its URIs again. @default none */
  readonly pins?: readonly Pin[];
}

/** Notes what it opened from files that others can open too. */
export function packingOpener(open: ModelOpener, packed: PackedModel[]): ModelOpener {
  return async (uris, options) => {
    const opened = await open(uris, options);
    const { uri, digest, version, graphFile, pins } = opened;
    if (graphFile !== null || pins !== undefined) packed.push({ uris, uri, digest, version, graphFile, pins });
    return opened;
  };
}

/** Whatever is not packed, or not there any more, is opened as `open` does. */
export function packedOpener(packed: readonly PackedModel[], open: ModelOpener): ModelOpener {
  if (packed.length === 0) return open;
  return async (uris, options) => {
    const model = packed.find((each) => isSame(each.uris, uris));
    if (model === undefined) return open(uris, options);
    return (await openPacked(model, options)) ?? openPinned(model, { open, options });
  };
}

async function openPacked(model: PackedModel, options: LoadPredictorOptions): Promise<CachedPredictor | null> {
  if (model.graphFile === null) return null;
  const { openGraphFile } = await import("../../loaders/open-graph-file.ts");
  try {
    const { version, graphFile } = model;
    return { ...(await openGraphFile(graphFile, model, options)), version, graphFile };
  } catch (error) {
    if (!isTrimaranError(error)) throw error;
    return null;
  }
}

interface PinnedOptions {
  readonly open: ModelOpener;
  readonly options: LoadPredictorOptions;
}

/** From the copies in the cache; what was thrown out of it is fetched anew, by what means the same version for ever. */
async function openPinned(model: PackedModel, { open, options }: PinnedOptions): Promise<CachedPredictor> {
  const { uris, uri, version, pins } = model;
  if (pins === undefined) return open(uris, options);
  const areThere = pins.every(({ path }) => isMlflowUri(path) || existsSync(splitMembers(path).uri));
  const opened = await open(
    pins.map(({ path, fixed }) => (areThere ? path : fixed)),
    options,
  );
  return { ...opened, uri, version };
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((uri, index) => uri === other[index]);
}
