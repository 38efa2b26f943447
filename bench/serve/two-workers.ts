// The services with two workers each, and those that cannot be made here, with the reason.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { makePythonEnvironment, testCache } from "../../scripts/python-environment.ts";
import { root } from "../../scripts/stage.ts";
import {
  fastapiLinearPins,
  fastapiPins,
  forestPins,
  linearPins,
  mlflowPins,
  mlserverPins,
} from "../peers/environments.ts";
import type { Contestant } from "./contestants.ts";

export interface Field {
  readonly contestants: readonly Contestant[];
  readonly missing: readonly { readonly name: string; readonly why: string }[];
}

const peers = fileURLToPath(new URL("../peers", import.meta.url));
const example = `${root}examples/ride-duration`;

/** `only`: those whose name has that text, ours and the bare one always. */
export async function twoWorkers(model: "linear" | "forest", home: string, only: string): Promise<Field> {
  const isForest = model === "forest";
  const file = isForest ? `${example}/forest/model.pkl` : `${example}/lin_reg.bin`;
  const env = { MODEL: file, ...(isForest ? { N_JOBS: "1" } : {}) };
  const ours = [`${root}bin/trimaran`, "serve", example, ...(isForest ? ["--model", `${example}/forest`] : [])];
  const trimaran = (more: readonly string[], port: number): readonly [string, ...string[]] => [
    ...([process.execPath, ...ours, "--workers", "2", "--home", home] as const),
    ...["--log-level", "error", "--port", String(port), ...more],
  ];
  const own: readonly Contestant[] = [
    { name: "trimaran", command: (port) => trimaran([], port), env: {}, answers: "exact" },
    {
      name: "trimaran, access and prediction log",
      command: (port) => trimaran(["--access-log", "--prediction-log", "--log-level", "info"], port),
      env: {},
      answers: "exact",
      isLoud: true,
    },
    {
      name: "bare node:http, cluster",
      command: (port) => [process.execPath, fileURLToPath(new URL("bare.ts", import.meta.url)), String(port), "2"],
      env: {},
      answers: "constant",
    },
  ];
  const makers: Readonly<Record<string, () => Promise<Omit<Contestant, "name">>>> = {
    "Flask + Gunicorn": async () => {
      const python = await makePythonEnvironment(isForest ? forestPins : linearPins);
      return {
        command: (port) => [
          ...([python, "-m", "gunicorn", "--chdir", peers, "--bind", `127.0.0.1:${port}`] as const),
          ...["--workers", "2", "--log-level", "error", "flask_app:app"],
        ],
        env,
        answers: "exact",
      };
    },
    "FastAPI + uvicorn": async () => {
      const python = await makePythonEnvironment(isForest ? fastapiPins : fastapiLinearPins);
      return {
        command: (port) => [
          ...([python, "-m", "uvicorn", "--app-dir", peers, "--port", String(port)] as const),
          ...["--workers", "2", "--log-level", "error", "fastapi_app:app"],
        ],
        env,
        answers: "exact",
      };
    },
    ...(isForest ? columnPeers() : {}),
  };
  const contestants = [...own];
  const missing: { name: string; why: string }[] = [];
  for (const [name, make] of Object.entries(makers)) {
    if (!name.toLowerCase().includes(only.toLowerCase())) continue;
    try {
      contestants.push({ name, ...(await make()) });
    } catch (error) {
      missing.push({ name, why: `not to be installed here: ${String(error).split("\n")[0]}` });
    }
  }
  return { contestants, missing };
}

/** MLServer and `mlflow models serve` take no dicts: the same forest over ready columns. */
function columnPeers(): Readonly<Record<string, () => Promise<Omit<Contestant, "name">>>> {
  const valuesOf = (ride: string): readonly number[] => {
    const { PULocationID, DOLocationID, trip_distance } = JSON.parse(ride) as Record<string, number>;
    return [PULocationID ?? 0, DOLocationID ?? 0, trip_distance ?? 0];
  };
  return {
    "MLServer, ready columns": async () => {
      const folder = await columnModels();
      const python = await makePythonEnvironment(mlserverPins);
      return {
        command: () => [python, "-c", "from mlserver.cli import main; main()", "start", folder],
        portEnv: (port) => ({
          MLSERVER_HTTP_PORT: String(port),
          MLSERVER_GRPC_PORT: String(port + 1),
          MLSERVER_METRICS_PORT: String(port + 2),
        }),
        env: { MLSERVER_HOST: "127.0.0.1", MLSERVER_PARALLEL_WORKERS: "2", MLSERVER_METRICS_DIR: folder },
        answers: "constant",
        path: "/v2/models/forest/infer",
        bodyOf: (ride) =>
          JSON.stringify({ inputs: [{ name: "x", shape: [1, 3], datatype: "FP64", data: valuesOf(ride) }] }),
        isLoud: true,
      };
    },
    "mlflow models serve, ready columns": async () => {
      const folder = await columnModels();
      const python = await makePythonEnvironment(mlflowPins);
      return {
        // What `mlflow models serve --workers 2 --env-manager local` executes.
        command: (port) => [
          ...([python, "-m", "uvicorn", "--port", String(port), "--workers", "2"] as const),
          ...["--log-level", "error", "mlflow.pyfunc.scoring_server.app:app"],
        ],
        env: { __pyfunc_model_path__: join(folder, "mlflow") },
        answers: "constant",
        path: "/invocations",
        bodyOf: (ride) => JSON.stringify({ inputs: [valuesOf(ride)] }),
        isLoud: true,
      };
    },
  };
}

/** The folder of the models that `make_columns.py` makes, once. */
export async function columnModels(): Promise<string> {
  const folder = join(testCache(), "bench-models", "columns");
  if (!existsSync(join(folder, "forest500.pkl"))) {
    const python = await makePythonEnvironment(mlflowPins);
    await promisify(execFile)(python, [join(peers, "make_columns.py"), `${example}/forest/model.pkl`, folder]);
  }
  return folder;
}
