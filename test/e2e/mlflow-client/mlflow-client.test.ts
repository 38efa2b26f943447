// Our client against the real `mlflow server`, 3.17 and 2.22: models by every form of URI, artifacts both ways, figures, and what
// happens when it goes away.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { makePythonEnvironment } from "../../../scripts/python-environment.ts";
import { isTrimaranError } from "../../../src/base/errors.ts";
import { type CachedPredictorOptions, openCachedPredictor } from "../../../src/loaders/graph-cache.ts";
import { deleteArtifact, putArtifact } from "../../../src/loaders/mlflow/artifact-client.ts";
import { proxySource } from "../../../src/loaders/mlflow/artifact-source.ts";
import { download, listAll } from "../../../src/loaders/mlflow/download.ts";
import { openTrackingClient } from "../../../src/loaders/mlflow/tracking.ts";
import { endpointTable } from "../../../src/mlflow/endpoint-table.ts";
import { peers } from "./environments.ts";
import { type RealServer, realServer } from "./real-server.ts";

for (const pins of peers) {
  const python = await makePythonEnvironment(pins).catch(() => undefined);
  const skip = python === undefined ? `the Python environment ${pins.name} cannot be installed` : false;
  describe(`with ${pins.name}`, { skip, timeout: 200_000 }, () => {
    test("models, artifacts and figures", async (t) => {
      await using server = await realServer(python ?? "");
      await using home = await openHome();
      await t.test("every form of URI opens the model that Python logged", () => opensEveryForm(server, home.path));
      await t.test("what is not there is told as such", () => tellsWhatIsMissing(server, home.path));
      await t.test("artifacts go both ways", () => artifactsBothWays(server, home.path));
      await t.test("runs are written and read back", () => writesRuns(server));
      await t.test("a moved alias is another model, and the last one opens when the server is gone", () =>
        movesAndGoesAway(server, home.path),
      );
    });
  });
}

