// The other side of `bound-socket.ts`: accepts connections of sockets that belong to another process. Closing it stops accepting
// here and touches no connection, neither those that were accepted nor those that are queued.
import { createServer, type Server, type Socket } from "node:net";

export interface AcceptorOptions {
  /** As the server behind it wants its connections. @default false */
  readonly allowHalfOpen?: boolean;
  readonly onConnection: (socket: Socket) => void;
}

export class Acceptor {
  readonly #options: AcceptorOptions;
  readonly #servers: Server[] = [];

  constructor(options: AcceptorOptions) {
    this.#options = options;
  }

  /** Listens on a socket that was given to this process. @throws the system's error: another program listens there */
  accept(handle: unknown): Promise<void> {
    const { allowHalfOpen = false, onConnection } = this.#options;
    const server = createServer({ allowHalfOpen, noDelay: true }, onConnection);
    this.#servers.push(server);
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(handle, backlog, () => resolve());
    });
  }

  close(): void {
    for (const server of this.#servers.splice(0)) server.close();
  }
}

/** The system lowers it to what it allows (on Linux `net.core.somaxconn`, 4096). */
const backlog = 4096;
