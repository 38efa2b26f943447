// Figures, sampled histories and traces as files are for those who may read what they are of.
import assert from "node:assert/strict";
import { test } from "node:test";
import { accessServer } from "./access-server.ts";

test("who may not read an experiment gets nothing of its metrics and traces", async () => {
  await using server = await accessServer("NO_PERMISSIONS");
  await server.user("ann");
  const api = "/api/2.0/mlflow";
  const { json } = await server.as("admin", "POST", `${api}/runs/create`, { experiment_id: "0" });
  const { run_id } = (json["run"] as { info: { run_id: string } }).info;
  await server.as("admin", "POST", `${api}/runs/log-metric`, { run_id, key: "m", value: 1, timestamp: 1, step: 1 });
  const trace_info = {
    trace_id: "tr-secret",
    trace_location: { type: "MLFLOW_EXPERIMENT", mlflow_experiment: { experiment_id: "0" } },
    request_time: "2026-01-02T03:04:05Z",
    state: "OK",
  };
  await server.as("admin", "POST", "/api/3.0/mlflow/traces", { trace: { trace_info } });
  const figures = {
    experiment_ids: ["0"],
    view_type: "TRACES",
    metric_name: "trace_count",
    aggregations: [{ aggregation_type: "COUNT" }],
  };
  const asks = [
    ["GET", `${api}/metrics/get-history-bulk-interval?run_ids=${run_id}&metric_key=m`],
    ["GET", `/ajax-api/2.0/mlflow/metrics/get-history-bulk?run_id=${run_id}&metric_key=m`],
    ["GET", "/ajax-api/2.0/mlflow/get-trace-artifact?request_id=tr-secret"],
    ["GET", "/ajax-api/2.0/mlflow/get-trace-artifact?request_id=tr-secret&path=a.png"],
    ["POST", "/api/3.0/mlflow/traces/metrics", figures],
  ] as const;
  for (const [method, target, body] of asks) {
    const seen = await server.as("ann", method, target, body);
    const isNothing = seen.status === 403 || (seen.status === 200 && seen.text === "{}");
    assert.ok(isNothing, `${target}: ${seen.status} ${seen.text}`);
    assert.equal((await server.as(null, method, target, body)).status, 401, target);
  }
  const told = await server.as("admin", "POST", "/api/3.0/mlflow/traces/metrics", figures);
  assert.deepEqual((told.json["data_points"] as { values: object }[])[0]?.values, { COUNT: 1 });
});
