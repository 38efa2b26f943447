// The other side of `bound-socket.ts`: accepts connections of sockets that belong to another process. Closing it stops accepting
// here and touches no connection, neither those that were accepted nor those that are queued.
import { createServer, type Server, type Socket } from "node:net";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { type ConnectionSpread, passedSocket } from "./connection-spread.ts";

export interface AcceptorOptions {
  /** As the server behind it wants its connections. @default false */
  readonly allowHalfOpen?: boolean;
  /** Other processes accept from the same socket. @default every connection stays here */
  readonly spread?: ConnectionSpread;
  /** `isLive`: another process has answered requests on it. */
  readonly onConnection: (socket: Socket, isLive: boolean) => void;
}

export class Acceptor {
  readonly #options: AcceptorOptions;
  readonly #servers: Server[] = [];
  #lastAt = performance.now();
  #hasAccepted = false;

  constructor(options: AcceptorOptions) {
    this.#options = options;
  }

  /** Listens on a socket that was given to this process. @throws the system's error: another program listens there */
  accept(handle: unknown): Promise<void> {
    const { allowHalfOpen = false, onConnection, spread } = this.#options;
    const server = createServer({ allowHalfOpen, noDelay: true }, (socket) => {
      this.#lastAt = performance.now();
      this.#hasAccepted = true;
      if (spread === undefined) onConnection(socket, false);
      else spread.place(socket, () => onConnection(socket, false));
    });
    this.#servers.push(server);
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(handle, backlog, () => resolve());
    });
  }

  /** Takes a connection that another process has accepted. @param isLive requests were answered on it */
  take(handle: unknown, { isLive }: { readonly isLive: boolean }): void {
    const { allowHalfOpen = false, onConnection, spread } = this.#options;
    this.#lastAt = performance.now();
    const socket = passedSocket(handle, { allowHalfOpen });
    if (spread === undefined) onConnection(socket, isLive);
    else spread.keep(socket, () => onConnection(socket, isLive));
  }

  /** Whether a connection was accepted since this was called last. */
  tookOne(): boolean {
    const took = this.#hasAccepted;
    this.#hasAccepted = false;
    return took;
  }

  /** How long ago the last connection came. */
  get quietMs(): number {
    // One that is on its way to another process may have to be kept.
    return (this.#options.spread?.leaving ?? 0) > 0 ? 0 : performance.now() - this.#lastAt;
  }

  /**
   * Closes when no connection has come for a while and none is queued: where this is the last process that accepts, what is
   * queued would be reset. That may not happen at all, so it has a limit.
   */
  async closeQuiet(quietMs: number, limitMs: number): Promise<void> {
    const end = performance.now() + limitMs;
    while (this.quietMs < quietMs && performance.now() < end) await sleep(5);
    for (let turns = 0; turns < emptyTurns && performance.now() < end; ) {
      const before = this.#lastAt;
      // After this the loop has looked for connections.
      await nextTurn();
      turns = this.#lastAt === before ? turns + 1 : 0;
    }
    this.close();
  }

  close(): void {
    for (const server of this.#servers.splice(0)) server.close();
  }
}

/** Turns of the event loop without a connection after which the queue counts as empty. */
const emptyTurns = 3;

/** The system lowers it to what it allows (on Linux `net.core.somaxconn`, 4096). */
const backlog = 4096;