async function openHome(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "trimaran-home-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

function options({ url }: RealServer, home: string): CachedPredictorOptions {
  const env = { MLFLOW_TRACKING_URI: url, HOME: home };
  return { cache: { home }, tracking: { env, maxRetries: 0, onNotice: () => {} } };
}

async function versionOf(server: RealServer, home: string, uri: string): Promise<string | null> {
  const { predictor, version } = await openCachedPredictor([uri], options(server, home));
  predictor.close();
  return version;
}

async function codeOf(server: RealServer, home: string, uri: string): Promise<string> {
  try {
    await versionOf(server, home, uri);
  } catch (error) {
    if (isTrimaranError(error)) return error.code;
    throw error;
  }
  return "opened";
}

async function opensEveryForm(server: RealServer, home: string): Promise<void> {
  const { run, location, model_id } = server.logged;
  const versions: readonly (readonly [string, string | null])[] = [
    ["models:/ride-duration/1", "1"],
    ["models:/ride-duration/2", "2"],
    ["models:/ride-duration@champion", "1"],
    ["models:/ride-duration/Production", "2"],
    ["models:/ride-duration/latest", "2"],
    [`runs:/${run}/model`, run],
    [`runs:/${run}/both.bin`, run],
    [location, run],
    [`${server.url}/get-artifact?run_id=${run}&path=both.bin`, null],
    ...(model_id === null ? [] : [[`models:/${model_id}`, model_id] as const]),
  ];
  for (const [uri, version] of versions) assert.equal(await versionOf(server, home, uri), version, uri);
}

async function tellsWhatIsMissing(server: RealServer, home: string): Promise<void> {
  const { run, empty } = server.logged;
  assert.equal(await codeOf(server, home, `runs:/${run}/nothing`), "RUN_WITHOUT_MODEL");
  assert.equal(await codeOf(server, home, `runs:/${empty}/model`), "RUN_WITHOUT_MODEL");
  for (const uri of ["runs:/0123/model", "models:/none/1", "models:/ride-duration/9", "models:/ride-duration@none"]) {
    assert.equal(await codeOf(server, home, uri), "TRACKING_MISSING", uri);
  }
  assert.equal(await codeOf(server, home, "models:/ride-duration/Staging"), "TRACKING_MISSING");
}

async function artifactsBothWays(server: RealServer, home: string): Promise<void> {
  const tracking = await openTrackingClient(options(server, home).tracking);
  const root = server.logged.artifact_uri.replace(/^mlflow-artifacts:\/+/, "");
  const bytes = randomBytes(3_000_000);
  await writeFile(join(home, "up.bin"), bytes);
  await putArtifact(tracking, { path: `${root}/ours/a b/é.bin`, file: join(home, "up.bin") }, { partsFromBytes: 1 });
  const source = proxySource(tracking.transport, root);
  const files = await listAll(source);
  assert.ok(files.some(({ path, bytes: size }) => path === "ours/a b/é.bin" && size === bytes.length));
  assert.ok(files.some(({ path }) => path === "deep/é b/blob.bin"));
  const folder = join(home, "down");
  await mkdir(folder);
  await download(source, files, { folder, name: "x" });
  assert.deepEqual(await readFile(join(folder, "ours/a b/é.bin")), bytes);
  assert.equal((await readFile(join(folder, "deep/é b/blob.bin"))).length, 10_240_000);
  await deleteArtifact(tracking, `${root}/ours`);
  assert.ok(!(await listAll(source)).some(({ path }) => path.startsWith("ours/")));
  tracking.close();
}

async function writesRuns(server: RealServer): Promise<void> {
  const tracking = await openTrackingClient({ env: { MLFLOW_TRACKING_URI: server.url, HOME: server.folder } });
  const { client } = tracking;
  assert.equal(await client.version(), server.logged.version);
  const { experiment_id = "" } = await client.call(endpointTable.createExperiment, { name: `ours ${Date.now()}` });
  const { run } = await client.call(endpointTable.createRun, { experiment_id, run_name: "é", start_time: 5 });
  const run_id = run?.info?.run_id ?? "";
  const metrics = Array.from({ length: 2500 }, (_, step) => ({
    key: "loss",
    value: step / 7,
    timestamp: 10 + step,
    step,
  }));
  const params = Array.from({ length: 150 }, (_, i) => ({ key: `p${i}`, value: `${i}` }));
  const special = [{ key: "nan", value: Number.NaN, timestamp: 1, step: 0 }];
  await client.logAll(run_id, { metrics: [...metrics, ...special], params, tags: [{ key: "a/b", value: "c" }] });
  const { run: read } = await client.call(endpointTable.getRun, { run_id });
  assert.equal(read?.data?.params.length, 150);
  assert.ok(Number.isNaN(read?.data?.metrics.find(({ key }) => key === "nan")?.value));
  const history: number[] = [];
  for await (const { value = Number.NaN } of client.metricHistory(run_id, "loss")) history.push(value);
  assert.deepEqual(
    history.sort((a, b) => a - b),
    metrics.map(({ value }) => value),
  );
  const found: (string | undefined)[] = [];
  const request = { experiment_ids: [experiment_id], filter: "metrics.loss > 1 AND params.p1 = '1'", max_results: 1 };
  for await (const { info } of client.searchRuns(request)) found.push(info?.run_id);
  assert.deepEqual(found, [run_id]);
  await client.call(endpointTable.updateRun, { run_id, status: "FINISHED", end_time: 9 });
  const { run: ended } = await client.call(endpointTable.getRun, { run_id });
  assert.deepEqual([ended?.info?.status, ended?.info?.start_time, ended?.info?.end_time], ["FINISHED", 5, 9]);
  tracking.close();
}

async function movesAndGoesAway(server: RealServer, home: string): Promise<void> {
  const tracking = await openTrackingClient({ env: { MLFLOW_TRACKING_URI: server.url, HOME: home } });
  const uri = "models:/ride-duration@champion";
  await tracking.client.call(endpointTable.setRegisteredModelAlias, {
    name: "ride-duration",
    alias: "champion",
    version: "2",
  });
  tracking.close();
  assert.equal(await versionOf(server, home, uri), "2");
  await server.kill();
  assert.equal(await versionOf(server, home, uri), "2");
  assert.equal(await codeOf(server, home, "models:/ride-duration@other"), "TRACKING_UNREACHABLE");
}
