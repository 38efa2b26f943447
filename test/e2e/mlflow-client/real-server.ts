// A real `mlflow server` on a free port, over SQLite and a folder of artifacts, with models that MLflow's own client logged.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface Logged {
  readonly version: string;
  readonly first: number;
  readonly second: number;
  readonly run: string;
  readonly experiment: string;
  readonly artifact_uri: string;
  readonly location: string;
  readonly model_id: string | null;
  readonly empty: string;
}

export interface RealServer extends AsyncDisposable {
  readonly url: string;
  readonly folder: string;
  readonly logged: Logged;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
}

export interface RealServerOptions {
  /** What logs the models, beside this file. @default "log_models.py" */
  readonly script?: string;
}

export async function realServer(
  python: string,
  { script: scriptName = "log_models.py" }: RealServerOptions = {},
): Promise<RealServer> {
  const folder = await mkdtemp(join(tmpdir(), "mlflow-server-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = { ...process.env, HOME: folder, GIT_PYTHON_REFRESH: "quiet", MLFLOW_TRACKING_URI: url };
  const flags = ["--backend-store-uri", "sqlite:///m.db", "--artifacts-destination", "./artifacts"];
  const args = ["-m", "mlflow", "server", ...flags, "--host", "127.0.0.1", "--port", String(port), "--workers", "1"];
  // A group of its own: it has children.
  const child = spawn(python, args, { cwd: folder, env, stdio: "ignore", detached: true });
  const kill = (): Promise<void> => killGroup(child);
  try {
    await answers(`${url}/health`, child);
    const script = fileURLToPath(new URL(scriptName, import.meta.url));
    const { stdout } = await run(python, [script], { cwd: folder, env, maxBuffer: 1 << 26 });
    const logged = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Logged;
    const dispose = async (): Promise<void> => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    };
    return { url, folder, logged, kill, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await kill();
    throw error;
  }
}

async function killGroup(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, "exit");
  process.kill(-child.pid, "SIGKILL");
  await gone;
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (child.exitCode !== null) throw new Error("MLflow's server ended");
    const answer = await fetch(url).catch(() => null);
    if (answer?.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("MLflow's server does not answer");
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  return typeof address === "object" && address !== null ? address.port : 0;
}
