// Searches and histories in threads of their own: SQLite answers while it is called, and a page of 25,000 points takes time to
// write. What is confirmed is seen there at once.
import { availableParallelism } from "node:os";
import { WorkerThread } from "../../io/worker-thread.ts";
import type { EndpointName } from "../../mlflow/endpoint-table.ts";
import { WireError, type WireErrorCode } from "../../mlflow/wire/wire-error.ts";

export interface ReadWorkerData {
  readonly file: string;
}

export interface ReadRequest {
  readonly name: string;
  readonly request: unknown;
  /** As the answer's JSON, or as what the handler gave. */
  readonly form: "bytes" | "value";
}

export type ReadAnswer =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "value"; readonly given: unknown }
  | { readonly kind: "refused"; readonly errorCode: WireErrorCode; readonly message: string };

/** They need the store and nothing else. */
const reading: ReadonlySet<string> = new Set<EndpointName>([
  "searchRuns",
  "searchExperiments",
  "searchRegisteredModels",
  "searchModelVersions",
  "searchLoggedModels",
  "getMetricHistory",
  "getMetricHistoryBulk",
  "getMetricHistoryBulkInterval",
  "queryTraceMetrics",
  "searchTraces",
  "searchTracesV3",
  "calculateTraceFilterCorrelation",
]);

const maxThreads = 2;

interface Reader {
  readonly thread: WorkerThread;
  waiting: number;
}

export class ReadPool implements AsyncDisposable {
  readonly #file: string;
  readonly #readers: Reader[] = [];
  readonly #size: number;

  constructor(file: string) {
    this.#file = file;
    this.#size = Math.min(maxThreads, availableParallelism());
  }

  has(name: string): boolean {
    return reading.has(name);
  }

  /** The answer's JSON. @throws WireError, STORE_*, THREAD_ENDED */
  async bytes(name: string, request: unknown): Promise<Uint8Array> {
    const answer = await this.#ask({ name, request, form: "bytes" });
    if (answer.kind !== "bytes") throw new TypeError("a reader answers in another form");
    return answer.bytes;
  }

  /** What the handler gives. @throws WireError, STORE_*, THREAD_ENDED */
  async value(name: string, request: unknown): Promise<unknown> {
    const answer = await this.#ask({ name, request, form: "value" });
    if (answer.kind !== "value") throw new TypeError("a reader answers in another form");
    return answer.given;
  }

  async #ask(request: ReadRequest): Promise<ReadAnswer> {
    const reader = this.#free();
    reader.waiting++;
    try {
      const answer = (await reader.thread.ask(request)) as ReadAnswer;
      if (answer.kind === "refused") throw new WireError(answer.errorCode, answer.message);
      return answer;
    } finally {
      reader.waiting--;
    }
  }

  /** Another thread is started only when all are busy. */
  #free(): Reader {
    const [first, ...others] = this.#readers;
    const idlest = others.reduce((best, each) => (each.waiting < (best?.waiting ?? 0) ? each : best), first);
    if (idlest !== undefined && (idlest.waiting === 0 || this.#readers.length >= this.#size)) return idlest;
    const entry = new URL(`./read-worker.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url);
    const data: ReadWorkerData = { file: this.#file };
    const made = { thread: new WorkerThread({ entry, data }), waiting: 0 };
    this.#readers.push(made);
    return made;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#readers.map(({ thread }) => thread.close()));
  }
}
