// Answers that are put together of many statements, and pages that follow one another: nothing is lost, nothing comes twice.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type TestServer, trackingServer } from "./tracking-server.ts";

const api = "/api/2.0/mlflow";

interface Run {
  readonly info: { readonly run_id: string };
  readonly data: { readonly params: readonly { readonly key: string; readonly value: string }[] };
}

async function post(server: TestServer, path: string, body: unknown): Promise<Record<string, unknown>> {
  const { status, text, json } = await server.ask("POST", `${api}/${path}`, body);
  assert.equal(status, 200, text);
  return json;
}

test("more runs than a statement asks for come whole, with what belongs to each, and in pages once each", async () => {
  await using server = await trackingServer();
  const count = 520;
  const ids: string[] = [];
  for (let index = 0; index < count; index++) {
    const { run } = (await post(server, "runs/create", { experiment_id: "0", start_time: index })) as { run: Run };
    ids.push(run.info.run_id);
    await post(server, "runs/log-parameter", { run_id: run.info.run_id, key: "index", value: String(index) });
  }
  const search = { experiment_ids: ["0"], order_by: ["start_time ASC"] };
  const { runs } = (await post(server, "runs/search", { ...search, max_results: 1000 })) as { runs: Run[] };
  assert.deepEqual(
    runs.map(({ info, data }) => [info.run_id, data.params]),
    ids.map((id, index) => [id, [{ key: "index", value: String(index) }]]),
  );
  const seen: string[] = [];
  let token: unknown;
  do {
    const page = await post(server, "runs/search", { ...search, max_results: 130, page_token: token });
    seen.push(...((page["runs"] ?? []) as Run[]).map(({ info }) => info.run_id));
    token = page["next_page_token"];
  } while (token !== undefined);
  assert.deepEqual(seen, ids);
});

test("a long history comes in pages, and thinned evenly with its first and last point", async () => {
  await using server = await trackingServer();
  const { run } = (await post(server, "runs/create", { experiment_id: "0" })) as { run: Run };
  const run_id = run.info.run_id;
  const points = 26_000;
  for (let from = 0; from < points; from += 1000) {
    const metrics = Array.from({ length: 1000 }, (_, at) => ({
      key: "m",
      value: from + at,
      timestamp: from + at,
      step: from + at,
    }));
    await post(server, "runs/log-batch", { run_id, metrics });
  }
  const steps: number[] = [];
  let token = "";
  do {
    const query = new URLSearchParams({ run_id, metric_key: "m", ...(token === "" ? {} : { page_token: token }) });
    const { json } = await server.ask("GET", `${api}/metrics/get-history?${query}`);
    steps.push(...(json["metrics"] as { step: number }[]).map(({ step }) => step));
    token = String(json["next_page_token"] ?? "");
  } while (token !== "");
  assert.deepEqual(
    steps,
    Array.from({ length: points }, (_, at) => at),
  );
  for (const [wanted, range] of [
    [2500, null],
    [7, null],
    [1, null],
    [100, [500, 599]],
    [3, [10, 19]],
    [5, [30_000, 40_000]],
  ] as const) {
    const limits: Readonly<Record<string, string>> =
      range === null ? {} : { start_step: String(range[0]), end_step: String(range[1]) };
    const query = new URLSearchParams({ run_ids: run_id, metric_key: "m", max_results: String(wanted), ...limits });
    const { json } = await server.ask("GET", `${api}/metrics/get-history-bulk-interval?${query}`);
    const sampled = ((json["metrics"] ?? []) as { step: number }[]).map(({ step }) => step);
    const [first, last] = range ?? [0, points - 1];
    if (first >= points) {
      assert.deepEqual(sampled, []);
      continue;
    }
    assert.equal(sampled.length, wanted);
    assert.equal(sampled.at(-1), last);
    if (wanted > 1) assert.equal(sampled[0], first);
    const gaps = sampled.slice(1).map((step, at) => step - (sampled[at] ?? 0));
    assert.ok(Math.max(...gaps) <= 2 * Math.ceil((last - first + 1) / wanted), String(gaps.slice(0, 20)));
  }
});
