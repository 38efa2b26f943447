// The models of a plan as they were prepared: workers open these very ones, whatever has become of the files since.
import { isTrimaranError } from "../../base/errors.ts";
import type { CachedPredictor } from "../../loaders/graph-cache.ts";
import type { LoadPredictorOptions } from "../../loaders/load-predictor.ts";
import type { ModelOpener } from "../model-opener.ts";

/** Goes through IPC as it is. */
export interface PackedModel {
  /** As the definition or the target names it; several are the steps of one model. */
  readonly uris: readonly string[];
  readonly uri: string;
  readonly digest: string;
  /** The contract's `model_version`: a registry's number is not in the file. */
  readonly version: string | null;
  readonly graphFile: string;
}

/** Notes what it opened from a file that others can open too. */
export function packingOpener(open: ModelOpener, packed: PackedModel[]): ModelOpener {
  return async (uris, options) => {
    const opened = await open(uris, options);
    const { uri, digest, version, graphFile } = opened;
    if (graphFile !== null) packed.push({ uris, uri, digest, version, graphFile });
    return opened;
  };
}

/** Whatever is not packed, or not there any more, is opened as `open` does. */
export function packedOpener(packed: readonly PackedModel[], open: ModelOpener): ModelOpener {
  if (packed.length === 0) return open;
  return async (uris, options) => {
    const model = packed.find((each) => isSame(each.uris, uris));
    const opened = model === undefined ? null : await openPacked(model, options);
    return opened ?? open(uris, options);
  };
}

async function openPacked(model: PackedModel, options: LoadPredictorOptions): Promise<CachedPredictor | null> {
  const { openGraphFile } = await import("../../loaders/open-graph-file.ts");
  try {
    const { version, graphFile } = model;
    return { ...(await openGraphFile(graphFile, model, options)), version, graphFile };
  } catch (error) {
    if (!isTrimaranError(error)) throw error;
    return null;
  }
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((uri, index) => uri === other[index]);
}
