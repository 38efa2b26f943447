// The threads that score shards. Each has its own model and its own DuckDB; of one there is none, this thread scores.

import { isTrimaranError } from "../../base/errors.ts";
import { WorkerThread } from "../../io/worker-thread.ts";
import type { OpenServiceOptions } from "../../serving/open-service.ts";
import type { PredictionService } from "../../serving/prediction-service.ts";
import type { ShardJob, ShardReport, ShardTask } from "./shard.ts";
import { ShardScorer } from "./shard-scorer.ts";
import type { ShardRequest } from "./shard-worker.ts";

/** Rows that are objects live shortly; with Node's three times as much a thread only grows. */
const maxYoungGenerationSizeMb = 8;

export interface ShardPoolOptions {
  readonly target: string;
  /** What it was opened as here. */
  readonly service: Promise<PredictionService>;
  readonly serviceOptions: OpenServiceOptions;
  readonly threads: number;
}

export interface ShardRun {
  readonly job: ShardJob;
  readonly tasks: readonly ShardTask[];
  /** Its promise is waited for before the thread takes another shard. */
  readonly onReport: (report: ShardReport) => Promise<void>;
  readonly signal: AbortSignal;
}

interface Slot {
  readonly worker: WorkerThread;
  /** null: nothing is open. */
  opening: Promise<unknown> | null;
  /** Whose shards it is set up for. */
  job: ShardJob | null;
}

/** Several runs may share it: each shard takes the next thread that is free. */
export class ShardPool implements AsyncDisposable {
  readonly #options: ShardPoolOptions;
  readonly #slots: Slot[] = [];
  readonly #idle: Slot[] = [];
  readonly #waiting: ((slot: Slot) => void)[] = [];
  #runs = 0;

  constructor(options: ShardPoolOptions) {
    this.#options = options;
  }

  /** @throws what the first shard that failed threw, when no thread works for this run any more; the signal's reason */
  async run(run: ShardRun): Promise<void> {
    const threads = Math.min(this.#options.threads, run.tasks.length);
    const isAlone = this.#runs === 0 && this.#slots.length === 0;
    this.#runs++;
    try {
      if (this.#options.threads === 1 || (threads <= 1 && isAlone)) await this.#runHere(run);
      else await this.#runThere(run, threads);
    } finally {
      this.#runs--;
    }
  }

  async #runHere({ job, tasks, onReport, signal }: ShardRun): Promise<void> {
    await using scorer = new ShardScorer({ service: await this.#options.service, job, signal });
    for (const task of tasks) {
      signal.throwIfAborted();
      await onReport(await scorer.score(task));
    }
  }

  async #runThere({ job, tasks, onReport, signal }: ShardRun, threads: number): Promise<void> {
    const queue = tasks.values();
    const failure = new AbortController();
    const either = AbortSignal.any([signal, failure.signal]);
    const busy = new Set<Slot>();
    const stop = (): void => {
      for (const { worker } of busy) void worker.ask({ kind: "stop" } satisfies ShardRequest).catch(() => {});
    };
    const scored = async (task: ShardTask): Promise<ShardReport> => {
      const slot = await this.#take();
      busy.add(slot);
      try {
        either.throwIfAborted();
        await this.#open(slot);
        if (slot.job !== job) {
          slot.job = null;
          await slot.worker.ask({ kind: "job", job } satisfies ShardRequest);
          slot.job = job;
        }
        return (await slot.worker.ask({ kind: "shard", task } satisfies ShardRequest)) as ShardReport;
      } catch (error) {
        // The next thread in its place has nothing open.
        if (isTrimaranError(error) && error.code === "THREAD_ENDED") slot.opening = slot.job = null;
        throw error;
      } finally {
        // One that was told to stop is set up anew.
        if (either.aborted) slot.job = null;
        busy.delete(slot);
        this.#give(slot);
      }
    };
    const work = async (): Promise<void> => {
      for (const task of queue) {
        either.throwIfAborted();
        await onReport(await scored(task));
      }
    };
    const fail = (error: unknown): void => {
      if (!failure.signal.aborted) failure.abort(error);
    };
    either.addEventListener("abort", stop, { once: true });
    await Promise.all(Array.from({ length: threads }, () => work().catch(fail)));
    either.removeEventListener("abort", stop);
    await this.#end(job);
    signal.throwIfAborted();
    // The first error is the cause of all others.
    if (failure.signal.aborted) throw failure.signal.reason;
  }

  /** Starts the threads, while it is not known yet what they will do. */
  start(): void {
    if (this.#options.threads === 1) return;
    while (this.#slots.length < this.#options.threads) {
      const slot = this.#started();
      this.#idle.push(slot);
      slot.worker.ask({ kind: "load" } satisfies ShardRequest).catch(() => {});
    }
  }

  /** Lets the threads open the target; what fails is told by the run that needs it. */
  warm(): void {
    this.start();
    for (const slot of this.#idle) this.#open(slot).catch(() => {});
  }

  async #take(): Promise<Slot> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (this.#slots.length >= this.#options.threads) return new Promise((resolve) => this.#waiting.push(resolve));
    return this.#started();
  }

  #started(): Slot {
    const entry = new URL(`./shard-worker.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url);
    const worker = new WorkerThread({ entry, resourceLimits: { maxYoungGenerationSizeMb } });
    const slot: Slot = { worker, opening: null, job: null };
    this.#slots.push(slot);
    return slot;
  }

  async #open(slot: Slot): Promise<void> {
    if (slot.opening === null) {
      slot.job = null;
      const { target, serviceOptions: options } = this.#options;
      slot.opening = slot.worker.ask({ kind: "open", target, options } satisfies ShardRequest);
      slot.opening.catch(() => {
        slot.opening = null;
      });
    }
    await slot.opening;
  }

  /** Of threads that nobody has taken by now. What follows the shards has room for tables of its own. */
  async #end(job: ShardJob): Promise<void> {
    const done = this.#idle.filter((slot) => slot.job === job);
    for (const slot of done) slot.job = null;
    await Promise.all(done.map(({ worker }) => worker.ask({ kind: "end" } satisfies ShardRequest).catch(() => {})));
  }

  #give(slot: Slot): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(slot);
    else next(slot);
  }

  /** A thread that is ended while DuckDB works takes the process with it: nothing may run any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    const slots = this.#slots.splice(0);
    this.#idle.length = 0;
    await Promise.all(slots.map(({ worker }) => worker.close()));
  }
}
