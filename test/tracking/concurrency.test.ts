// Several processes on one store: nothing is lost, nothing is made twice. Over SQLite and PostgreSQL.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { isOverPostgres, testStoreUri } from "./test-store.ts";
import {
  createRun,
  endTracking,
  history,
  post,
  runData,
  startTracking,
  type TrackingProcess,
} from "./tracking-process.ts";

interface Pair extends AsyncDisposable {
  readonly folder: string;
  readonly first: TrackingProcess;
  readonly second: TrackingProcess;
}

/** Started at the same time over an empty store: both want to make its tables. */
async function startPair(): Promise<Pair> {
  const folder = await mkdtemp(join(tmpdir(), "trimaran-tracking-"));
  const store = await testStoreUri(folder);
  const [first, second] = await Promise.all([startTracking(folder, store), startTracking(folder, store)]);
  const dispose = async (): Promise<void> => {
    for (const each of [first, second]) await endTracking(each, "SIGKILL");
    await rm(folder, { recursive: true, force: true });
  };
  return { folder, first, second, [Symbol.asyncDispose]: dispose };
}

const eight = Array.from({ length: 8 }, (_, index) => index);

test("metrics of 8 clients over two processes are all there, also after one was killed", {
  timeout: 600_000,
}, async () => {
  await using pair = await startPair();
  const { first, second } = pair;
  const run_id = await createRun(first.url);
  const client = async (number: number): Promise<void> => {
    const { url } = number % 2 === 0 ? first : second;
    for (let step = 0; step < 25; step++) {
      await post(url, "runs/log-metric", { run_id, key: `m${number}`, value: step, timestamp: step, step });
      const shared = { key: "all", value: number, timestamp: step, step: step * 8 + number };
      const metrics = [shared, { ...shared, key: "every" }];
      await post(url, "runs/log-batch", { run_id, metrics: number % 3 === 0 ? metrics : metrics.reverse() });
    }
  };
  await Promise.all(eight.map(client));
  await endTracking(first, "SIGKILL");
  for (const key of ["all", "every"]) {
    const steps = (await history(second.url, run_id, key)).map(({ step }) => step);
    assert.deepEqual(
      steps.sort((a, b) => a - b),
      Array.from({ length: 200 }, (_, step) => step),
    );
  }
  for (const number of eight) assert.equal((await history(second.url, run_id, `m${number}`)).length, 25);
  const { metrics = [] } = await runData(second.url, run_id);
  const latest = metrics.map(({ key, step }) => `${key} ${Number(step)}`).sort();
  assert.deepEqual(latest, ["all 199", "every 199", ...eight.map((number) => `m${number} 24`)]);
  assert.equal(await endTracking(second, "SIGTERM"), 0);
  if (isOverPostgres) return;
  const database = new DatabaseSync(join(pair.folder, "trimaran.db"));
  const [check] = database.prepare("PRAGMA integrity_check").all();
  database.close();
  assert.deepEqual(Object.values(check ?? {}), ["ok"]);
});

test("names and version numbers are given once, however many ask for them", { timeout: 600_000 }, async () => {
  await using pair = await startPair();
  const urlOf = (number: number): string => (number % 2 === 0 ? pair.first : pair.second).url;
  const headers = { "content-type": "application/json" };
  const ask = async (number: number, path: string, body: unknown): Promise<{ status: number; json: unknown }> => {
    const request = { method: "POST", headers, body: JSON.stringify(body) };
    const answer = await fetch(`${urlOf(number)}/api/2.0/mlflow/${path}`, request);
    return { status: answer.status, json: await answer.json() };
  };
  for (const [path, body] of [
    ["experiments/create", { name: "one" }],
    ["registered-models/create", { name: "one" }],
  ] as const) {
    const answers = await Promise.all(eight.map((number) => ask(number, path, body)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(7).fill(400)]);
    for (const { status, json } of answers)
      if (status !== 200) assert.equal((json as { error_code: string }).error_code, "RESOURCE_ALREADY_EXISTS");
  }
  const experiments = await Promise.all(
    eight.map((number) => post(urlOf(number), "experiments/create", { name: `e${number}` })),
  );
  assert.equal(new Set(experiments.map(({ experiment_id }) => experiment_id)).size, 8);
  const source = "mlflow-artifacts:/0/r/artifacts/model";
  const versions = await Promise.all(
    eight.map((number) => post(urlOf(number), "model-versions/create", { name: "one", source })),
  );
  const numbers = versions.map((answer) => Number((answer["model_version"] as { version: string }).version));
  assert.deepEqual(
    numbers.sort((a, b) => a - b),
    eight.map((number) => number + 1),
  );
  const run_id = await createRun(pair.first.url);
  await Promise.all(
    eight.map((number) => post(urlOf(number), "runs/log-parameter", { run_id, key: "same", value: "x" })),
  );
  await Promise.all(
    eight.map((number) =>
      post(urlOf(number), "runs/log-batch", {
        run_id,
        tags: eight.map((key) => ({ key: `t${(key + number) % 8}`, value: String(number) })),
        params: eight.map((key) => ({ key: `p${(key * 3 + number) % 8}`, value: "same" })),
      }),
    ),
  );
  const { params = [], tags = [] } = await runData(pair.second.url, run_id);
  assert.equal(params.length, 9);
  assert.equal(tags.filter(({ key }) => /^t\d$/.test(key)).length, 8);
});
