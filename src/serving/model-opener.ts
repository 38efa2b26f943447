// How a service comes by its model: read anew, or from the cache of prepared models. What reads models is loaded when it is needed.
import type { CachedPredictor, GraphCacheOptions } from "../loaders/graph-cache.ts";
import type { LoadPredictorOptions } from "../loaders/load-predictor.ts";

export type ModelOpener = (uris: readonly string[], options: LoadPredictorOptions) => Promise<CachedPredictor>;

/** Keeps prepared models, if it is given where. */
export function modelOpener(cache: GraphCacheOptions | undefined): ModelOpener {
  return async (uris, options) => {
    if (cache === undefined) {
      const { loadPredictor } = await import("../loaders/load-predictor.ts");
      // Not copied: a model behind a server learns its version from its answers.
      return Object.assign(await loadPredictor(uris, options), { graphFile: null });
    }
    const { openCachedPredictor } = await import("../loaders/graph-cache.ts");
    return openCachedPredictor(uris, { ...options, cache });
  };
}
