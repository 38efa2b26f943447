// A real `mlflow server` on a free port, over SQLite and a folder of artifacts, with models that MLflow's own client logged.
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startMlflow } from "../mlflow-tracking/mlflow-process.ts";

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
  const server = await startMlflow(python, { folder, store: "sqlite:///m.db" });
  const { url } = server;
  const kill = (): Promise<void> => Promise.resolve(server[Symbol.asyncDispose]());
  try {
    const env = { ...process.env, HOME: folder, GIT_PYTHON_REFRESH: "quiet", MLFLOW_TRACKING_URI: url };
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
