// A worker thread that is asked and answers. It starts with the first request; when it dies, what it was asked fails and the
// next request starts another one.
import { type ResourceLimits, type Transferable, Worker } from "node:worker_threads";
import { trimaranError } from "../base/errors.ts";
import { toError } from "./carried-error.ts";
import type { WorkerReply, WorkerRequest } from "./worker-entry.ts";

export interface WorkerThreadOptions {
  /** The file that it runs; that file calls `answerRequests`. */
  readonly entry: URL;
  /** What that file finds as its `workerData`. @default nothing */
  readonly data?: unknown;
  /** What its heap may take. @default Node's */
  readonly resourceLimits?: ResourceLimits;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export class WorkerThread {
  readonly #options: WorkerThreadOptions;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #lastId = 0;
  #closed = false;

  constructor(options: WorkerThreadOptions) {
    this.#options = options;
  }

  /** @throws what the worker threw; THREAD_ENDED when it died or was closed before it answered */
  ask(request: unknown, transfer: readonly Transferable[] = []): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(ended("it was closed"));
        return;
      }
      const worker = this.#worker ?? this.#start();
      const id = ++this.#lastId;
      worker.postMessage({ id, request } satisfies WorkerRequest, transfer);
      this.#waiting.set(id, { resolve, reject });
      worker.ref();
    });
  }

  /** Ends the thread. What it was asked and has not answered fails. */
  async close(): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    this.#worker = null;
    this.#failAll(ended("it was closed"));
    await worker?.terminate();
  }

  #start(): Worker {
    // Flags of the program (a script given with -e, test flags) are not the thread's.
    const worker = new Worker(this.#options.entry, {
      workerData: this.#options.data,
      execArgv: [],
      resourceLimits: this.#options.resourceLimits ?? {},
    });
    this.#worker = worker;
    worker.unref();
    worker.on("message", (reply: WorkerReply) => this.#settle(worker, reply));
    worker.on("error", (cause) => this.#lose(worker, ended(causeText(cause), cause)));
    worker.on("exit", (code) => this.#lose(worker, ended(`it left with exit code ${code}`)));
    return worker;
  }

  #settle(worker: Worker, reply: WorkerReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) worker.unref();
    if (reply.kind === "value") waiting?.resolve(reply.value);
    else waiting?.reject(toError(reply.error));
  }

  #lose(worker: Worker, error: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    this.#failAll(error);
  }

  #failAll(error: Error): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(error);
  }
}

function ended(problem: string, cause?: unknown): Error {
  return trimaranError("THREAD_ENDED", { problem }, { cause });
}

function causeText(cause: unknown): string {
  const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
  if (code === "ERR_WORKER_OUT_OF_MEMORY") return "it ran out of memory";
  return cause instanceof Error ? cause.message : String(cause);
}
