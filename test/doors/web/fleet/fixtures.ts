// A real `trimaran serve` with its processes, and clients that keep their connections.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { Agent, type IncomingMessage, request } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export const root: string = fileURLToPath(new URL("../../../../", import.meta.url));
export const ride = `${root}examples/ride-duration`;
export const linear = `${ride}/lin_reg.bin`;
export const forest = `${ride}/forest`;
export const row = { PULocationID: 10, DOLocationID: 50, trip_distance: 40 };

export interface Running extends AsyncDisposable {
  readonly port: number;
  readonly pids: readonly number[];
  /** Null unless it was asked for. */
  readonly adminPort: number | null;
  readonly process: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  stderr(): string;
  /** Waits until stderr says so. */
  says(pattern: RegExp): Promise<void>;
  signal(name: NodeJS.Signals): void;
}

/** What has ended before it listened: its exit code and what it said. */
export interface Failed {
  readonly code: number | null;
  readonly stderr: string;
}

export async function serve(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Running> {
  const started = await start(args, env);
  if ("stderr" in started && "code" in started) throw new Error(`serve ended with ${started.code}: ${started.stderr}`);
  return started as Running;
}

export async function serveFails(args: readonly string[]): Promise<Failed> {
  const started = await start(args, {});
  if ("port" in started) {
    await started[Symbol.asyncDispose]();
    throw new Error("serve listens");
  }
  return started;
}

async function start(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Running | Failed> {
  const child = spawn(process.execPath, [`${root}bin/trimaran`, "serve", ...args, "--port", "0", "--json"], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = once(child, "close").then(([code, signal]) => ({ code, signal }));
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([once(lines, "line").then(([line]) => line as string), ended]);
  if (typeof first !== "string") return { code: first.code, stderr };
  const told = JSON.parse(first) as { port: number; pids: number[]; adminPort?: number };
  const { port, pids, adminPort = null } = told;
  return {
    port,
    pids,
    adminPort,
    process: child,
    ended,
    stderr: () => stderr,
    async says(pattern) {
      await until(() => pattern.test(stderr), `${pattern} on stderr`).catch((error: Error) => {
        throw new Error(`${error.message}\n${stderr}`);
      });
    },
    signal: (name) => void child.kill(name),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await ended;
    },
  };
}

export async function until(holds: () => boolean | Promise<boolean>, what: string, ms = 60_000): Promise<void> {
  const end = performance.now() + ms;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited ${ms} ms for ${what}`);
    await sleep(20);
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The processes that a supervisor has started and that still run. */
/** A supervisor's workers; who prepares a model is a child of it too. */
export async function workersOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  const children = text.split(" ").filter(Boolean).map(Number);
  const commands = await Promise.all(
    children.map((child) => readFile(`/proc/${child}/cmdline`, "utf8").catch(() => "")),
  );
  return children.filter((_, index) => commands[index]?.includes("worker-main"));
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly closes: boolean;
}

export function ask(port: number, body: unknown = row, agent?: Agent): Promise<Answer> {
  const text = JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        port,
        host: "127.0.0.1",
        path: "/predict",
        method: "POST",
        agent,
        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(text) },
      },
      (answer: IncomingMessage) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () =>
          resolve({
            status: answer.statusCode ?? 0,
            text: Buffer.concat(chunks).toString(),
            closes: answer.headers.connection === "close",
          }),
        );
      },
    );
    asked.on("error", reject);
    asked.end(text);
  });
}

export interface Load {
  readonly answered: number;
  /** What was not answered with 200: a status, or the error's code. */
  readonly failures: readonly string[];
  readonly texts: ReadonlySet<string>;
  stop(): Promise<void>;
}

/** Clients that each ask one request after the other, over a connection that they keep as long as the server does. */
export function load(port: number, clients: number, body: unknown = row): Load {
  const failures: string[] = [];
  const texts = new Set<string>();
  let answered = 0;
  let isOver = false;
  const run = async (): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (!isOver) {
      try {
        const { status, text } = await ask(port, body, agent);
        if (status === 200) {
          answered++;
          texts.add(text);
        } else failures.push(String(status));
      } catch (error) {
        const { code = "?" } = error as NodeJS.ErrnoException;
        // Once the service has ended nobody listens: that is no request that it lost.
        if (code === "ECONNREFUSED") return agent.destroy();
        failures.push(code);
      }
    }
    agent.destroy();
  };
  const running = Promise.all(Array.from({ length: clients }, run));
  return {
    get answered() {
      return answered;
    },
    failures,
    texts,
    async stop() {
      isOver = true;
      await running;
    },
  };
}

/** Connections with a request written into each, whoever reads it. */
export async function queue(port: number, count: number): Promise<readonly QueuedConnection[]> {
  const body = JSON.stringify(row);
  const head = `POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`;
  return Promise.all(
    Array.from({ length: count }, async () => {
      const socket = connect(port, "127.0.0.1");
      const answer = readAll(socket);
      await once(socket, "connect");
      socket.write(head + body);
      return { answer };
    }),
  );
}

export interface QueuedConnection {
  /** All that came until the connection ended; or the code of its error. */
  readonly answer: Promise<string>;
}

function readAll(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "?"));
    socket.on("close", () => resolve(text));
  });
}

export interface Folder extends AsyncDisposable {
  readonly path: string;
  write(name: string, text: string): Promise<void>;
}

export async function folder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), "trimaran-fleet-"));
  return {
    path,
    write: (name, text) => writeFile(join(path, name), text),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** A definition over the linear model, whose `features` and module may do what a test wants. */
export function definition({ features = "", module = "", output = "raw.predict" } = {}): string {
  return `import { defineDeployment, integer, number } from "trimaran";
${module}
export default defineDeployment({
  name: "ride",
  model: ${JSON.stringify(linear)},
  input: { PULocationID: integer(), DOLocationID: integer(), trip_distance: number() },
  features: (ride) => {
    ${features}
    return { PU_DO: \`\${ride.PULocationID}_\${ride.DOLocationID}\`, trip_distance: ride.trip_distance };
  },
  postprocess: (raw) => ({ duration: ${output} }),
  output: { duration: number() },
});
`;
}
