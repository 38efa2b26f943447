// Models of a store in a file, with no tracking server: below the home folder, at sqlite:///FILE, or in a folder of MLflow's files.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { putFiles } from "../../src/loaders/mlflow/put-files.ts";
import { openTrackingClient, type Tracking, type TrackingOptions } from "../../src/loaders/mlflow/tracking.ts";
import { endpointTable } from "../../src/mlflow/endpoint-table.ts";
import { ask, openPlace, type Place, until } from "../e2e/mlflow-client/ride.ts";
import { spawnCli } from "../e2e/spawn-cli.ts";
import { experiment, run } from "../tracking/import/store-tree.ts";
import { ride } from "./run-in-process.ts";

const uri = "models:/ride@champion";
const row = '{"PULocationID": 1, "DOLocationID": 2, "trip_distance": 2}\n';

test("predict, check, promote and rollback use the store below the home folder", async () => {
  await using place = await openPlace(null);
  await register({ env: {}, home: join(place.path, "home"), createsStore: true }, 2);
  const file = await place.define("rides", uri);
  const first = await predict(place, file);
  assert.ok(typeof first.duration === "number", JSON.stringify(first));
  const promoted = await place.cli(["promote", "ride", "2", "--deployment", file, "--json"]);
  assert.deepEqual([promoted.code, JSON.parse(promoted.stdout).from], [0, "1"], promoted.stderr);
  const back = await place.cli(["rollback", "ride", "--json"]);
  assert.deepEqual(JSON.parse(back.stdout), { name: "ride", alias: "champion", from: "2", version: "1" });
  const inspected = await place.cli(["inspect", uri, "--json"]);
  assert.equal(inspected.code, 0, inspected.stderr);
});

test("serve takes a moved alias over from the store below --home, in every worker", { timeout: 120_000 }, async () => {
  await using place = await openPlace(null);
  const home = join(place.path, "elsewhere");
  await register({ env: {}, home, createsStore: true }, 2);
  const file = await place.define("rides", uri);
  const args = [file, "--home", home, "--poll-interval", "300ms", "--workers", "2"];
  await using running = await place.serve(args);
  assert.equal((await ask(running)).model_version, "1");
  await using tracking = await opened({ env: {}, home });
  await tracking.client.call(endpointTable.setRegisteredModelAlias, { name: "ride", alias: "champion", version: "2" });
  await until(async () => (await ask(running)).model_version === "2", "version 2");
});

test("MLFLOW_TRACKING_URI may be a file or a folder; artifacts lie where the server would keep them", async () => {
  await using place = await openPlace(null);
  const home = join(place.path, "home");
  for (const [name, uri] of [
    ["file", `sqlite:///${join(place.path, "x.db")}`],
    ["folder", join(place.path, "mlruns")],
  ] as const) {
    const artifacts = join(place.path, `artifacts-${name}`);
    const env = { MLFLOW_TRACKING_URI: uri, TRIMARAN_ARTIFACTS_DESTINATION: artifacts };
    await register({ env, home, createsStore: true }, 1);
    assert.ok(existsSync(artifacts));
    const { code, stdout, stderr } = await spawnCli(["inspect", "models:/ride/1", "--json"], {
      env: { ...env, TRIMARAN_HOME: home },
    });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /random|forest|Forest/);
  }
  assert.ok(!existsSync(join(home, "tracking.db")));
});

test("a run of MLflow's own file store is opened from its folder", async () => {
  await using place = await openPlace(null);
  const folder = join(place.path, "mlruns");
  const artifacts = join(folder, "0", "r1", "artifacts");
  await mkdir(artifacts, { recursive: true });
  await cp(`${ride}/forest`, join(artifacts, "model"), { recursive: true });
  const { writeFile } = await import("node:fs/promises");
  await writeFile(join(folder, "0", "meta.yaml"), experiment("0"));
  await writeFile(join(folder, "0", "r1", "meta.yaml"), run("r1", { artifact_uri: `file://${artifacts}` }));
  const env = { MLFLOW_TRACKING_URI: folder, TRIMARAN_HOME: join(place.path, "home") };
  const { code, stderr } = await spawnCli(["inspect", "runs:/r1/model", "--json"], { env });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /was imported: 1 experiment, 1 run/);
});

test("what is not there is told and not made", async () => {
  await using place = await openPlace(null);
  const home = join(place.path, "home");
  const absent = join(place.path, "absent");
  for (const uri of [undefined, `sqlite:///${absent}/x.db`, absent, `file://${absent}`]) {
    const env = { TRIMARAN_HOME: home, ...(uri === undefined ? {} : { MLFLOW_TRACKING_URI: uri }) };
    const { code, stderr } = await spawnCli(["inspect", "models:/ride/1", "--json"], { env });
    assert.equal(code, 1, stderr);
    const { error } = JSON.parse(stderr) as { error: { code: string; message: string } };
    assert.equal(error.code, "TRACKING_URI");
    assert.match(
      error.message,
      uri === undefined ? /not set, and there is no embedded store at/ : /there is no store at/,
    );
  }
  assert.ok(!existsSync(absent));
  assert.ok(!existsSync(join(home, "tracking.db")));
});

async function predict(place: Place, file: string): Promise<{ readonly duration?: unknown }> {
  const env = { HOME: place.path, TRIMARAN_HOME: join(place.path, "home") };
  const { code, stdout, stderr } = await spawnCli(["predict", file], { env, stdin: row });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as { duration?: unknown };
}

async function opened(options: TrackingOptions): Promise<Tracking & AsyncDisposable> {
  const tracking = await openTrackingClient(options);
  return { ...tracking, [Symbol.asyncDispose]: () => tracking.close() };
}

/** Versions of one model, the first of which is the champion. */
async function register(options: TrackingOptions, versions: number): Promise<void> {
  await using tracking = await opened(options);
  const { client } = tracking;
  await client.call(endpointTable.createRegisteredModel, { name: "ride" });
  for (let version = 1; version <= versions; version++) {
    const { run: made } = await client.call(endpointTable.createRun, { experiment_id: "0" });
    const { run_id = "", artifact_uri = "" } = made?.info ?? {};
    const location = `${artifact_uri}/model`;
    const names = ["MLmodel", "model.pkl"];
    await putFiles(tracking, { location, folder: `${ride}/forest`, names, env: options.env ?? {} });
    await client.call(endpointTable.createModelVersion, { name: "ride", source: location, run_id });
  }
  await client.call(endpointTable.setRegisteredModelAlias, { name: "ride", alias: "champion", version: "1" });
}
