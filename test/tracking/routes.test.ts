// Routes that MLflow's client does not call, or not in every form: pages, files, histories in bulk, pages of results.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readText } from "../../src/mlflow/client/http-transport.ts";
import { openTracking } from "../../src/tracking/open-tracking.ts";
import { isOverPostgres } from "./test-store.ts";
import { trackingServer } from "./tracking-server.ts";

const api = "/api/2.0/mlflow";

test("the page, health, version and server-info say what clients look for", async () => {
  await using server = await trackingServer();
  const page = await server.ask("GET", "/");
  const store = isOverPostgres ? "postgresql://USER:PASSWORD@" : `sqlite:///${join(server.folder, "trimaran.db")}`;
  assert.match(page.text, new RegExp(`mlflow ui --backend-store-uri ${store}`));
  assert.equal((await server.ask("GET", "/health")).text, "OK");
  assert.equal((await server.ask("POST", "/health")).status, 405);
  assert.equal((await server.ask("HEAD", "/health")).text, "");
  assert.match((await server.ask("GET", "/version")).text, /^3\.\d+\.\d+$/);
  assert.equal((await server.ask("GET", "/api/3.0/mlflow/server-info")).json["store_type"], "SqlStore");
  const { headers } = await server.ask("GET", `/ajax-api/2.0/mlflow/experiments/get?experiment_id=0`);
  assert.equal(headers["x-content-type-options"], "nosniff");
  assert.equal(headers["x-frame-options"], "SAMEORIGIN");
});

test("files of runs, models and versions are given as attachments", async () => {
  await using server = await trackingServer();
  const created = await server.ask("POST", `${api}/runs/create`, { experiment_id: 0, start_time: 1 });
  const { run_id, artifact_uri } = (created.json["run"] as { info: { run_id: string; artifact_uri: string } }).info;
  assert.equal(artifact_uri, `mlflow-artifacts:/0/${run_id}/artifacts`);
  const upload = `/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${run_id}&path=d/é.html`;
  assert.equal((await server.ask("POST", encodeURI(upload), "<b>x</b>")).status, 200);
  const file = await server.ask("GET", encodeURI(`/get-artifact?run_id=${run_id}&path=d/é.html`));
  assert.equal(file.text, "<b>x</b>");
  assert.match(
    String(file.headers["content-disposition"]),
    /^attachment; filename="_\.html"; filename\*=UTF-8''%C3%A9\.html$/,
  );
  for (const path of ["", ".", "../x", "d"]) {
    assert.ok(
      [400, 404].includes((await server.ask("GET", `/get-artifact?run_id=${run_id}&path=${path}`)).status),
      path,
    );
  }
  const listed = await server.ask("GET", `${api}/artifacts/list?run_id=${run_id}&path=d`);
  assert.deepEqual(listed.json["files"], [{ path: "d/é.html", is_dir: false, file_size: 8 }]);
  await server.ask("POST", `${api}/registered-models/create`, { name: "m" });
  const version = { name: "m", source: `${artifact_uri}/d`, run_id };
  assert.equal((await server.ask("POST", `${api}/model-versions/create`, version)).status, 200);
  const ofVersion = await server.ask("GET", encodeURI("/model-versions/get-artifact?name=m&version=1&path=é.html"));
  assert.equal(ofVersion.text, "<b>x</b>");
  const model = await server.ask("POST", `${api}/logged-models`, { experiment_id: "0", name: "n" });
  const { model_id } = (model.json["model"] as { info: { model_id: string } }).info;
  await server.ask("PUT", `/api/2.0/mlflow-artifacts/artifacts/0/models/${model_id}/artifacts/MLmodel`, "a: 1");
  const ofModel = await server.ask(
    "GET",
    `/ajax-api/2.0/mlflow/logged-models/${model_id}/artifacts/files?artifact_file_path=MLmodel`,
  );
  assert.equal(ofModel.text, "a: 1");
});

test("a metric's history comes in pages and for several runs at once", async () => {
  await using server = await trackingServer();
  const ids: string[] = [];
  for (let count = 0; count < 2; count++) {
    const { json } = await server.ask("POST", `${api}/runs/create`, { experiment_id: "0", start_time: 1 });
    const { run_id } = (json["run"] as { info: { run_id: string } }).info;
    ids.push(run_id);
    const metrics = Array.from({ length: 5 }, (_, step) => ({
      key: "m",
      value: step === 4 ? "NaN" : step,
      timestamp: step,
      step,
    }));
    assert.equal((await server.ask("POST", `${api}/runs/log-batch`, { run_id, metrics })).status, 200);
  }
  const history = `${api}/metrics/get-history?run_id=${ids[0]}&metric_key=m`;
  const first = await server.ask("GET", `${history}&max_results=3`);
  const second = await server.ask(
    "GET",
    `${history}&max_results=3&page_token=${encodeURIComponent(String(first.json["next_page_token"]))}`,
  );
  const steps = [first, second].map(({ json }) => (json["metrics"] as { step: number }[]).map(({ step }) => step));
  assert.deepEqual(steps, [
    [0, 1, 2],
    [3, 4],
  ]);
  assert.equal((second.json["metrics"] as { value: unknown }[])[1]?.value, "NaN");
  assert.equal(second.json["next_page_token"], undefined);
  assert.deepEqual((await server.ask("GET", `${api}/metrics/get-history?run_id=nobody&metric_key=m`)).json, {});
  assert.equal((await server.ask("GET", `${history}&page_token=x!`)).status, 400);
  const bulk = await server.ask(
    "GET",
    `/ajax-api/2.0/mlflow/metrics/get-history-bulk?run_id=${ids.join("&run_id=")}&metric_key=m`,
  );
  assert.equal((bulk.json["metrics"] as unknown[]).length, 10);
});

test("a store without a port is asked through its transport", async () => {
  const folder = await mkdtemp(join(tmpdir(), "trimaran-tracking-"));
  try {
    await using tracking = await openTracking({
      backendStoreUri: `sqlite:///${join(folder, "t.db")}`,
      artifactsDestination: join(folder, "a"),
    });
    const answer = await tracking.transport.send({
      method: "GET",
      target: `${api}/experiments/get-by-name?experiment_name=Default`,
    });
    const text = await readText(answer.body, 10_000);
    assert.equal(
      (JSON.parse(text ?? "") as { experiment: { artifact_location: string } }).experiment.artifact_location,
      "mlflow-artifacts:/0",
    );
    assert.equal(answer.header("Content-Type"), "application/json");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("an upload that is cut off leaves nothing", async () => {
  await using server = await trackingServer();
  const { connect } = await import("node:net");
  const socket = connect(server.port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write(
    "PUT /api/2.0/mlflow-artifacts/artifacts/1/r/artifacts/x HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\nabc",
  );
  await new Promise((resolve) => setTimeout(resolve, 100));
  socket.destroy();
  await new Promise((resolve) => setTimeout(resolve, 100));
  const { status } = await server.ask("GET", "/api/2.0/mlflow-artifacts/artifacts/1/r/artifacts/x");
  assert.equal(status, 404);
});
