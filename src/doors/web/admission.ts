// Who is answered now, who waits, who is turned away: one queue for all dialects of a door.
import { trimaranError } from "../../base/errors.ts";

export interface AdmissionOptions {
  /** Calls that may wait. */
  readonly maxQueue: number;
  /** How long a call may have to wait, as far as can be told; then it is refused at once. */
  readonly maxQueueMs: number;
  /** Calls that may wait for someone else (a remote model, a lookup, ONNX Runtime) at the same time. */
  readonly maxConcurrent: number;
}

export interface Waiting {
  /** Nobody waits for the answer any longer. */
  readonly isGone: () => boolean;
  /** `performance.now()` by which the answer must be there. */
  readonly deadline: number;
}

/** Is told when it is begun, in `performance.now()`. */
type Job = (since: number) => void | Promise<void>;

interface Queued extends Waiting {
  readonly job: Job;
  readonly since: number;
  readonly resolve: (done: void | Promise<void>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Models compute on the thread that also reads the sockets, so a queue is only seen if the work stops now and then to look at
 * them: a turn of the event loop computes for no longer than this, and what came meanwhile is taken in, or turned away,
 * before the next.
 */
const turnMs = 5;
/** Turns in a row without computing. */
const maxTurnsGiven = 64;
/** How much the latest call counts in the mean duration. */
const weight = 0.1;

export class Admission {
  readonly #options: AdmissionOptions;
  readonly #queue: Queued[] = [];
  /** What was taken off the queue's front; the array is cut now and then. */
  #front = 0;
  #open = 0;
  #meanMs = 0;
  #spentMs = 0;
  #turnIsTimed = false;
  #serving = false;
  #turnsGiven = 0;
  /** Whether a connection was accepted since it was asked last: set by whoever accepts. */
  hasAccepted: () => boolean = () => false;
  /** Refused because too many wait. */
  refused = 0;
  /** Dropped from the queue because nobody waited any longer. */
  abandoned = 0;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#queue.length - this.#front;
  }

  /** Calls that are being answered. */
  get running(): number {
    return this.#open;
  }

  /** When a refused caller may come again. */
  get retrySeconds(): number {
    return Math.max(1, Math.ceil((this.waiting * this.#meanMs) / 1000));
  }

  /**
   * Runs the job now, or in its turn.
   * @throws SERVICE_BUSY
   */
  async run(job: Job, waiting: Waiting): Promise<void> {
    let since = 0;
    try {
      await this.enter((begun) => {
        since = begun;
        return job(begun);
      }, waiting);
    } finally {
      if (since > 0) this.leave(since);
    }
  }

  /**
   * The same for whoever calls `leave` when the job is done, however it ended, if it was begun at all.
   * @throws SERVICE_BUSY
   */
  enter(job: Job, waiting: Waiting): void | Promise<void> {
    if (this.waiting === 0 && this.#spentMs < turnMs && this.#open < this.#options.maxConcurrent)
      return this.#start(job);
    const now = performance.now();
    const waitMs = this.waiting * this.#meanMs;
    if (this.waiting >= this.#options.maxQueue || waitMs > Math.min(this.#options.maxQueueMs, waiting.deadline - now)) {
      this.refused++;
      throw trimaranError("SERVICE_BUSY", { waiting: this.waiting, seconds: this.retrySeconds });
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#queue.push({ ...waiting, job, since: now, resolve, reject });
    this.#schedule();
    return promise;
  }

  #start(job: Job): void | Promise<void> {
    const since = performance.now();
    this.#open++;
    try {
      return job(since);
    } finally {
      this.#spend(performance.now() - since);
    }
  }

  /** `since`: when the job was begun. Calls that run side by side share the time that each of them takes. */
  leave(since: number): void {
    const ms = (performance.now() - since) / this.#open;
    this.#meanMs += (ms - this.#meanMs) * weight;
    this.#open--;
    if (this.waiting > 0) this.#schedule();
  }

  #spend(ms: number): void {
    this.#spentMs += ms;
    if (this.#turnIsTimed) return;
    this.#turnIsTimed = true;
    setImmediate(() => {
      this.#turnIsTimed = false;
      this.#spentMs = 0;
    });
  }

  #schedule(): void {
    if (this.#serving) return;
    this.#serving = true;
    setImmediate(() => this.#serve());
  }

  /**
   * Node accepts one connection in a turn of the event loop. While some come, turns are given to them without computing: else those
   * that wait to be accepted would wait for as many turns of computing, and nobody could tell them that they are too many.
   */
  #givesTurn(): boolean {
    if (this.#turnsGiven >= maxTurnsGiven || !this.hasAccepted()) {
      this.#turnsGiven = 0;
      return false;
    }
    this.#turnsGiven++;
    setImmediate(() => this.#serve());
    return true;
  }

  #serve(): void {
    if (this.#givesTurn()) return;
    this.#serving = false;
    const end = performance.now() + turnMs;
    while (this.waiting > 0 && this.#open < this.#options.maxConcurrent) {
      const next = this.#queue[this.#front++]!;
      const now = performance.now();
      if (next.isGone()) {
        this.abandoned++;
        next.resolve();
      } else if (now > next.deadline) {
        this.abandoned++;
        next.reject(trimaranError("REQUEST_TIMEOUT", { limitMs: Math.round(next.deadline - next.since) }));
      } else {
        try {
          next.resolve(this.#start(next.job));
        } catch (error) {
          next.reject(error);
        }
      }
      if (performance.now() >= end) break;
    }
    if (this.#front === this.#queue.length || this.#front >= 1024) {
      this.#queue.splice(0, this.#front);
      this.#front = 0;
    }
    if (this.waiting > 0 && this.#open < this.#options.maxConcurrent) this.#schedule();
  }
}
