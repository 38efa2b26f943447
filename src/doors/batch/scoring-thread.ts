// A thread that scores shards: this one, with the model that is open here, or another one, with a model of its own. Each has its own
// DuckDB.
import { isTrimaranError } from "../../base/errors.ts";
import { WorkerThread } from "../../io/worker-thread.ts";
import { keepYoungGeneration } from "../../io/young-generation.ts";
import type { OpenServiceOptions } from "../../serving/open-service.ts";
import type { PredictionService } from "../../serving/prediction-service.ts";
import { JobScorer } from "./job-scorer.ts";
import type { ShardJob, ShardReport, ShardTask } from "./shard.ts";
import type { ShardRequest } from "./shard-worker.ts";

/** It does one thing at a time; only `stop` may come while it does another. */
export interface ScoringThread {
  /** The code that it will need is loaded, while it is not known yet what for. */
  load(): void;
  /** @throws what opening the target throws; it can be asked again */
  open(): Promise<void>;
  /** @throws BATCH_CHANGED */
  begin(job: ShardJob): Promise<void>;
  score(task: ShardTask): Promise<ShardReport>;
  /** What it scores fails soon. */
  stop(): void;
  /** What the job held is freed. */
  end(): Promise<void>;
  /** When nothing runs on it any more: a thread that is ended while DuckDB works takes the process with it. */
  close(): Promise<void>;
}

/** @param opened the target, as it is open here */
export function ownThread(opened: Promise<PredictionService>): ScoringThread {
  keepYoungGeneration();
  let scorer: JobScorer | null = null;
  const opening = opened.then((service) => {
    scorer = new JobScorer(service);
    return scorer;
  });
  // Whoever asks for it is told.
  opening.catch(() => {});
  const end = async (): Promise<void> => {
    await scorer?.end();
  };
  return {
    load() {},
    async open() {
      await opening;
    },
    begin: async (job) => (await opening).begin(job),
    score: async (task) => (await opening).score(task),
    stop: () => scorer?.stop(),
    end,
    close: end,
  };
}

/** Rows that are objects live shortly; with Node's three times as much a thread only grows. */
const maxYoungGenerationSizeMb = 8;

/** Its definition fits its model, as it is the one that was opened here. */
export function otherThread(target: string, service: OpenServiceOptions): ScoringThread {
  const options = { ...service, verify: false };
  const entry = new URL(`./shard-worker.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url);
  const worker = new WorkerThread({ entry, resourceLimits: { maxYoungGenerationSizeMb } });
  let opening: Promise<unknown> | null = null;
  const ask = async (request: ShardRequest): Promise<unknown> => {
    try {
      return await worker.ask(request);
    } catch (error) {
      // The next thread in its place has nothing open.
      if (isTrimaranError(error) && error.code === "THREAD_ENDED") opening = null;
      throw error;
    }
  };
  const quietly = async (request: ShardRequest): Promise<void> => {
    await ask(request).catch(() => {});
  };
  return {
    load() {
      void quietly({ kind: "load" });
    },
    async open() {
      opening ??= ask({ kind: "open", target, options });
      try {
        await opening;
      } catch (error) {
        opening = null;
        throw error;
      }
    },
    async begin(job) {
      await ask({ kind: "begin", job });
    },
    score: async (task) => (await ask({ kind: "score", task })) as ShardReport,
    stop() {
      void quietly({ kind: "stop" });
    },
    async end() {
      if (opening !== null) await quietly({ kind: "end" });
    },
    close: () => worker.close(),
  };
}
