// MLflow's own server, user interface and client scripts, over a store that we use, too.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { freePort } from "../../../scripts/free-ports.ts";

const run = promisify(execFile);

export interface MlflowProcess extends AsyncDisposable {
  readonly url: string;
}

export interface MlflowOptions {
  readonly folder: string;
  readonly store: string;
  /** @default "server" */
  readonly command?: "server" | "ui";
}

export function mlflowEnvironment(folder: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    HOME: folder,
    GIT_PYTHON_REFRESH: "quiet",
    MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0",
    MLFLOW_DISABLE_TELEMETRY: "true",
  };
}

/** Answers when this returns; its whole group of processes is gone when it is disposed. */
export async function startMlflow(python: string, options: MlflowOptions): Promise<MlflowProcess> {
  const { folder, store, command = "server" } = options;
  const port = await freePort();
  const args = ["-m", "mlflow", command, "--backend-store-uri", store, "--host", "127.0.0.1", "--port", String(port)];
  const more = ["--workers", "1", "--artifacts-destination", "./artifacts"];
  const env = mlflowEnvironment(folder);
  const stdio = ["ignore", "ignore", "pipe"] as const;
  const child = spawn(python, [...args, ...more], { cwd: folder, env, stdio: [...stdio], detached: true });
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-5000)));
  const url = `http://127.0.0.1:${port}`;
  try {
    await answers(`${url}/health`, child);
  } catch (error) {
    await killGroup(child);
    throw new Error(`MLflow's server does not answer: ${said}`, { cause: error });
  }
  return { url, [Symbol.asyncDispose]: () => killGroup(child) };
}

/** A script beside this file; gives its last line, which is JSON. */
export async function runScript(
  python: string,
  { folder, script, args }: { readonly folder: string; readonly script: string; readonly args: readonly string[] },
): Promise<Record<string, unknown>> {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const { stdout } = await run(python, [file, ...args], {
    cwd: folder,
    env: mlflowEnvironment(folder),
    maxBuffer: 1 << 26,
  });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
}

async function killGroup(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, "exit");
  process.kill(-child.pid, "SIGKILL");
  await gone;
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  const end = performance.now() + 240_000;
  while (performance.now() < end) {
    if (child.exitCode !== null) throw new Error("it ended");
    const answer = await fetch(url).catch(() => null);
    if (answer?.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("no answer in four minutes");
}
