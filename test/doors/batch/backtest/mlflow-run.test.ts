// A back-test on the MLflow run of the model version: the embedded store, and a tracking server over HTTP.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, test } from "node:test";
import { openTrackingClient } from "../../../../src/loaders/mlflow/tracking.ts";
import { endpointTable } from "../../../../src/mlflow/endpoint-table.ts";
import { courseBatch, makeRides, type Rides, ridesSql, root } from "../rides.ts";

const program = join(root, "bin/trimaran");

function trimaran(rides: Rides, args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((done, fail) => {
    const own = { ...process.env, TRIMARAN_HOME: rides.at("home"), ...env };
    execFile(process.execPath, [program, ...args], { cwd: rides.path, env: own }, (error, stdout, stderr) =>
      error === null ? done(stdout) : fail(new Error(stderr)),
    );
  });
}

async function all<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Trains a version, scores two months with it, and reads the points of its run. */
async function scoredTwice(rides: Rides, env: Readonly<Record<string, string>>): Promise<void> {
  for (const month of [1, 2]) await rides.copy(ridesSql(month * 1000, month * 1000 + 800), `2021-0${month}.parquet`);
  const definition = await rides.definition(courseBatch);
  const train = ["train", "linear", "--deployment", definition, "--data", "2021-01.parquet", "--target", "duration"];
  await trimaran(rides, [...train, "--register", "rides", "--alias", "champion", "--json"], env);
  const args = [definition, "--model", "models:/rides@champion", "-i", "{period}.parquet", "-o", "out/{period}/"];
  const ran = await rides.run([...args, "--backfill", "2021-01..2021-02", "--slice", "PULocationID", "--json"], env);
  assert.equal(ran.code, 0, ran.stderr);
  const { periods } = JSON.parse(ran.stdout);
  assert.equal(periods[0].models[0].version, "1", ran.stdout);
  const tracking = await openTrackingClient({
    env: { ...env, TRIMARAN_HOME: rides.at("home") },
    home: rides.at("home"),
  });
  try {
    const { client } = tracking;
    const { model_version } = await client.call(endpointTable.getModelVersion, { name: "rides", version: "1" });
    const run = model_version?.run_id ?? "";
    const points = await all(client.metricHistory(run, "backtest/mae"));
    assert.deepEqual(
      points.map(({ step, value }) => [Number(step), value]),
      periods.map((each: { backtest: { metrics: { mae: number } } }, at: number) => [
        202101 + at,
        each.backtest.metrics.mae,
      ]),
    );
    const { slices } = periods[1].backtest;
    const slice = await all(client.metricHistory(run, `backtest/rmse/PULocationID/${slices[0].value}`));
    assert.ok(slice.some(({ step, value }) => Number(step) === 202102 && value === slices[0].metrics.rmse));
  } finally {
    await tracking.close();
  }
}

describe("a back-test of a registered model", () => {
  test("is logged to its run in the embedded store: one point a period", async () => {
    await using rides = await makeRides();
    await scoredTwice(rides, {});
  });

  test("is logged to its run on a tracking server", async () => {
    await using rides = await makeRides();
    const env = { ...process.env, TRIMARAN_HOME: rides.at("server") };
    const server = spawn(process.execPath, [program, "tracking", "--port", "0"], {
      cwd: rides.path,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    try {
      const url = await new Promise<string>((found) => {
        for (const stream of [server.stdout, server.stderr]) {
          createInterface({ input: stream }).on("line", (line) => {
            const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
            if (address !== undefined) found(address);
          });
        }
      });
      await scoredTwice(rides, { MLFLOW_TRACKING_URI: url });
    } finally {
      const ended = once(server, "exit");
      server.kill();
      await ended;
    }
  });
});
