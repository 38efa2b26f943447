// Several processes accept from one socket, and the system wakes whichever it likes: one of two may get 15 of 16 connections.
// So a process that has more than another passes new ones on, before it has read anything of them. Each knows of the others what
// it was last told; who passes and what is told goes through the process that has started them.
import { Socket } from "node:net";

/** Another process, and how many connections it has. */
export type OtherLoad = readonly [id: number, connections: number];

export interface ConnectionSpreadOptions {
  /** How many connections are open here now. Told at most every few milliseconds, and only while there are others. */
  readonly tell: (connections: number) => void;
  /** Gives the handle to another process; `sent` is called with whether it has left. */
  readonly pass: (to: number, handle: SocketLike, sent: (isGone: boolean) => void) => void;
}

/** Of `node:internal`: a connection as libuv holds it; `process.send` passes it on. */
export interface SocketLike {
  readStop(): number;
  close(): void;
}

export class ConnectionSpread {
  readonly #options: ConnectionSpreadOptions;
  #others = new Map<number, number>();
  #open = 0;
  #told = -1;
  #timer: NodeJS.Timeout | null = null;
  #leaving = 0;
  #underWay = 0;
  #passes = maxBurst;
  #filledAt = performance.now();

  constructor(options: ConnectionSpreadOptions) {
    this.#options = options;
  }

  /** Connections that are on their way to another process. */
  get leaving(): number {
    return this.#leaving;
  }

  /** The others that accept, without this one. Empty: everything stays here. */
  setOthers(others: readonly OtherLoad[]): void {
    this.#others = new Map(others);
    this.#tellSoon();
  }

  /**
   * Takes a connection that has just been accepted, and gives it to `keep` or to another process. Where it cannot be passed on,
   * it is kept after all.
   */
  place(socket: Socket, keep: (socket: Socket) => void): void {
    const to = this.#wanted();
    const { _handle: handle } = socket as unknown as { readonly _handle: SocketLike | null };
    if (to === null || handle === null) {
      this.keep(socket, keep);
      return;
    }
    // Node has begun to read, but nothing was read in this turn.
    handle.readStop();
    this.#others.set(to, (this.#others.get(to) ?? 0) + 1);
    this.#passes--;
    this.#leaving++;
    this.#underWay++;
    this.#options.pass(to, handle, (isGone) => {
      this.#leaving--;
      if (isGone) {
        socket.destroy();
      } else {
        this.#underWay--;
        this.keep(socket, keep);
        (handle as unknown as { readStart(): number }).readStart();
      }
    });
  }

  /** Another process has taken a connection that was passed on. */
  taken(): void {
    this.#underWay--;
  }

  keep(socket: Socket, keep: (socket: Socket) => void): void {
    this.#open++;
    this.#tellSoon();
    socket.once("close", () => {
      this.#open--;
      this.#tellSoon();
    });
    keep(socket);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#others.clear();
  }

  /** The process with the fewest connections, if it has fewer than this one. */
  #wanted(): number | null {
    let least: number | null = null;
    let fewest = this.#open - Math.floor(this.#open / slackShare);
    for (const [id, connections] of this.#others) {
      if (connections >= fewest) continue;
      least = id;
      fewest = connections;
    }
    return least !== null && this.#mayPass() ? least : null;
  }

  /** Where connections come and go all the time, they even out by themselves, and passing each on would cost more than it gains. */
  #mayPass(): boolean {
    const now = performance.now();
    this.#passes = Math.min(maxBurst, this.#passes + ((now - this.#filledAt) / 1000) * passesPerSecond);
    this.#filledAt = now;
    return this.#passes >= 1 && this.#underWay < maxUnderWay;
  }

  #tellSoon(): void {
    if (this.#timer !== null || this.#others.size === 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#told === this.#open) return;
      this.#told = this.#open;
      this.#options.tell(this.#open);
    }, tellEveryMs);
    this.#timer.unref();
  }
}

/** A connection that another process has passed on. @param handle as the message brought it */
export function passedSocket(handle: unknown, { allowHalfOpen }: { readonly allowHalfOpen: boolean }): Socket {
  return new Socket({ handle, allowHalfOpen, readable: true, writable: true } as ConstructorParameters<
    typeof Socket
  >[0]);
}

const tellEveryMs = 3;
const maxBurst = 256;
const passesPerSecond = 200;
/** Each waits until the one before it was taken, which a process that computes does late. */
const maxUnderWay = 8;
/** With so many connections, one more or less is no reason. */
const slackShare = 16;
