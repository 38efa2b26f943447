// The supervisor's part in spreading connections over workers: it knows how many each has, tells the others, and hands on what
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
  readonly #counts: Readonly<Record<DoorName, WeakMap<Member, number>>> = { http: new WeakMap(), grpc: new WeakMap() };
  #timer: NodeJS.Timeout | null = null;

  constructor(options: FleetSpreadOptions) {
    this.#options = options;
  }

  hear(member: Member, { door, count }: Told): void {
    this.#counts[door].set(member, count);
    this.changed();
  }

  /** Gives the connection to whom it is meant for, or to another that accepts; where there is none, it goes back. */
  relay(from: Member, { door, to }: Passed, handle: SocketLike): void {
    const ready = this.#options.ready();
    const taker = ready.find(({ id }) => id === to) ?? ready.find((member) => member !== from) ?? from;
    const order: WorkerOrder = { kind: "connection", door };
    taker.child.send(order, handle, () => handle.close());
  }

  /** Somebody's count, or who accepts at all: the workers hear of it in a moment. */
  changed(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#broadcast();
    }, tellEveryMs).unref();
  }

  #broadcast(): void {
    const ready = this.#options.ready();
    for (const member of ready) {
      for (const door of ["http", "grpc"] as const) {
        const counts = this.#counts[door];
        const others = ready
          .filter((other) => other !== member)
          .map((other) => [other.id, counts.get(other) ?? 0] as const);
        this.#options.tell(member, { kind: "spread", door, others });
      }
    }
  }
}

const tellEveryMs = 2;
