// Searches and histories over a port: answered beside the server's own thread, with what was confirmed before, and the same errors.
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { sqliteOnly } from "./test-store.ts";
import { type TestServer, trackingServer } from "./tracking-server.ts";

const api = "/api/2.0/mlflow";

interface Page {
  readonly metrics?: readonly { readonly value: number | string; readonly timestamp: number; readonly step: number }[];
  readonly next_page_token?: string;
}

test("what was confirmed is found at once", async () => {
  await using server = await trackingServer();
  for (let index = 0; index < 20; index++) {
    const { json } = await server.ask("POST", `${api}/runs/create`, { experiment_id: "0", run_name: `r${index}` });
    const { run } = json as unknown as { run: { info: { run_id: string } } };
    const filter = `attributes.run_name = 'r${index}'`;
    const found = await server.ask("POST", `${api}/runs/search`, { experiment_ids: ["0"], filter });
    const { runs } = found.json as unknown as { runs: readonly { info: { run_id: string } }[] };
    assert.deepEqual(
      runs.map(({ info }) => info.run_id),
      [run.info.run_id],
    );
  }
});

test("errors of a search are those of the protocol", async () => {
  await using server = await trackingServer();
  for (const [body, wanted] of [
    [{ experiment_ids: ["0"], filter: "metrics.a = 'x'" }, "INVALID_PARAMETER_VALUE"],
    [{ experiment_ids: ["0"], max_results: 50_001 }, "INVALID_PARAMETER_VALUE"],
    [{ experiment_ids: ["0"], page_token: "%%%" }, "INVALID_PARAMETER_VALUE"],
  ] as const) {
    const { status, json } = await server.ask("POST", `${api}/runs/search`, body);
    assert.deepEqual([status, json["error_code"]], [400, wanted]);
  }
});

test("a long history is paged in order, with nothing twice and nothing left out", { skip: sqliteOnly }, async () => {
  await using server = await trackingServer();
  const run = await runOf(server);
  const points = 60_000;
  fill(join(server.folder, "trimaran.db"), run, points);
  for (const size of [25_000, 7001]) {
    const got = await history(server, run, size);
    assert.equal(got.length, points);
    const sorted = [...got].sort((a, b) => a.timestamp - b.timestamp || a.step - b.step);
    assert.deepEqual(got, sorted);
    assert.equal(new Set(got.map(({ timestamp, step, value }) => `${timestamp} ${step} ${value}`)).size, points);
    assert.equal(got.filter(({ value }) => value === "NaN").length, points / 10);
  }
});

test("pages of any size hold the same points, whatever the database", async () => {
  await using server = await trackingServer();
  const run = await runOf(server);
  const metrics = Array.from({ length: 60 }, (_, index) => ({
    key: "loss",
    value: index % 10 === 0 ? "NaN" : (index % 10) - 5,
    timestamp: Math.floor(index / 20),
    step: Math.floor(index / 10) % 2,
  }));
  const { status, text } = await server.ask("POST", `${api}/runs/log-batch`, { run_id: run, metrics });
  assert.equal(status, 200, text);
  const whole = await history(server, run, 1000);
  assert.equal(whole.length, 60);
  for (const size of [1, 7, 10, 59, 60]) assert.deepEqual(await history(server, run, size), whole);
});

test("tokens of before hold an offset; others hold nothing that breaks a query", { skip: sqliteOnly }, async () => {
  await using server = await trackingServer();
  const run = await runOf(server);
  fill(join(server.folder, "trimaran.db"), run, 100);
  const ask = (token: string): ReturnType<TestServer["ask"]> =>
    server.ask(
      "GET",
      `${api}/metrics/get-history?run_id=${run}&metric_key=loss&page_token=${encodeURIComponent(btoa(token))}`,
    );
  const { json } = await ask('{"offset": 90}');
  assert.equal((json as unknown as Page).metrics?.length, 10);
  for (const token of [
    "{}",
    '{"after": []}',
    '{"after": [1]}',
    '{"after": [1, 2, 3, 4, 5]}',
    '{"after": [1e999, 0, 0, 0]}',
    '{"after": ["x", 0, 0, 0]}',
    '{"after": [-, e, ., +]}',
  ]) {
    const { status, json: refused } = await ask(token);
    assert.deepEqual([status, refused["error_code"]], [400, "INVALID_PARAMETER_VALUE"], token);
  }
  assert.equal((await ask('{"after": [9e15, 0, 0, 0]}')).text.replace(/\s/g, ""), "{}");
});

async function runOf(server: TestServer): Promise<string> {
  const { json } = await server.ask("POST", `${api}/runs/create`, { experiment_id: "0" });
  return (json as unknown as { run: { info: { run_id: string } } }).run.info.run_id;
}

async function history(server: TestServer, run: string, size: number): Promise<NonNullable<Page["metrics"]>> {
  const found: NonNullable<Page["metrics"]>[number][] = [];
  for (let token = ""; ; ) {
    const query = `run_id=${run}&metric_key=loss&max_results=${size}&page_token=${encodeURIComponent(token)}`;
    const { json } = await server.ask("GET", `${api}/metrics/get-history?${query}`);
    const page = json as unknown as Page;
    for (const point of page.metrics ?? []) found.push(point);
    token = page.next_page_token ?? "";
    if (token === "") return found;
  }
}

/** Ten points of each time and step; one of them is NaN, which is kept as 0, and one is 0. */
function fill(file: string, run: string, points: number): void {
  const database = new DatabaseSync(file, { timeout: 10_000 });
  database.exec("BEGIN");
  const insert = database.prepare(
    "INSERT INTO metrics (run_uuid, key, value, is_nan, timestamp, step) VALUES (?, 'loss', ?, ?, ?, 0)",
  );
  for (let index = 0; index < points; index++) {
    const isNan = index % 10 === 0;
    insert.run(run, isNan ? 0 : (index % 10) - 5, isNan ? 1 : 0, Math.floor(index / 10));
  }
  database.exec("COMMIT");
  database.close();
}
