// The thread pool on Node: worker threads that each compile the same prepared graph. The packed forests lie in memory that all
// of them share; rows and answers move.
import type { Batch } from "../data/batch.ts";
import type { Predictions } from "../data/predictions.ts";
import { type PreparedGraph, withoutNodes } from "../engine/prepare.ts";
import { WorkerThread } from "../io/worker-thread.ts";
import type { ThreadPool } from "../model/thread-pool.ts";
import { largeBuffers } from "./large-buffers.ts";
import { workerFile } from "./worker-file.ts";

export interface PredictWorkerData {
  readonly prepared: PreparedGraph;
  /** Among those that share the forests' memories; 0 is the calling thread. */
  readonly thread: number;
}

export interface PartRequest {
  readonly part: Batch;
  readonly methods: readonly string[];
}

/** Whether a graph can be sent to other threads: a `custom` op is a function of this one. */
export function isSendable({ graph }: PreparedGraph): boolean {
  return graph.ops.every((op) => op.kind !== "custom");
}

/** The threads start with their first batch. */
export function openThreads(prepared: PreparedGraph, size: number): ThreadPool {
  const sent = withoutNodes(prepared);
  const threads = Array.from({ length: size }, (_, index) => {
    const data: PredictWorkerData = { prepared: sent, thread: index + 1 };
    return new WorkerThread({ entry: workerFile("predict-worker"), data });
  });
  return {
    size,
    async predict(index: number, part: Batch, methods: readonly string[]): Promise<Predictions> {
      const thread = threads[index];
      if (thread === undefined) throw new RangeError(`thread ${index} of ${size}`);
      const request: PartRequest = { part, methods };
      // Records may hold anything, and it is their sender's.
      return (await thread.ask(request, part.kind === "records" ? [] : largeBuffers(part))) as Predictions;
    },
    close() {
      for (const thread of threads) void thread.close();
    },
  };
}
