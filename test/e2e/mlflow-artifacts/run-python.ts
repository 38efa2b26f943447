// Runs one of this folder's scripts with a real MLflow and gives the JSON of its last line.
import { execFile } from "node:child_process";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { PythonPins } from "../../../scripts/python-environment.ts";
import { peers } from "../mlflow-client/environments.ts";
import { mlflow318 } from "../mlflow-tracking/environments.ts";

const run = promisify(execFile);

/** The current client, and the last 2.x. */
export const clients: readonly PythonPins[] = [mlflow318, ...peers.filter(({ name }) => name === "mlflow222")];

export interface PythonCall {
  readonly python: string;
  readonly script: "artifacts.py" | "access.py";
  readonly args: readonly string[];
  /** Also its home. */
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A folder of further modules. */
  readonly modules?: string;
}

export async function runPython({
  python,
  script,
  args,
  folder,
  env = {},
  modules = "",
}: PythonCall): Promise<unknown> {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const { stdout } = await run(python, [file, ...args], {
    cwd: folder,
    maxBuffer: 1 << 26,
    env: {
      ...process.env,
      HOME: folder,
      GIT_PYTHON_REFRESH: "quiet",
      MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0",
      MLFLOW_DISABLE_TELEMETRY: "true",
      MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR: "false",
      PYTHONPATH: [modules, process.env["PYTHONPATH"]].filter(Boolean).join(delimiter),
      ...env,
    },
  });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}
