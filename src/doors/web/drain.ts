// The way down: not ready at once, no answer lost, nobody waited for longer than the deadline.
import type { Server } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { doneWithin } from "./done-within.ts";
import type { Door } from "./door.ts";

export interface DrainOptions {
  /** After this time what is still open is cut. @default 10000 ms */
  readonly deadlineMs?: number;
}

export interface DrainReport {
  /** Connections that were cut in the middle of something. */
  readonly cutConnections: number;
}

export const defaultDeadlineMs = 10_000;

/** The open connections of a server. `hold` is given one that the server has not seen yet. */
export function trackSockets(server: Server): {
  readonly sockets: ReadonlySet<Socket>;
  readonly hold: (socket: Socket) => void;
} {
  const sockets = new Set<Socket>();
  const hold = (socket: Socket): void => {
    if (sockets.has(socket)) return;
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  };
  server.on("connection", hold);
  return { sockets, hold };
}

/**
 * A connection that waits for its next request must not be closed at once: a request that is on its way would be lost. So for
 * a moment the port stays open and whatever comes is answered with `Connection: close`; then idle connections are closed, and
 * the others close themselves with their answer.
 */
export async function drainServer(
  door: Door,
  listening: { readonly server: Server; readonly sockets: ReadonlySet<Socket> },
  deadlineMs: number,
): Promise<DrainReport> {
  const { server, sockets } = listening;
  const end = performance.now() + deadlineMs;
  const graceEnd = performance.now() + Math.min(door.options.drainGraceMs, deadlineMs);
  while (sockets.size > 0 && performance.now() < graceEnd) await sleep(5);
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  if (await doneWithin(closed, end - performance.now())) return { cutConnections: 0 };
  const cutConnections = sockets.size;
  for (const socket of sockets) socket.destroy();
  await closed;
  return { cutConnections };
}
