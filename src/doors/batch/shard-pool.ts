// The threads that score shards. Each has its own model and its own DuckDB; of one there is none, this thread scores.

import { WorkerThread } from "../../io/worker-thread.ts";
import type { OpenServiceOptions } from "../../serving/open-service.ts";
import type { PredictionService } from "../../serving/prediction-service.ts";
import type { ShardJob, ShardReport, ShardTask } from "./shard.ts";
import { ShardScorer } from "./shard-scorer.ts";
import type { ShardRequest } from "./shard-worker.ts";

/** Rows that are objects live shortly; with Node's three times as much a thread only grows. */
const maxYoungGenerationSizeMb = 16;

export interface ShardPoolOptions {
  readonly target: string;
  readonly service: PredictionService;
  readonly serviceOptions: OpenServiceOptions;
  readonly threads: number;
}

export class ShardPool implements AsyncDisposable {
  readonly #options: ShardPoolOptions;
  #workers: WorkerThread[] = [];

  constructor(options: ShardPoolOptions) {
    this.#options = options;
  }

  /** Gives each shard's report to `onReport`, whose promise is waited for before its thread takes another one. */
  async run(
    job: ShardJob,
    tasks: readonly ShardTask[],
    { onReport, signal }: { onReport: (report: ShardReport) => Promise<void>; signal: AbortSignal },
  ): Promise<void> {
    const threads = Math.min(this.#options.threads, tasks.length);
    if (threads <= 1) return this.#runHere(job, tasks, { onReport, signal });
    const queue = tasks.values();
    const stop = new AbortController();
    const either = AbortSignal.any([signal, stop.signal]);
    const work = async (worker: WorkerThread): Promise<void> => {
      await worker.ask({ kind: "job", job } satisfies ShardRequest);
      for (const task of queue) {
        either.throwIfAborted();
        const report = (await worker.ask({ kind: "shard", task } satisfies ShardRequest)) as ShardReport;
        either.throwIfAborted();
        await onReport(report);
      }
    };
    const workers = await this.#open(threads);
    // Whoever waits for a shard is not kept waiting for the shard's end.
    const end = (): void => void this[Symbol.asyncDispose]();
    signal.addEventListener("abort", end, { once: true });
    try {
      await Promise.all(workers.map(work));
    } catch (error) {
      stop.abort(error);
      await this[Symbol.asyncDispose]();
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener("abort", end);
    }
  }

  async #runHere(
    job: ShardJob,
    tasks: readonly ShardTask[],
    { onReport, signal }: { onReport: (report: ShardReport) => Promise<void>; signal: AbortSignal },
  ): Promise<void> {
    await using scorer = new ShardScorer({ service: this.#options.service, job, signal });
    for (const task of tasks) {
      signal.throwIfAborted();
      await onReport(await scorer.score(task));
    }
  }

  async #open(count: number): Promise<readonly WorkerThread[]> {
    const { target, serviceOptions: options } = this.#options;
    const opened: Promise<unknown>[] = [];
    while (this.#workers.length < count) {
      const entry = new URL(`./shard-worker.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url);
      const worker = new WorkerThread({ entry, resourceLimits: { maxYoungGenerationSizeMb } });
      this.#workers.push(worker);
      opened.push(worker.ask({ kind: "open", target, options } satisfies ShardRequest));
    }
    await Promise.all(opened);
    return this.#workers.slice(0, count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const workers = this.#workers;
    this.#workers = [];
    await Promise.all(workers.map((worker) => worker.close()));
  }
}
