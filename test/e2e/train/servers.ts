// Two tracking servers on free ports: the real `mlflow server`, and ours; and Python beside them.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { freePort } from "../../../scripts/free-ports.ts";
import { openTracking } from "../../../src/tracking/open-tracking.ts";

export interface Server extends AsyncDisposable {
  readonly url: string;
  readonly folder: string;
}

const quiet = {
  GIT_PYTHON_REFRESH: "quiet",
  MLFLOW_DISABLE_TELEMETRY: "true",
  // Eight more processes that nothing here needs.
  MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false",
};

export async function realServer(python: string): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), "trimaran-mlflow-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const places = ["--backend-store-uri", "sqlite:///m.db", "--artifacts-destination", "./artifacts"];
  const args = ["-m", "mlflow", "server", ...places, "--host", "127.0.0.1", "--port", String(port), "--workers", "1"];
  // A group of its own: it has children.
  const child = spawn(python, args, {
    cwd: folder,
    env: { ...process.env, ...quiet, HOME: folder },
    stdio: "ignore",
    detached: true,
  });
  const close = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      const gone = once(child, "exit");
      process.kill(-child.pid, "SIGKILL");
      await gone;
    }
    await rm(folder, { recursive: true, force: true });
  };
  const end = Date.now() + 180_000;
  while ((await fetch(`${url}/health`).catch(() => null))?.status !== 200) {
    if (child.exitCode !== null || Date.now() > end) {
      await close();
      throw new Error("MLflow's server does not answer");
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return { url, folder, [Symbol.asyncDispose]: close };
}

export async function ownServer(): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), "trimaran-own-"));
  const tracking = await openTracking({
    backendStoreUri: `sqlite:///${join(folder, "tracking.db")}`,
    artifactsDestination: join(folder, "artifacts"),
  });
  const listening = await tracking.listen({ port: 0 });
  return {
    url: listening.url,
    folder,
    async [Symbol.asyncDispose]() {
      await listening.close();
      await tracking.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export interface PythonCall {
  readonly python: string;
  readonly trackingUri: string;
  readonly folder: string;
}

/** The last line that a script beside this file prints, as JSON. */
export async function runPython(
  script: string,
  args: readonly string[],
  { python, trackingUri, folder }: PythonCall,
): Promise<Record<string, unknown>> {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const env = { ...process.env, ...quiet, HOME: folder, MLFLOW_TRACKING_URI: trackingUri };
  const { stdout } = await promisify(execFile)(python, [file, ...args], { cwd: folder, env, maxBuffer: 1 << 26 });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
}
