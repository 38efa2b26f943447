// Our tracking server and MLflow's own clients: every endpoint that is answered is called here, and searches are compared with
// those of the real server over the same runs. The store file is exchanged with the real server, too.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual, promisify } from "node:util";
import { findPythonEnvironment, testCache } from "../../../scripts/python-environment.ts";
import { openTracking } from "../../../src/tracking/open-tracking.ts";
import { peers } from "../mlflow-client/environments.ts";
import { mlflow3 } from "../mlflow-scoring/environments.ts";

const run = promisify(execFile);
const python = findPythonEnvironment(mlflow3);
const skip = python === undefined ? `the Python environment ${mlflow3.name} is not installed` : false;
// `pip install --no-deps --target PLACE mlflow==3.18.0`: its own dependencies are those of 3.17.
const place318 = join(testCache(), "mlflow-3.18.0");
const skip318 = skip || (existsSync(place318) ? false : `mlflow 3.18.0 is not installed in ${place318}`);

async function openServer(): Promise<
  AsyncDisposable & { readonly url: string; readonly folder: string; readonly file: string }
> {
  const folder = await mkdtemp(join(tmpdir(), "trimaran-tracking-"));
  const failures: unknown[] = [];
  const tracking = await openTracking({
    backendStoreUri: folder,
    artifactsDestination: join(folder, "artifacts"),
    onFailure: (error) => failures.push(error),
  });
  const listening = await tracking.listen({ port: 0 });
  return {
    url: listening.url,
    folder,
    file: tracking.name,
    [Symbol.asyncDispose]: async () => {
      await listening.close();
      await tracking.close();
      await rm(folder, { recursive: true, force: true });
      assert.deepEqual(failures, [], "the server failed");
    },
  };
}

interface PythonCall {
  readonly folder: string;
  /** Before all others on its path. */
  readonly path?: string;
  readonly python?: string;
}

async function runPython(
  script: string,
  uri: string,
  { folder, path = "", python: chosen = python ?? "" }: PythonCall,
): Promise<Record<string, unknown>> {
  const env = {
    ...process.env,
    HOME: folder,
    GIT_PYTHON_REFRESH: "quiet",
    MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0",
    MLFLOW_DISABLE_TELEMETRY: "true",
    PYTHONPATH: [path, process.env["PYTHONPATH"]].filter(Boolean).join(delimiter),
  };
  const file = fileURLToPath(new URL(script, import.meta.url));
  const { stdout } = await run(chosen, [file, uri], { cwd: folder, env, maxBuffer: 1 << 26 });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
}

for (const pins of peers) {
  const client = findPythonEnvironment(pins);
  const missing = client === undefined ? `the Python environment ${pins.name} is not installed` : false;
  const only3 = pins.name.startsWith("mlflow3") ? { modelFile: true, noModel: "RESOURCE_DOES_NOT_EXIST" } : {};
  test(`${pins.name}: its client does experiments, runs, artifacts, the registry and logged models`, {
    skip: missing,
    timeout: 200_000,
  }, async () => {
    await using server = await openServer();
    assert.deepEqual(await runPython("walk.py", server.url, { folder: server.folder, python: client ?? "" }), {
      default: "Default",
      taken: "RESOURCE_ALREADY_EXISTS",
      run: {
        name: "first",
        status: "FINISHED",
        params: { a: "x", b: "2", depth: "3" },
        rmse: 1 / 3,
        nan: true,
        inf: true,
        stage: "dev",
        dataset: "rides",
      },
      history: [
        [0, 1],
        [1, 0.5],
        [2, 1 / 3],
      ],
      immutable: "INVALID_PARAMETER_VALUE",
      files: ["d", "plain.bin", "é.json", "d/a b.txt"],
      text: "hello",
      bytes: true,
      deleted: ["deleted", 0],
      restored: ["renamed", 1],
      experiments: ["walk"],
      gone: ["deleted", "INVALID_PARAMETER_VALUE"],
      second: "2",
      loads: [3, 3, 3, 3, 3],
      registered: ["all"],
      versions: [["1", "one"]],
      alias: "1",
      noAlias: "INVALID_PARAMETER_VALUE",
      latest: [
        ["1", "None"],
        ["2", "Production"],
      ],
      noVersion: "RESOURCE_DOES_NOT_EXIST",
      third: "3",
      fileSource: "INVALID_PARAMETER_VALUE",
      ...only3,
    });
  });
}

