// A worker's gRPC side: loaded when the supervisor hands it a socket for it.
import { setTimeout as sleep } from "node:timers/promises";
import { Acceptor } from "../../../io/acceptor.ts";
import type { ConnectionSpread } from "../../../io/connection-spread.ts";
import type { Door } from "../door.ts";
import type { GrpcDoor } from "../grpc/open-grpc-door.ts";

export interface WorkerGrpc {
  readonly acceptor: Acceptor;
  readonly grpc: GrpcDoor;
}

export async function openWorkerGrpc(door: Door, spread: ConnectionSpread): Promise<WorkerGrpc> {
  const { openGrpcDoor } = await import("../grpc/open-grpc-door.ts");
  const grpc = openGrpcDoor(door);
  return { grpc, acceptor: new Acceptor({ spread, onConnection: (socket) => grpc.inject(socket) }) };
}

/**
 * An exchanged worker stops to accept and sends its callers to the others. When the whole service stops, callers first learn from
 * their health checks that it does.
 */
export async function drainGrpc(
  { acceptor, grpc }: WorkerGrpc,
  {
    deadlineMs,
    graceMs,
    why,
  }: { readonly deadlineMs: number; readonly graceMs: number; readonly why: "stop" | "exchange" },
): Promise<void> {
  const end = performance.now() + deadlineMs;
  if (why === "exchange") acceptor.close();
  else {
    await sleep(Math.min(graceMs, deadlineMs / 2));
    await acceptor.closeQuiet(quietMs, Math.min(settleMs, deadlineMs / 4));
  }
  await grpc.drain(Math.max(0, end - performance.now()));
}

const quietMs = 100;
const settleMs = 1000;
