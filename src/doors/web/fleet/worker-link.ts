// A worker's line to its supervisor: what it tells, and what it asks of all workers.
import type { Socket } from "node:net";
import process from "node:process";
import { trimaranError } from "../../../base/errors.ts";
import { toError } from "../../../io/carried-error.ts";
import type { SocketLike } from "../../../io/connection-spread.ts";
import type { WorkerMessage, WorkerOrder, WorkerQuestion } from "./messages.ts";

type Asked = Extract<WorkerOrder, { kind: "asked" }>;

export class WorkerLink {
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #lastId = 0;
  /** What this worker answers when any worker asks for `reports`: whoever observes sets it. */
  report: () => unknown = () => null;

  tell(message: WorkerMessage): void {
    // Without a supervisor nobody listens.
    if (process.connected) process.send?.(message, undefined, undefined, () => {});
  }

  /** Beside a connection. */
  pass(message: WorkerMessage, handle: SocketLike, sent: (isGone: boolean) => void): void {
    if (process.connected)
      process.send?.(message, handle as unknown as Socket, undefined, (error) => sent((error ?? null) === null));
    else sent(false);
  }

  /** Of `reports`: an array with the report of each worker. @throws what the supervisor threw */
  ask(what: WorkerQuestion): Promise<unknown> {
    if (!process.connected) return Promise.reject(trimaranError("SERVICE_NOT_READY", { state: "draining" }));
    const id = ++this.#lastId;
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(id, answer);
    this.tell({ kind: "ask", id, what });
    return answer.promise;
  }

  asked({ id, error, value }: Asked): void {
    const answer = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === null) answer?.resolve(value);
    else answer?.reject(toError(error));
  }
}
