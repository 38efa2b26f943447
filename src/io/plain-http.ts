// Node's HTTP without its WebSocket and fetch: an `import` of node:http reads every export, which loads them all, and that costs
// a process 20 ms and 14 MB at its start.
import type * as Http from "node:http";
import type * as Https from "node:https";

export const http: typeof Http = process.getBuiltinModule("node:http");

/** It brings TLS along: only for who needs it. */
export function https(): typeof Https {
  return process.getBuiltinModule("node:https");
}
