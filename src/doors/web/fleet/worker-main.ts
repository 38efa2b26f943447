// One worker process of `serve`: accepts on sockets that the supervisor holds, answers, and does what it is told.
import { flushCompileCache } from "node:module";
import process from "node:process";
import { setFlagsFromString } from "node:v8";
import type { WorkerOrder } from "./messages.ts";
import { WorkerLink } from "./worker-link.ts";

// Models that were exchanged are dead objects that lived for long. V8 frees them when there are four times as many as live ones; a
// worker of 100 MiB grew to 190 by that. It is no flag of the command line, where a V8 that does not know it any more would not start.
setFlagsFromString("--heap-growing-percent=50");

// Signals of a terminal reach every process of it; the supervisor decides. A SIGTERM to one worker asks for its replacement.
for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {});
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
const link = new WorkerLink();
process.on("SIGTERM", () => link.tell({ kind: "retire" }));

// What comes while the door's code is still being loaded waits here; a socket must be taken in the turn in which it comes.
const early: [WorkerOrder, unknown][] = [];
let take = (order: WorkerOrder, handle: unknown): void => {
  early.push([order, handle]);
};
process.on("message", (order, handle) => take(order as WorkerOrder, handle));
let isAlone = false;
process.on("disconnect", () => {
  isAlone = true;
});

const { WorkerDoor } = await import("./worker-door.ts");
const door = new WorkerDoor(link);
take = (order, handle) => door.take(order, handle);
for (const [order, handle] of early.splice(0)) take(order, handle);
const endAlone = (): void => {
  // The supervisor is dead: what is being answered is finished, and nobody is left behind.
  void door.drain({ deadlineMs: aloneMs, why: "exchange" });
  // It may have been leaving already, with more time.
  setTimeout(() => process.exit(0), aloneMs + 500);
};
if (isAlone) endAlone();
else process.on("disconnect", endAlone);
const aloneMs = 2000;
// Compiled code is kept for the next start also when this process is killed, which Node would do on its way out only.
setTimeout(() => flushCompileCache(), 2000).unref();
