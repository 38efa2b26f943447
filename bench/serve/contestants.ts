// The services that are compared, each a process on a port of its own, and how one is asked.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { root } from "../../scripts/stage.ts";

export interface Contestant {
  readonly name: string;
  /** The program and its arguments for a port. */
  readonly command: (port: number) => readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  /**
   * - `exact`: its numbers must be the reference's, bit for bit
   * - `near`: it adds in no fixed order, so 1e-12 of difference is let pass
   * - `constant`: it computes nothing
   */
  readonly answers: "exact" | "near" | "constant";
  /** For those that do not speak the course's request. */
  readonly path?: string;
  readonly bodyOf?: (ride: string) => string;
  /** Ports that it takes from its environment. */
  readonly portEnv?: (port: number) => Readonly<Record<string, string>>;
  /** It writes much to stderr, which nobody reads. */
  readonly isLoud?: boolean;
}

export interface Running extends AsyncDisposable {
  readonly contestant: Contestant;
  readonly port: number;
  readonly child: ChildProcess;
  /** The end of what it wrote to stderr. */
  readonly told: () => string;
}

export interface ExampleModel {
  /** The worked example's other model, where it is not the definition's own. */
  readonly forest: boolean;
  readonly python: string;
}

export function contestants({ forest, python }: ExampleModel): readonly Contestant[] {
  const example = `${root}examples/ride-duration`;
  const ours = ["serve", example, ...(forest ? ["--model", `${example}/forest`] : [])];
  const model = forest ? `${example}/forest/model.pkl` : `${example}/lin_reg.bin`;
  const gunicorn = (workers: number, more: Readonly<Record<string, string>>): Omit<Contestant, "name" | "answers"> => ({
    command: (port) => [
      ...([python, "-m", "gunicorn", "--chdir", fileURLToPath(new URL("../peers", import.meta.url))] as const),
      ...["--bind", `127.0.0.1:${port}`, "--workers", String(workers), "--log-level", "error", "flask_app:app"],
    ],
    env: { MODEL: model, ...more },
  });
  const oneJob: Readonly<Record<string, string>> = forest ? { N_JOBS: "1" } : {};
  const jobs = forest ? ", n_jobs=1" : "";
  return [
    {
      name: "trimaran serve, 1 process",
      command: (port) => [process.execPath, `${root}bin/trimaran`, ...ours, "--port", String(port)],
      env: {},
      answers: "exact",
    },
    { name: `Gunicorn + Flask, 1 worker${jobs}`, ...gunicorn(1, oneJob), answers: "exact" },
    { name: `Gunicorn + Flask, 2 workers${jobs}`, ...gunicorn(2, oneJob), answers: "exact" },
    ...(forest
      ? [{ name: "Gunicorn + Flask, 1 worker, n_jobs=-1 as pickled", ...gunicorn(1, {}), answers: "near" as const }]
      : []),
    {
      name: "bare node:http",
      command: (port) => [process.execPath, fileURLToPath(new URL("bare.ts", import.meta.url)), String(port)],
      env: {},
      answers: "constant",
    },
  ];
}

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new TypeError("no port");
  return address.port;
}

export async function start(contestant: Contestant): Promise<Running> {
  const port = await freePort();
  const [program, ...args] = contestant.command(port);
  // Some machines tell Python to keep no compiled files, which would make each of its starts slower than a user's.
  const { PYTHONDONTWRITEBYTECODE: _, ...env } = process.env;
  const child = spawn(program, args, {
    env: { ...env, ...contestant.env, ...contestant.portEnv?.(port) },
    stdio: ["ignore", "ignore", contestant.isLoud ? "ignore" : "pipe"],
  });
  const closed = once(child, "close");
  let told = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    told = (told + text).slice(-2000);
  });
  return {
    contestant,
    port,
    child,
    told: () => told,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await closed;
      clearTimeout(late);
    },
  };
}

/** The text that a service answers; null when it cannot be reached. */
export async function ask(port: number, body: string, path = "/predict"): Promise<string | null> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body,
    });
    const text = await response.text();
    // A server whose model is on its way may say 404 for it.
    return response.status === 503 || (response.status !== 200 && path !== "/predict") ? null : text;
  } catch {
    return null;
  }
}

/** Waits until a service answers at all. */
export async function firstAnswer({ contestant, port, child, told }: Running, body: string): Promise<string> {
  for (const end = performance.now() + 60_000; performance.now() < end; await sleep(5)) {
    if (child.exitCode !== null) throw new Error(`${contestant.name} ended with code ${child.exitCode}: ${told()}`);
    const answer = await ask(port, contestant.bodyOf?.(body) ?? body, contestant.path);
    if (answer !== null) return answer;
  }
  throw new Error(`${contestant.name} does not answer`);
}
