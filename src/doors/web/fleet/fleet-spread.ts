// The supervisor's part in spreading connections over workers: it knows what each has to do, tells the others, and hands on what
// one passes to another. See src/io/connection-spread.ts.
import type { SocketLike } from "../../../io/connection-spread.ts";
import type { Member } from "../../../io/process-group.ts";
import type { WorkerMessage, WorkerOrder } from "./messages.ts";

type DoorName = "http" | "grpc";
type Told = Extract<WorkerMessage, { kind: "connections" }>;
type Passed = Extract<WorkerMessage, { kind: "pass" }>;

export interface FleetSpreadOptions {
  /** Those that accept. */
  readonly ready: () => readonly Member[];
  readonly tell: (member: Member, order: WorkerOrder) => void;
}

export class FleetSpread {
  readonly #options: FleetSpreadOptions;
  readonly #loads: Readonly<Record<DoorName, WeakMap<Member, Told>>> = { http: new WeakMap(), grpc: new WeakMap() };
  /** Since when a connection is on its way to that worker: one that computes takes it late. */
  readonly #sending = new WeakMap<Member, { count: number; since: number }>();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: FleetSpreadOptions) {
    this.#options = options;
  }

  hear(member: Member, told: Told): void {
    this.#loads[told.door].set(member, told);
    this.changed();
  }

  /** Gives the connection to whom it is meant for, or to another that accepts; where there is none, it goes back. */
  relay(from: Member, { door, to, isLive }: Passed, handle: SocketLike): void {
    const ready = this.#options.ready();
    const taker = ready.find(({ id }) => id === to) ?? ready.find((member) => member !== from) ?? from;
    const order: WorkerOrder = { kind: "connection", door, isLive };
    const sending = this.#sending.get(taker) ?? { count: 0, since: 0 };
    if (sending.count++ === 0) sending.since = performance.now();
    this.#sending.set(taker, sending);
    taker.child.send(order, handle, () => {
      handle.close();
      sending.count--;
      sending.since = performance.now();
      this.#options.tell(from, { kind: "taken", door });
    });
  }

  /** It takes what it is given, so it may be given more; each waits until the one before it was taken. */
  #takes(member: Member): boolean {
    const sending = this.#sending.get(member);
    return sending === undefined || sending.count === 0 || performance.now() - sending.since < lateMs;
  }

  /** Somebody's count, or who accepts at all: the workers hear of it in a moment. */
  changed(): void {
    // Each is told of all the others: many workers are told less often.
    const delay = Math.max(tellEveryMs, this.#options.ready().length ** 2 / 64);
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#broadcast();
    }, delay).unref();
  }

  #broadcast(): void {
    const ready = this.#options.ready();
    for (const member of ready) {
      for (const door of ["http", "grpc"] as const) {
        const loads = this.#loads[door];
        const others = ready
          .filter((other) => other !== member && this.#takes(other))
          .map((other) => [other.id, loads.get(other)?.count ?? 0, loads.get(other)?.busy ?? 0] as const);
        this.#options.tell(member, { kind: "spread", door, others });
      }
    }
  }
}

const tellEveryMs = 2;
/** A worker that has not taken a connection for so long computes, and is left alone: whoever has accepted one is faster. */
const lateMs = 5;
