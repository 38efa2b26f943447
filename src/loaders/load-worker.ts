// Runs in a worker thread: reads, checks and packs a model, and hands it over without copying what is large.
import { prepareGraph } from "../engine/prepare.ts";
import { answerRequests, type WorkerAnswer } from "../io/worker-entry.ts";
import { largeBuffers } from "./large-buffers.ts";
import { loadAnyModel } from "./load-model.ts";
import type { LoadRequest, PreparedModel } from "./load-prepared.ts";

answerRequests(async (request): Promise<WorkerAnswer> => {
  const { uris, options } = request as LoadRequest;
  const loaded = await loadAnyModel(uris, options);
  const prepared = loaded.model.kind === "graph" ? prepareGraph(loaded.model.graph) : null;
  const value: PreparedModel = { ...loaded, prepared };
  return { value, transfer: largeBuffers(value) };
});
