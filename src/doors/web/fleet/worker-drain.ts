// A worker's way down. No connection that it has accepted is lost while its client may be sending: first nothing more is accepted,
// every answer says `Connection: close`, and only connections that stay silent are closed.
import type { Server } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Acceptor } from "../../../io/acceptor.ts";
import { doneWithin } from "../done-within.ts";
import type { Door } from "../door.ts";

export interface Draining {
  readonly door: Door;
  readonly server: Server;
  readonly sockets: ReadonlySet<Socket>;
  readonly acceptor: Acceptor;
  /** The whole service ends, though this worker was only to be exchanged: idle connections need no more time. */
  readonly isStopping: () => boolean;
  /** To be called when the port is closed here; resolves when no other worker accepts either. */
  readonly portClosed: () => Promise<void>;
}

/**
 * - `stop`: the whole service ends. The port stays open for a moment, for requests that are on their way here; then idle
 *   connections are closed.
 * - `exchange`: others go on to accept, so this one stops at once, and gives idle connections time: half of what there is.
 */
export async function drainWorker(
  { door, server, sockets, acceptor, isStopping, portClosed }: Draining,
  { deadlineMs, why }: { readonly deadlineMs: number; readonly why: "stop" | "exchange" },
): Promise<void> {
  door.phase = "draining";
  const begin = performance.now();
  const end = begin + deadlineMs;
  if (why === "exchange") acceptor.close();
  const graceMs = why === "stop" ? Math.min(door.options.drainGraceMs, deadlineMs) : deadlineMs / 2;
  const isQuiet = (): boolean => Math.min(acceptor.quietMs, performance.now() - begin) >= quietMs;
  while ((sockets.size > 0 || !isQuiet()) && performance.now() < begin + graceMs) {
    if (why === "exchange" && isStopping()) break;
    await sleep(5);
  }
  if (why === "stop") {
    // Whoever was just told to connect anew is on the way here, and would meet a closed port in the middle of it. So connections
    // are kept until nobody comes any more; only then the port is closed, and the next answers close their connections.
    door.isSettling = true;
    await acceptor.closeQuiet(quietMs, Math.max(0, Math.min(settleMs, (end - performance.now()) / 2)));
    await doneWithin(portClosed(), Math.max(0, Math.min(settleMs, (end - performance.now()) / 2)));
    door.isSettling = false;
  }
  // The request of a connection that is new or kept may be on its way still.
  const idleEnd = Math.min(end, performance.now() + idleMs);
  while (sockets.size > 0 && performance.now() < idleEnd) await sleep(5);
  for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  while (sockets.size > 0 && performance.now() < end) {
    server.closeIdleConnections();
    await sleep(5);
  }
  for (const socket of sockets) socket.destroy();
}

const idleMs = 500;
const settleMs = 2000;
/** Without a connection for so long, none is expected. */
const quietMs = 100;
