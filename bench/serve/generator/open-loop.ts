// Open loop: requests come at a rate, whoever answers. What a service does at twice of what it can, and while models are exchanged.
// Bare sockets, kept while the service keeps them; as many as are needed at once.
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { readAnswer, requestBytes } from "./answer-text.ts";
import { Latencies } from "./latencies.ts";

export interface OpenLoop {
  readonly port: number;
  /** @default /predict */
  readonly path?: string;
  readonly body: string;
  /** The only right answer, where it is known. */
  readonly answer?: string;
  /** Requests a second. */
  readonly rate: number;
  readonly seconds: number;
}

export interface OpenResult {
  readonly sent: number;
  /** Answers with 200 a second, until the last one is there. */
  readonly goodput: number;
  /** Of answers with 200, from the moment that the request was due. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** 503 with Retry-After and a code. */
  readonly refused: number;
  /** Everything else: statuses and codes of errors, each with how often. */
  readonly failures: Readonly<Record<string, number>>;
  /** From the last request to the last answer. */
  readonly drainMs: number;
  /** The share of one core that the generator took. */
  readonly ownCpu: number;
}

export async function openLoop(task: OpenLoop): Promise<OpenResult> {
  const { rate, seconds } = task;
  const run = new OpenRun(task);
  const cpu = process.cpuUsage();
  const start = performance.now();
  let sent = 0;
  while (performance.now() - start < seconds * 1000) {
    const due = Math.floor(((performance.now() - start) / 1000) * rate);
    for (; sent < due; sent++) run.send(start + ((sent + 1) / rate) * 1000);
    await sleep(1);
  }
  const { user, system } = process.cpuUsage(cpu);
  const over = performance.now();
  await run.drained();
  const end = performance.now();
  const { latencies, refused, failures } = run;
  return {
    sent,
    goodput: latencies.total / ((end - start) / 1000),
    p50Ms: latencies.quantileMs(0.5),
    p99Ms: latencies.quantileMs(0.99),
    refused,
    failures,
    drainMs: end - over,
    ownCpu: (user + system) / 1e6 / seconds,
  };
}

export function countOf({ failures }: OpenResult): number {
  return Object.values(failures).reduce((sum, count) => sum + count, 0);
}

/** What is not answered by then has failed. */
const patienceMs = 60_000;

class OpenRun {
  readonly latencies: Latencies = new Latencies();
  readonly failures: Record<string, number> = {};
  refused = 0;
  readonly #task: OpenLoop;
  readonly #request: Buffer;
  readonly #idle: Connection[] = [];
  readonly #open = new Set<Connection>();
  #pending = 0;

  constructor(task: OpenLoop) {
    const { port, path = "/predict", body } = task;
    this.#task = task;
    this.#request = requestBytes({ port, path, body });
  }

  send(due: number): void {
    this.#pending++;
    const kept = this.#idle.pop();
    const connection = kept ?? this.#connect();
    connection.due = due;
    connection.socket.write(this.#request);
  }

  async drained(): Promise<void> {
    const end = performance.now() + patienceMs;
    while (this.#pending > 0 && performance.now() < end) await sleep(1);
    if (this.#pending > 0) this.#fail("no answer", this.#pending);
    for (const { socket } of this.#open) socket.removeAllListeners("close").destroy();
  }

  #connect(): Connection {
    const socket = connect({ port: this.#task.port, host: "127.0.0.1", noDelay: true });
    const connection: Connection = { socket, due: null, received: "" };
    this.#open.add(connection);
    let reason = "closed";
    socket.on("data", (chunk: Buffer) => {
      connection.received += chunk.toString("latin1");
      this.#read(connection);
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      reason = error.code ?? "?";
    });
    socket.on("close", () => {
      this.#open.delete(connection);
      const at = this.#idle.indexOf(connection);
      if (at >= 0) this.#idle.splice(at, 1);
      if (connection.due === null) return;
      this.#pending--;
      this.#fail(reason, 1);
    });
    return connection;
  }

  #read(connection: Connection): void {
    const answer = readAnswer(connection.received);
    if (answer === null || connection.due === null) return;
    const { status, headers, body, closes } = answer;
    const isRight = this.#task.answer === undefined || this.#task.answer === body;
    if (status === "200" && isRight) this.latencies.addMs(performance.now() - connection.due);
    else if (status === "200") this.#fail("wrong answer", 1);
    else if (status === "503" && /\r\nretry-after:/i.test(headers) && body.includes('"code"')) this.refused++;
    else this.#fail(status, 1);
    connection.due = null;
    connection.received = "";
    this.#pending--;
    if (closes) connection.socket.end();
    else this.#idle.push(connection);
  }

  #fail(what: string, count: number): void {
    this.failures[what] = (this.failures[what] ?? 0) + count;
  }
}

interface Connection {
  readonly socket: Socket;
  /** When the request was due that is not answered yet; null between requests. */
  due: number | null;
  received: string;
}
