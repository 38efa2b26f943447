// The load generator for HTTP: N connections, each of which sends its next request when the answer to the last
// one is there. Bare sockets, because a client library would cost more than the services that are measured. A peer that
// closes the connection behind its answer is connected to anew, and that is part of the next request's time, as it is for
// every client. Every status is looked at, and every body where it is known what it must be.
import { connect, type Socket } from "node:net";
import { type Answer, readAnswer, requestBytes } from "./answer-text.ts";
import { Latencies } from "./latencies.ts";

export interface LoadTask {
  readonly port: number;
  /** @default /predict */
  readonly path?: string;
  readonly connections: number;
  readonly seconds: number;
  /** Request bodies, sent in turn. */
  readonly bodies: readonly string[];
  /** The answer to each body as text; null: whatever has the status 200 counts. */
  readonly answers: readonly string[] | null;
  /** Ends when so many are answered, if that is sooner. */
  readonly requests?: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers that were not 200, or not the right text. */
  readonly wrong: number;
  /** Connections that broke before an answer. */
  readonly broken: number;
  /** The first answer that was wrong. */
  readonly firstWrong: string | null;
  /** The share of one core that this process used: near 1 the services may be faster than is measured. */
  readonly ownCpu: number;
}

export async function runLoad(task: LoadTask): Promise<LoadResult> {
  const run = new LoadRun(task);
  const cpu = process.cpuUsage();
  const start = performance.now();
  const end = start + task.seconds * 1000;
  await Promise.all(Array.from({ length: task.connections }, () => run.connection(end)));
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return {
    requests: run.latencies.total,
    seconds,
    p50Ms: run.latencies.quantileMs(0.5),
    p99Ms: run.latencies.quantileMs(0.99),
    wrong: run.wrong,
    broken: run.broken,
    firstWrong: run.firstWrong,
    ownCpu: (user + system) / 1e6 / seconds,
  };
}

/** A peer that breaks more connections than this is not measured any longer. */
const maxBroken = 100;

/** @throws when something was answered wrongly or not at all */
export function assertClean(name: string, { wrong, broken, firstWrong }: LoadResult): void {
  if (wrong + broken === 0) return;
  throw new Error(`${name}: ${wrong} wrong answers, ${broken} broken connections; first: ${firstWrong}`);
}

class LoadRun {
  readonly latencies: Latencies = new Latencies();
  wrong = 0;
  broken = 0;
  firstWrong: string | null = null;
  readonly #task: LoadTask;
  readonly #requests: readonly Buffer[];
  #next = 0;

  constructor(task: LoadTask) {
    this.#task = task;
    const { port, path = "/predict" } = task;
    this.#requests = task.bodies.map((body) => requestBytes({ port, path, body }));
  }

  /** One connection, and its successors, until the time is over. */
  connection(end: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    let ride = 0;
    let since = 0;
    let received = "";
    let answered = true;
    const send = (socket: Socket): void => {
      ride = this.#next++ % this.#requests.length;
      answered = false;
      socket.write(this.#requests[ride]!);
    };
    const open = (): void => {
      if (since >= end || this.broken > maxBroken || this.#isEnough()) {
        resolve();
        return;
      }
      since = performance.now();
      received = "";
      const socket = connect({ port: this.#task.port, host: "127.0.0.1", noDelay: true });
      socket.on("connect", () => send(socket));
      socket.on("data", (chunk: Buffer) => {
        received += chunk.toString("latin1");
        const answer = readAnswer(received);
        if (answer === null) return;
        const now = performance.now();
        this.latencies.addMs(now - since);
        if (!this.#isRight(answer, ride)) {
          this.wrong++;
          this.firstWrong ??= `${answer.status} ${answer.body.slice(0, 200)}`;
        }
        received = "";
        answered = true;
        if (now >= end || this.#isEnough()) socket.destroy();
        else if (answer.closes) socket.end();
        else {
          since = now;
          send(socket);
        }
      });
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        if (!answered) this.broken++;
        answered = true;
        since = performance.now();
        open();
      });
    };
    open();
    return promise;
  }

  #isEnough(): boolean {
    return this.latencies.total >= (this.#task.requests ?? Number.POSITIVE_INFINITY);
  }

  #isRight({ status, body }: Answer, ride: number): boolean {
    const { answers } = this.#task;
    return status === "200" && (answers === null || answers[ride] === body);
  }
}
