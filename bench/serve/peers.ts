// The peers: how each is installed and started, with a number of workers. Makers throw where pip has none of it.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { makePythonEnvironment, testCache } from "../../scripts/python-environment.ts";
import {
  fastapiLinearPins,
  fastapiPins,
  forestPins,
  linearPins,
  mlflowPins,
  mlserverPins,
} from "../peers/environments.ts";
import { type Contestant, example } from "./contestants.ts";
import { scratchFolder } from "./processes.ts";

export type ExampleModel = "linear" | "forest";
/** Models over ready columns, of `make_columns.py`. */
export type ColumnModel = "forest" | "linear" | "large";

const folder = fileURLToPath(new URL("../peers", import.meta.url));

export const exampleFile: Readonly<Record<ExampleModel, string>> = {
  linear: `${example}/lin_reg.bin`,
  forest: `${example}/forest/model.pkl`,
};

/** `preload`: the model is read once, before the workers are forked. */
export async function gunicorn(
  model: ExampleModel | "large",
  workers: number,
  preload = false,
): Promise<Omit<Contestant, "name">> {
  const python = await makePythonEnvironment(model === "linear" ? linearPins : forestPins);
  const file = model === "large" ? join(await columnModels(), "large", "model.joblib") : exampleFile[model];
  return {
    command: ([port]) => [
      ...([python, "-m", "gunicorn", "--chdir", folder, "--bind", `127.0.0.1:${port}`] as const),
      ...["--workers", String(workers), "--log-level", "error", ...(preload ? ["--preload"] : []), "flask_app:app"],
    ],
    env: () => ({ MODEL: file, ...(model === "forest" ? { N_JOBS: "1" } : {}) }),
    model,
  };
}

export async function fastapi(model: ExampleModel, workers: number): Promise<Omit<Contestant, "name">> {
  const python = await makePythonEnvironment(model === "linear" ? fastapiLinearPins : fastapiPins);
  return {
    command: ([port]) => [
      ...([python, "-m", "uvicorn", "--app-dir", folder, "--port", String(port)] as const),
      ...["--workers", String(workers), "--log-level", "error", "fastapi_app:app"],
    ],
    env: () => ({ MODEL: exampleFile[model], ...(model === "forest" ? { N_JOBS: "1" } : {}) }),
    model,
  };
}

/** Its own workers compute, its main process speaks HTTP and gRPC: with two it is three processes. */
export async function mlserver(model: ColumnModel, workers: number): Promise<Omit<Contestant, "name">> {
  const models = await columnModels();
  const python = await makePythonEnvironment(mlserverPins);
  const metricsFolder = scratchFolder();
  return {
    command: () => [python, "-c", "from mlserver.cli import main; main()", "start", join(models, model)],
    env: ([port, grpc, metrics]) => ({
      MLSERVER_HOST: "127.0.0.1",
      MLSERVER_HTTP_PORT: String(port),
      MLSERVER_GRPC_PORT: String(grpc),
      MLSERVER_METRICS_PORT: String(metrics),
      MLSERVER_PARALLEL_WORKERS: String(workers),
      // Else it leaves files in the working folder.
      MLSERVER_METRICS_DIR: metricsFolder.path,
    }),
    model: `${model} over columns`,
    ...oipOver(model),
    isLoud: true,
  };
}

/** What `mlflow models serve --workers N --env-manager local` executes. */
export async function mlflowServe(workers: number): Promise<Omit<Contestant, "name">> {
  const models = await columnModels();
  const python = await makePythonEnvironment(mlflowPins);
  return {
    command: ([port]) => [
      ...([
        python,
        "-m",
        "uvicorn",
        "--host",
        "127.0.0.1",
        "--port",
        String(port),
        "--workers",
        String(workers),
      ] as const),
      ...["--log-level", "error", "mlflow.pyfunc.scoring_server.app:app"],
    ],
    env: () => ({ __pyfunc_model_path__: join(models, "mlflow") }),
    model: "forest over columns",
    path: "/invocations",
    // The form that its documentation shows first, for a model with a signature of named columns.
    bodyOf: (ride) => JSON.stringify({ dataframe_split: { columns: columnNames, data: [valuesOf(ride)] } }),
    numberOf: (answer) =>
      (JSON.parse(answer) as { readonly predictions: readonly number[] }).predictions[0] ?? Number.NaN,
    isLoud: true,
  };
}

const columnNames = ["PULocationID", "DOLocationID", "trip_distance"];

/** How a model over ready columns is asked in the Open Inference Protocol, by JSON. */
export function oipOver(name: string, input = "input-0"): Pick<Contestant, "path" | "bodyOf" | "numberOf"> {
  return {
    path: `/v2/models/${name}/infer`,
    bodyOf: (ride) =>
      JSON.stringify({ id: "1", inputs: [{ name: input, shape: [1, 3], datatype: "FP64", data: valuesOf(ride) }] }),
    numberOf: (answer) => {
      const { outputs } = JSON.parse(answer) as { readonly outputs: readonly { readonly data: readonly number[] }[] };
      return outputs[0]?.data[0] ?? Number.NaN;
    },
  };
}

export function valuesOf(ride: string): readonly number[] {
  const { PULocationID, DOLocationID, trip_distance } = JSON.parse(ride) as Record<string, number>;
  return [PULocationID ?? 0, DOLocationID ?? 0, trip_distance ?? 0];
}

/** The folder of the models over ready columns: made once, whole or not at all. */
export async function columnModels(): Promise<string> {
  const script = join(folder, "make_columns.py");
  const key = createHash("sha256").update(readFileSync(script)).update(JSON.stringify(mlflowPins)).digest("hex");
  const place = join(testCache(), "bench-models", `columns-${key.slice(0, 16)}`);
  if (existsSync(place)) return place;
  const python = await makePythonEnvironment(mlflowPins);
  const making = `${place}.making-${process.pid}`;
  mkdirSync(making, { recursive: true });
  try {
    await promisify(execFile)(python, [script, exampleFile.forest, making]);
    renameSync(making, place);
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
  return place;
}
