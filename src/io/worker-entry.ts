// The worker's side of `worker-thread.ts`: answers one request after the other until the thread is ended.
import { parentPort, type Transferable } from "node:worker_threads";
import { type CarriedError, carryError } from "./carried-error.ts";

/** What a request is answered with; buffers in `transfer` move instead of being copied. */
export interface WorkerAnswer {
  readonly value: unknown;
  readonly transfer?: readonly Transferable[];
}

export type WorkerReply =
  | { readonly id: number; readonly kind: "value"; readonly value: unknown }
  | { readonly id: number; readonly kind: "error"; readonly error: CarriedError };

export interface WorkerRequest {
  readonly id: number;
  readonly request: unknown;
}

/** To be called once, by the file that a worker runs. What `answer` throws is thrown where the request was made. */
export function answerRequests(answer: (request: unknown) => WorkerAnswer | Promise<WorkerAnswer>): void {
  const port = parentPort;
  if (port === null) throw new TypeError("a worker's file was started as a program");
  port.on("message", async ({ id, request }: WorkerRequest) => {
    try {
      const { value, transfer = [] } = await answer(request);
      port.postMessage({ id, kind: "value", value } satisfies WorkerReply, transfer);
    } catch (error) {
      port.postMessage({ id, kind: "error", error: carryError(error) } satisfies WorkerReply);
    }
  });
}
