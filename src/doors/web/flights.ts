// The requests that are being answered: what a drain waits for, and where one that takes too long is found.

export interface Flight<Owner> {
  readonly owner: Owner;
  readonly since: number;
  /** The answer was sent, by whoever came first: the model or the deadline. */
  settled: boolean;
  /** Answers in parts and minds its time itself. */
  streaming: boolean;
  /** `performance.now()` by which it must be answered. */
  deadline: number;
  /** When its turn came, its rows were there, its answer was there; 0 before that. */
  started: number;
  decoded: number;
  predicted: number;
  /** Rows that it asked for. */
  rows: number;
  /** The service that it asks. */
  service: string;
  /** The version that answered it; empty before that. */
  version: string;
  /** Of a flight whose caller waits for a shorter time than all. */
  timer: NodeJS.Timeout | undefined;
}

/**
 * Nearly all flights have the same time limit, so the oldest expires first: one timer looks at the front of a queue, and a
 * request costs no timer of its own.
 */
export class Flights<Owner> {
  readonly #open = new Set<Flight<Owner>>();
  readonly #limitMs: number;
  readonly #expire: (owner: Owner, limitMs: number) => void;
  readonly #timer: NodeJS.Timeout;
  #whenEmpty: (() => void)[] = [];

  constructor(limitMs: number, expire: (owner: Owner, limitMs: number) => void) {
    this.#limitMs = limitMs;
    this.#expire = expire;
    this.#timer = setInterval(() => this.#sweep(), Math.min(1000, Math.max(10, Math.floor(limitMs / 10))));
    this.#timer.unref();
  }

  get count(): number {
    return this.#open.size;
  }

  /** `limitMs`: how long the caller waits, where it says so. */
  begin<Own extends Owner>(owner: Own, limitMs?: number): Flight<Own> {
    const since = performance.now();
    const isShorter = limitMs !== undefined && limitMs < this.#limitMs;
    const timer = isShorter ? setTimeout(() => this.#late(flight, limitMs), limitMs) : undefined;
    const deadline = since + (isShorter ? limitMs : this.#limitMs);
    const flight: Flight<Own> = {
      owner,
      since,
      deadline,
      timer,
      settled: false,
      streaming: false,
      started: 0,
      decoded: 0,
      predicted: 0,
      rows: 0,
      service: "",
      version: "",
    };
    this.#open.add(flight);
    return flight;
  }

  /** The caller said in the request itself that it waits for so long only; counted from when the request came. */
  shorten(flight: Flight<Owner>, limitMs: number): void {
    const deadline = flight.since + limitMs;
    if (deadline >= flight.deadline || flight.settled) return;
    flight.deadline = deadline;
    if (flight.timer !== undefined) clearTimeout(flight.timer);
    flight.timer = setTimeout(() => this.#late(flight, limitMs), Math.max(0, deadline - performance.now()));
  }

  end(flight: Flight<Owner>): void {
    flight.settled = true;
    if (flight.timer !== undefined) clearTimeout(flight.timer);
    this.#open.delete(flight);
    if (this.#open.size === 0 && this.#whenEmpty.length > 0) this.#tellEmpty();
  }

  /** Resolves when nothing is being answered. */
  empty(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenEmpty.push(resolve));
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #sweep(): void {
    const oldest = performance.now() - this.#limitMs;
    for (const flight of this.#open) {
      if (flight.since > oldest) return;
      this.#late(flight, this.#limitMs);
    }
  }

  #late(flight: Flight<Owner>, limitMs: number): void {
    if (flight.streaming) return;
    const late = !flight.settled;
    this.end(flight);
    if (late) this.#expire(flight.owner, limitMs);
  }

  #tellEmpty(): void {
    const waiting = this.#whenEmpty;
    this.#whenEmpty = [];
    for (const resolve of waiting) resolve();
  }
}
