// The threads that score shards.
import type { OpenServiceOptions } from "../../serving/open-service.ts";
import type { PredictionService } from "../../serving/prediction-service.ts";
import { otherThread, ownThread, type ScoringThread } from "./scoring-thread.ts";
import type { ShardJob, ShardReport, ShardTask } from "./shard.ts";

/** Of so many this thread is one: it has the model. Of more it would be the one that the others' shards wait for, as it joins them. */
const fewThreads = 4;

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
  readonly thread: ScoringThread;
  /** Whose shards it is set up for. */
  job: ShardJob | null;
}

/** Several runs may share it: each shard takes the next thread that is free. */
export class ShardPool implements AsyncDisposable {
  readonly #options: ShardPoolOptions;
  readonly #slots: Slot[] = [];
  /** The last one is taken first. */
  readonly #idle: Slot[] = [];
  readonly #waiting: ((slot: Slot) => void)[] = [];

  constructor(options: ShardPoolOptions) {
    this.#options = options;
  }

  /** @throws what the first shard that failed threw, when no thread works for this run any more; the signal's reason */
  async run({ job, tasks, onReport, signal }: ShardRun): Promise<void> {
    const queue = tasks.values();
    const failure = new AbortController();
    const either = AbortSignal.any([signal, failure.signal]);
    const busy = new Set<Slot>();
    const stop = (): void => {
      for (const { thread } of busy) thread.stop();
    };
    const scored = async (task: ShardTask): Promise<ShardReport> => {
      const slot = await this.#take();
      busy.add(slot);
      let goesOn = false;
      try {
        either.throwIfAborted();
        await slot.thread.open();
        if (slot.job !== job) {
          slot.job = null;
          await slot.thread.begin(job);
          slot.job = job;
        }
        const report = await slot.thread.score(task);
        goesOn = !either.aborted;
        return report;
      } finally {
        busy.delete(slot);
        // One that failed or was told to stop is set up anew.
        if (!goesOn) {
          slot.job = null;
          await slot.thread.end();
        }
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
    const threads = Math.min(this.#options.threads, tasks.length);
    await Promise.all(Array.from({ length: threads }, () => work().catch(fail)));
    either.removeEventListener("abort", stop);
    await this.#end(job);
    signal.throwIfAborted();
    // The first error is the cause of all others.
    if (failure.signal.aborted) throw failure.signal.reason;
  }

  /** Starts the threads, while it is not known yet what they will do. */
  start(): void {
    const { threads } = this.#options;
    if (this.#slots.length === 0 && threads <= fewThreads) this.#idle.push(this.#own());
    while (this.#slots.length < threads) {
      const slot = this.#other();
      this.#idle.unshift(slot);
      slot.thread.load();
    }
  }

  /** Lets the threads open the target; what fails is told by the run that needs it. */
  warm(): void {
    this.start();
    for (const { thread } of this.#idle) thread.open().catch(() => {});
  }

  async #take(): Promise<Slot> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (this.#slots.length === 0) return this.#own();
    if (this.#slots.length < this.#options.threads) return this.#other();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #own(): Slot {
    return this.#slot(ownThread(this.#options.service));
  }

  #other(): Slot {
    return this.#slot(otherThread(this.#options.target, this.#options.serviceOptions));
  }

  #slot(thread: ScoringThread): Slot {
    const slot: Slot = { thread, job: null };
    this.#slots.push(slot);
    return slot;
  }

  /** Of threads that nobody has taken by now. What follows the shards has room for tables of its own. */
  async #end(job: ShardJob): Promise<void> {
    const done = this.#idle.filter((slot) => slot.job === job);
    for (const slot of done) slot.job = null;
    await Promise.all(done.map(({ thread }) => thread.end()));
  }

  #give(slot: Slot): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(slot);
    else next(slot);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const slots = this.#slots.splice(0);
    this.#idle.length = 0;
    await Promise.all(slots.map(({ thread }) => thread.close()));
  }
}
