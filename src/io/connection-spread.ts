// Several processes accept from one socket, and the system wakes whichever it likes: one of two may get 15 of 16 connections.
// So a process that has more than another passes new ones on, before it has read anything of them. That evens out numbers, not work:
// many clients ask over the few connections that they used last, and all of these may lie in one process. So one that is much busier
// than another also passes on connections that it has just answered. Each knows of the others what it was last told; who passes and
// what is told goes through the process that has started them.
import { Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { isBetweenRequests } from "./live-connection.ts";

/** Another process, how many connections it has, and which share of its time it is at work. */
export type OtherLoad = readonly [id: number, connections: number, busy: number];

export interface ConnectionSpreadOptions {
  /** How many connections are open here now, and how busy it is. Told at most every few milliseconds, and only while there are others. */
  readonly tell: (connections: number, busy: number) => void;
  /** Gives the handle to another process, where it is `isLive` when requests were answered on it; `sent` is called with whether it has left. */
  readonly pass: (to: number, passed: Passed, sent: (isGone: boolean) => void) => void;
  /** Connections are offered after each answer, and may be passed on then. @default false */
  readonly movesLive?: boolean;
}

export interface Passed {
  readonly handle: SocketLike;
  readonly isLive: boolean;
}

/** Of `node:internal`: a connection as libuv holds it; `process.send` passes it on. */
export interface SocketLike {
  readStart(): number;
  readStop(): number;
  close(): void;
}

export class ConnectionSpread {
  readonly #options: ConnectionSpreadOptions;
  #others = new Map<number, { connections: number; readonly busy: number }>();
  #open = 0;
  #told = -1;
  #busy = 0;
  #toldBusy = 0;
  #weighing: NodeJS.Timeout | null = null;
  #weighed = performance.eventLoopUtilization();
  /** How many live connections may still be passed on before it is weighed again. */
  #surplus = 0;
  #lastOffered: Socket | null = null;
  readonly #keptAt = new WeakMap<Socket, number>();
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
    this.#others = new Map(others.map(([id, connections, busy]) => [id, { connections, busy }]));
    this.#tellSoon();
    if (this.#options.movesLive && others.length > 0)
      this.#weighing ??= setInterval(() => this.#weigh(), weighEveryMs).unref();
  }

  /** It has more to do than another: connections should be offered. */
  get hasSurplus(): boolean {
    return this.#surplus > 0;
  }

  /** A connection on which a request was just answered: it goes to another process, where that has less to do and nothing has come since. */
  offer(socket: Socket): void {
    if (this.#surplus <= 0 || this.#underWay >= maxUnderWay) return;
    // What has one busy connection only would pass its whole work to and fro.
    const isOnlyOne = this.#lastOffered === null || this.#lastOffered === socket;
    this.#lastOffered = socket;
    const isSettled = performance.now() - (this.#keptAt.get(socket) ?? 0) > settleMs;
    const to = this.#idlest()?.id ?? null;
    if (isOnlyOne || !isSettled || to === null) return;
    this.#surplus--;
    if (isBetweenRequests(socket)) this.#send(socket, { to, isLive: true }, () => {});
  }

  /**
   * Takes a connection that has just been accepted, and gives it to `keep` or to another process. Where it cannot be passed on,
   * it is kept after all.
   */
  place(socket: Socket, keep: () => void): void {
    const to = this.#wanted();
    if (to === null || handleOf(socket) === null) {
      this.keep(socket, keep);
      return;
    }
    // Node has begun to read, but nothing was read in this turn.
    const other = this.#others.get(to);
    if (other !== undefined) other.connections++;
    this.#passes--;
    this.#send(socket, { to, isLive: false }, () => this.keep(socket, keep));
  }

  /** What comes while it is on its way waits in the system. */
  #send(socket: Socket, { to, isLive }: { readonly to: number; readonly isLive: boolean }, stays: () => void): void {
    const handle = handleOf(socket);
    if (handle === null) return;
    handle.readStop();
    this.#leaving++;
    this.#underWay++;
    this.#options.pass(to, { handle, isLive }, (isGone) => {
      this.#leaving--;
      if (isGone) {
        socket.destroy();
      } else {
        this.#underWay--;
        stays();
        if (!socket.destroyed) handle.readStart();
      }
    });
  }

  /** Another process has taken a connection that was passed on. */
  taken(): void {
    this.#underWay--;
  }

  keep(socket: Socket, keep: () => void): void {
    this.#open++;
    this.#tellSoon();
    if (this.#options.movesLive) this.#keptAt.set(socket, performance.now());
    socket.once("close", () => {
      this.#open--;
      this.#tellSoon();
    });
    keep();
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#weighing !== null) clearInterval(this.#weighing);
    this.#weighing = null;
    this.#surplus = 0;
    this.#others.clear();
  }

  /** The process with the fewest connections, if it has fewer than this one. */
  #wanted(): number | null {
    let least: number | null = null;
    let fewest = this.#open - Math.floor(this.#open / slackShare);
    for (const [id, { connections }] of this.#others) {
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

  #idlest(): { readonly id: number; readonly busy: number } | null {
    let idlest: { readonly id: number; readonly busy: number } | null = null;
    for (const [id, { busy }] of this.#others) if (idlest === null || busy < idlest.busy) idlest = { id, busy };
    return idlest;
  }

  #weigh(): void {
    const now = performance.eventLoopUtilization();
    this.#busy = performance.eventLoopUtilization(now, this.#weighed).utilization;
    this.#weighed = now;
    this.#lastOffered = null;
    const other = this.#idlest();
    const isMuch = other !== null && this.#busy > busyFrom && this.#busy - other.busy > busyGap;
    this.#surplus = isMuch ? 1 + Math.floor(this.#open / slackShare) : 0;
    if (Math.abs(this.#busy - this.#toldBusy) > busyStep) this.#tellSoon();
  }

  #tellSoon(): void {
    if (this.#timer !== null || this.#others.size === 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#told === this.#open && Math.abs(this.#busy - this.#toldBusy) <= busyStep) return;
      this.#told = this.#open;
      this.#toldBusy = this.#busy;
      this.#options.tell(this.#open, this.#busy);
    }, tellEveryMs);
    this.#timer.unref();
  }
}

function handleOf(socket: Socket): SocketLike | null {
  return (socket as unknown as { readonly _handle: SocketLike | null })._handle;
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
const weighEveryMs = 250;
/** Below it nobody waits for what is not spread. */
const busyFrom = 0.3;
const busyGap = 0.25;
const busyStep = 0.05;
/** What has come is looked at for so long before it may go on. */
const settleMs = 1000;