test("searches give what MLflow's own store gives for the same runs", { skip, timeout: 200_000 }, async () => {
  await using server = await openServer();
  const ours = await runPython("searches.py", server.url, { folder: server.folder });
  const theirs = await runPython("searches.py", `sqlite:///${join(server.folder, "theirs.db")}`, {
    folder: server.folder,
    path: existsSync(place318) ? place318 : "",
  });
  const differences = Object.keys(theirs).filter((key) => !isDeepStrictEqual(ours[key], theirs[key]));
  const told = differences.map((key) => ({ key, ours: ours[key], theirs: theirs[key] }));
  assert.deepEqual(told, []);
});

test("the tables of a new file are those of MLflow 3.18", { skip: skip318, timeout: 200_000 }, async () => {
  await using server = await openServer();
  const theirs = join(server.folder, "theirs.db");
  const code =
    "import sys; from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore as S; S(sys.argv[1], 'x:/')";
  const env = { ...process.env, PYTHONPATH: place318, HOME: server.folder, MLFLOW_DISABLE_TELEMETRY: "true" };
  await run(python ?? "", ["-c", code, `sqlite:///${theirs}`], { env });
  assert.deepEqual(schemaOf(server.file), schemaOf(theirs));
});

test("MLflow 3.18 goes on in our file, and we after it", { skip: skip318, timeout: 200_000 }, async () => {
  await using server = await openServer();
  const created = await fetch(`${server.url}/api/2.0/mlflow/experiments/create`, json({ name: "ours" }));
  assert.equal(created.status, 200);
  const code = `
import sys, mlflow
mlflow.set_tracking_uri(sys.argv[1])
client = mlflow.MlflowClient()
run = client.create_run(client.get_experiment_by_name("ours").experiment_id, run_name="theirs")
client.log_metric(run.info.run_id, "m", 2.5)
client.create_registered_model("both")
print(run.info.run_id)`;
  const env = { ...process.env, PYTHONPATH: place318, HOME: server.folder, MLFLOW_DISABLE_TELEMETRY: "true" };
  const { stdout } = await run(python ?? "", ["-c", code, `sqlite:///${server.file}`], { env });
  const found = await fetch(
    `${server.url}/api/2.0/mlflow/runs/search`,
    json({ experiment_ids: ["1"], filter: "metrics.m > 2" }),
  );
  const { runs } = (await found.json()) as { runs: { info: { run_id: string; run_name: string } }[] };
  assert.deepEqual([runs[0]?.info.run_id, runs[0]?.info.run_name], [stdout.trim().split("\n").at(-1), "theirs"]);
  const written = await fetch(
    `${server.url}/api/2.0/mlflow/runs/log-metric`,
    json({ run_id: runs[0]?.info.run_id, key: "m", value: 3, timestamp: 1, step: 9 }),
  );
  assert.equal(written.status, 200);
});

function json(body: unknown): RequestInit {
  return { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

/** Everything that sqlite_master says, without blanks; MLflow itself writes constraints in another order each time. */
function schemaOf(file: string): Readonly<Record<string, string>> {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const rows = database.prepare("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").all();
    const text = (sql: unknown): string =>
      String(sql).replace(/\s+/g, "").replaceAll('"', "").replace(/\)$/, "").split(",").sort().join();
    const versions = database.prepare("SELECT version_num FROM alembic_version").all();
    return {
      ...Object.fromEntries(rows.map(({ name, sql }) => [String(name), text(sql)])),
      "": JSON.stringify(versions),
    };
  } finally {
    database.close();
  }
}
