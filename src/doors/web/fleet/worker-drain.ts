// A worker's way down. No connection that it has accepted is lost while its client may be sending: first nothing more is accepted,
// every answer says `Connection: close`, and only connections that stay silent are closed.
import type { Server } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Acceptor } from "../../../io/acceptor.ts";
import type { Door } from "../door.ts";

export interface Draining {
  readonly door: Door;
  readonly server: Server;
  readonly sockets: ReadonlySet<Socket>;
  readonly acceptor: Acceptor;
}

/**
 * - `stop`: the whole service ends. The port stays open for a moment, for requests that are on their way here; then idle
 *   connections are closed.
 * - `exchange`: others go on to accept, so this one stops at once, and gives idle connections time: half of what there is.
 */
export async function drainWorker(
  { door, server, sockets, acceptor }: Draining,
  { deadlineMs, why }: { readonly deadlineMs: number; readonly why: "stop" | "exchange" },
): Promise<void> {
  door.phase = "draining";
  const begin = performance.now();
  const end = begin + deadlineMs;
  if (why === "exchange") acceptor.close();
  const graceMs = why === "stop" ? Math.min(door.options.drainGraceMs, deadlineMs) : deadlineMs / 2;
  while (sockets.size > 0 && performance.now() < begin + graceMs) await sleep(5);
  acceptor.close();
  // Of an accepted connection the request may be on its way still.
  const freshEnd = Math.min(end, performance.now() + freshMs);
  const isFresh = (): boolean => [...sockets].some((socket) => socket.bytesRead === 0);
  while (isFresh() && performance.now() < freshEnd) await sleep(5);
  for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  while (sockets.size > 0 && performance.now() < end) {
    server.closeIdleConnections();
    await sleep(5);
  }
  for (const socket of sockets) socket.destroy();
}

const freshMs = 100;
