// Our tracking server and MLflow's own clients: every endpoint that is answered is called here, and searches are compared with
// those of the real store over the same runs. Over SQLite, and over PostgreSQL when test/e2e/mlflow-postgres runs it.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual, promisify } from "node:util";
import { openTracking } from "../../../src/tracking/open-tracking.ts";
import { isOverPostgres, testStoreUri } from "../../tracking/test-store.ts";
import { peers } from "../mlflow-client/environments.ts";
import { mlflow318, mlflowPeer } from "./environments.ts";

const run = promisify(execFile);
const { python, skip } = await mlflowPeer(mlflow318);

async function openServer(): Promise<AsyncDisposable & { readonly url: string; readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), "trimaran-tracking-"));
  const failures: unknown[] = [];
  const tracking = await openTracking({
    backendStoreUri: await testStoreUri(folder),
    artifactsDestination: join(folder, "artifacts"),
    onFailure: (error) => failures.push(error),
  });
  const listening = await tracking.listen({ port: 0 });
  return {
    url: listening.url,
    folder,
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
  readonly python?: string;
}

async function runPython(
  script: string,
  uri: string,
  { folder, python: chosen = python }: PythonCall,
): Promise<Record<string, unknown>> {
  const env = {
    ...process.env,
    HOME: folder,
    GIT_PYTHON_REFRESH: "quiet",
    MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0",
    MLFLOW_DISABLE_TELEMETRY: "true",
  };
  const file = fileURLToPath(new URL(script, import.meta.url));
  const { stdout } = await run(chosen, [file, uri], { cwd: folder, env, maxBuffer: 1 << 26 });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
}

for (const pins of [mlflow318, ...peers.filter(({ name }) => name === "mlflow222")]) {
  const { python: client, skip: missing } = await mlflowPeer(pins);
  const only3 = pins.name.startsWith("mlflow3") ? { modelFile: true, noModel: "RESOURCE_DOES_NOT_EXIST" } : {};
  test(`${pins.name}: its client does experiments, runs, artifacts, the registry and logged models`, {
    skip: missing,
    timeout: 900_000,
  }, async () => {
    await using server = await openServer();
    assert.deepEqual(await runPython("walk.py", server.url, { folder: server.folder, python: client }), {
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

test("searches give what MLflow's own store gives for the same runs", { skip, timeout: 900_000 }, async () => {
  await using server = await openServer();
  const ours = await runPython("searches.py", server.url, { folder: server.folder });
  const store = isOverPostgres
    ? (await testStoreUri(server.folder)).replace("postgresql:", "postgresql+psycopg2:")
    : `sqlite:///${join(server.folder, "theirs.db")}`;
  const theirs = await runPython("searches.py", store, { folder: server.folder });
  const differences = Object.keys(theirs).filter((key) => !isDeepStrictEqual(ours[key], theirs[key]));
  const told = differences.map((key) => ({ key, ours: ours[key], theirs: theirs[key] }));
  assert.deepEqual(told, []);
});
