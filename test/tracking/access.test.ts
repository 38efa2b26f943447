// Accounts: who is asked for one, what each right allows, and what nobody gets around.
import assert from "node:assert/strict";
import { test } from "node:test";
import { endpointTable } from "../../src/mlflow/endpoint-table.ts";
import { type Endpoint, methodsOf, pathsOf } from "../../src/mlflow/wire/endpoint.ts";
import { type AccessServer, accessServer, adminPassword, basic } from "./access-server.ts";

const api = "/api/2.0/mlflow";
const proxy = "/api/2.0/mlflow-artifacts/artifacts";
const endpoints: readonly Endpoint[] = Object.values(endpointTable);

async function grant(server: AccessServer, username: string, experiment_id: string, permission: string): Promise<void> {
  const body = { username, resource_type: "experiment", resource_id: experiment_id, permission };
  const { status, text } = await server.as("admin", "POST", "/api/3.0/mlflow/users/permissions/grant", body);
  assert.equal(status, 200, text);
}

async function newExperiment(server: AccessServer, name: string, user = "admin"): Promise<string> {
  const { json, text } = await server.as(user, "POST", `${api}/experiments/create`, { name });
  assert.equal(typeof json["experiment_id"], "string", text);
  return String(json["experiment_id"]);
}

async function newRun(server: AccessServer, experiment_id: string, user = "admin"): Promise<string> {
  const { json, text } = await server.as(user, "POST", `${api}/runs/create`, { experiment_id, start_time: 1 });
  const run = json["run"] as { info: { run_id: string } } | undefined;
  assert.ok(run !== undefined, text);
  return run.info.run_id;
}

test("every route asks for an account but for health, server-info and signed URLs, whatever is sent", async () => {
  await using server = await accessServer();
  const open = new Set(["getHealth", "getServerInfo"]);
  const bad = [
    {},
    { authorization: "Basic" },
    { authorization: "Basic !!!" },
    { authorization: "Basic OnB3" },
    { authorization: "Bearer " },
    { authorization: "Bearer trimaran_x" },
    { authorization: basic("admin", "wrong-password-1") },
    { authorization: `Digest ${adminPassword}` },
  ];
  for (const endpoint of endpoints) {
    for (const method of [...methodsOf(endpoint), "HEAD", "TRACE"]) {
      for (const path of pathsOf(endpoint)) {
        const target = path.replace(/\{\w+(\.\.\.)?\}/g, "1");
        const { status } = await server.ask(method, target, method === "GET" || method === "HEAD" ? undefined : {});
        if (open.has(endpoint.name)) assert.ok(status !== 401 || method === "TRACE", `${method} ${target}`);
        else assert.equal(status, 401, `${method} ${target}`);
      }
    }
  }
  for (const headers of bad) {
    const answer = await server.ask(
      "GET",
      `${api}/experiments/get?experiment_id=0`,
      undefined,
      headers as Record<string, string>,
    );
    assert.equal(answer.status, 401, JSON.stringify(headers));
    assert.equal(answer.headers["www-authenticate"], 'Basic realm="mlflow"');
    assert.equal(answer.json["error_code"], "UNAUTHENTICATED");
  }
  for (const path of [
    "/",
    "/version",
    "/nothing",
    "//api/2.0/mlflow/runs/search",
    `${api}/runs/search/`,
    "/graphql",
    "/health/x",
  ]) {
    assert.equal((await server.ask("GET", path)).status, 401, path);
  }
  assert.equal((await server.ask("GET", "/health")).text, "OK");
});

test("a user without rights gets at nothing of an experiment or model, by no endpoint", async () => {
  await using server = await accessServer();
  await server.user("eve");
  const experiment = await newExperiment(server, "secret");
  const run = await newRun(server, experiment);
  await server.as("admin", "PUT", `${proxy}/${experiment}/${run}/artifacts/f`, "secret");
  await server.as("admin", "POST", `${api}/registered-models/create`, { name: "m" });
  const source = `runs:/${run}/f`;
  await server.as("admin", "POST", `${api}/model-versions/create`, { name: "m", source, run_id: run });
  const made = await server.as("admin", "POST", `${api}/logged-models`, { experiment_id: experiment, name: "n" });
  const { model_id } = (made.json["model"] as { info: { model_id: string } }).info;
  const facts: Readonly<Record<string, unknown>> = {
    experiment_id: experiment, experiment_ids: [experiment], experiment_name: "secret", run_id: run, run_uuid: run, run_ids: [run], name: "m", new_name: "x",
    version: "1", alias: "a", key: "k", value: "1", timestamp: 1, path: "f", stage: "Production", username: "eve",
    permission: "MANAGE", resource_type: "experiment", resource_id: experiment, metric_key: "k", password: "long-enough-password", is_admin: true, models: [{ model_id, step: 0 }],
    model_json: "{}", url: "https://example.org", events: [{ entity: "MODEL_VERSION", action: "CREATED" }], serialized_scorer: "{}", source, artifact_file_path: "f",
    upload_id: "u", parts: [{ part_number: 1, etag: "e" }],
  }; // biome-ignore format: a list
  const inPath: Readonly<Record<string, string>> = {
    artifact_path: `${experiment}/${run}/artifacts/f`,
    model_id,
    tag_key: "k",
  };
  // What says nothing of others, and what anybody may make.
  const harmless = new Set([
    "getServerInfo", "getHealth", "getVersion", "getCurrentUser", "getUser", "updateUserPassword", "createAccessToken", "listAccessTokens", "deleteAccessToken",
    "searchExperiments", "searchRegisteredModels", "searchModelVersions", "searchRuns", "searchLoggedModels", "searchDatasets", "listScorers", "getUserPermission",
    "createRegisteredModel", "createExperiment",
  ]); // biome-ignore format: a list
  const areas =
    /\/(experiments|runs|metrics|artifacts|logged-models|registered-models|model-versions|users|scorers|webhooks|upload-artifact)|artifact/;
  for (const endpoint of endpoints) {
    if (harmless.has(endpoint.name) || !areas.test(endpoint.path) || /trace/.test(endpoint.path)) continue;
    const status =
      endpoint.name === "finalizeLoggedModel"
        ? "LOGGED_MODEL_READY"
        : /Webhook/.test(endpoint.name)
          ? "ACTIVE"
          : "FINISHED";
    const body = { ...facts, status };
    for (const method of methodsOf(endpoint)) {
      for (const path of pathsOf(endpoint)) {
        const target = path.replace(/\{(\w+)(\.\.\.)?\}/g, (_, name: string) => inPath[name] ?? "1");
        const query = new URLSearchParams();
        for (const name of Object.keys(endpoint.request)) {
          for (const value of [facts[name] ?? []].flat())
            if (typeof value !== "object") query.append(name, String(value));
        }
        const isQuery = method === "GET" || endpoint.name === "uploadRunArtifact";
        const { status: told, text } = await server.as(
          "eve",
          method,
          isQuery ? `${target}?${query}` : target,
          isQuery ? undefined : body,
        );
        // What has no handler here is told as such.
        assert.ok(
          told === 403 || /There is no such endpoint/.test(text),
          `${method} ${target} ${endpoint.name}: ${told} ${text.slice(0, 200)}`,
        );
      }
    }
  }
  const asEve = async (method: string, path: string, body?: unknown): Promise<unknown> =>
    (await server.as("eve", method, path, body)).json;
  assert.deepEqual(await asEve("POST", `${api}/runs/search`, { experiment_ids: [experiment] }), {});
  assert.deepEqual(await asEve("POST", `${api}/runs/search`, { experiment_ids: [`0${experiment}`] }), {});
  assert.deepEqual(await asEve("POST", `${api}/logged-models/search`, { experiment_ids: [experiment] }), {});
  assert.deepEqual(await asEve("POST", `${api}/experiments/search`, { max_results: 10 }), {});
  assert.deepEqual(await asEve("GET", `${api}/registered-models/search`), {});
  assert.deepEqual(await asEve("GET", `${api}/model-versions/search`), {});
  const others = [
    `${proxy}/${experiment}/${run}/artifacts/f`,
    `${proxy}/0${experiment}/x`,
    `${proxy}?path=${experiment}`,
    `${proxy}?path=`,
    `${proxy}/nobodys/x`,
  ];
  for (const path of others) assert.equal((await server.as("eve", "GET", path)).status, 403, path);
  assert.equal((await server.as("eve", "HEAD", `${proxy}/${experiment}/${run}/artifacts/f`)).status, 403);
});

test("READ reads, EDIT writes, MANAGE deletes and grants", async () => {
  await using server = await accessServer();
  const experiment = await newExperiment(server, "e");
  const run = await newRun(server, experiment);
  await server.as("admin", "PUT", `${proxy}/${experiment}/${run}/artifacts/f`, "file");
  for (const name of ["reader", "editor", "manager", "guest"]) await server.user(name);
  await grant(server, "reader", experiment, "READ");
  await grant(server, "editor", experiment, "EDIT");
  await grant(server, "manager", experiment, "MANAGE");
  const file = `${proxy}/${experiment}/${run}/artifacts/f`;
  const asked: readonly (readonly [string, string, unknown, string])[] = [
    ["GET", `${api}/experiments/get?experiment_id=${experiment}`, undefined, "read"],
    ["GET", `${api}/experiments/get-by-name?experiment_name=e`, undefined, "read"],
    ["GET", `${api}/runs/get?run_id=${run}`, undefined, "read"],
    ["GET", file, undefined, "read"],
    ["GET", `${proxy}?path=${experiment}/${run}/artifacts`, undefined, "read"],
    ["GET", `/get-artifact?run_id=${run}&path=f`, undefined, "read"],
    ["POST", `${api}/runs/log-metric`, { run_id: run, key: "m", value: 1, timestamp: 1 }, "update"],
    ["POST", `${api}/runs/log-metric`, { run_uuid: run, key: "m", value: 1, timestamp: 1 }, "update"],
    ["PUT", `${file}2`, "more", "update"],
    ["POST", `/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${run}&path=x`, "x", "update"],
    ["POST", `${api}/runs/create`, { experiment_id: experiment, start_time: 1 }, "update"],
    ["POST", `${api}/runs/create`, { experiment_id: Number(experiment), start_time: 1 }, "update"],
    ["DELETE", `${file}2`, undefined, "manage"],
    [
      "POST",
      `${api}/experiments/permissions/create`,
      { experiment_id: experiment, username: "guest", permission: "READ" },
      "manage",
    ],
    ["DELETE", `${api}/experiments/permissions/delete`, { experiment_id: experiment, username: "guest" }, "manage"],
    ["POST", `${api}/runs/delete`, { run_id: run }, "manage"],
    ["POST", `${api}/runs/restore`, { run_id: run }, "manage"],
    ["POST", `${api}/experiments/delete`, { experiment_id: experiment }, "manage"],
    ["POST", `${api}/experiments/restore`, { experiment_id: experiment }, "manage"],
  ];
  const allowed = { reader: ["read"], editor: ["read", "update"], manager: ["read", "update", "manage"] };
  for (const [name, rights] of Object.entries(allowed)) {
    for (const [method, path, body, right] of asked) {
      const { status, text } = await server.as(name, method, path, body);
      assert.equal(status, rights.includes(right) ? 200 : 403, `${name} ${method} ${path}: ${text}`);
    }
  }
  const seen = await server.as("reader", "POST", `${api}/runs/search`, { experiment_ids: ["0", experiment] });
  assert.ok((seen.json["runs"] as unknown[]).length > 0);
  assert.equal((await server.as("reader", "GET", `${api}/runs/get?run_id=nobody`)).status, 404);
});

test("whoever makes a thing manages it, and may point a version only at what it may read", async () => {
  await using server = await accessServer("NO_PERMISSIONS");
  await server.user("ann");
  await server.user("eve");
  const experiment = await newExperiment(server, "ann's", "ann");
  const run = await newRun(server, experiment, "ann");
  await server.as("ann", "PUT", `${proxy}/${experiment}/${run}/artifacts/f`, "secret");
  assert.equal((await server.as("ann", "POST", `${api}/registered-models/create`, { name: "ann" })).status, 200);
  assert.equal((await server.as("eve", "POST", `${api}/registered-models/create`, { name: "eve" })).status, 200);
  const places = [
    `mlflow-artifacts:/${experiment}/${run}/artifacts`,
    `runs:/${run}/f`,
    `mlflow-artifacts://host/${experiment}`,
    `mlflow-artifacts:/${experiment}`,
  ];
  for (const source of places) {
    assert.equal(
      (await server.as("eve", "POST", `${api}/model-versions/create`, { name: "eve", source })).status,
      403,
      source,
    );
  }
  assert.equal(
    (await server.as("eve", "POST", `${api}/model-versions/create`, { name: "ann", source: "x" })).status,
    403,
  );
  for (const artifact_location of [
    `mlflow-artifacts:/${experiment}`,
    `mlflow-artifacts:/${experiment}/${run}`,
    `mlflow-artifacts:/`,
  ]) {
    const made = await server.as("eve", "POST", `${api}/experiments/create`, {
      name: artifact_location,
      artifact_location,
    });
    assert.ok(made.status === 403 || made.status === 400, `${artifact_location} ${made.text}`);
  }
  // What the server never reads is the client's own affair.
  const own = { name: "eve", source: "s3://her-own-bucket/model" };
  assert.equal((await server.as("eve", "POST", `${api}/model-versions/create`, own)).status, 200);
  const version = { name: "ann", source: `runs:/${run}/f`, run_id: run };
  assert.equal((await server.as("ann", "POST", `${api}/model-versions/create`, version)).status, 200);
  assert.equal(
    (await server.as("eve", "POST", `${api}/model-versions/create`, { name: "eve", source: "models:/ann/1" })).status,
    403,
  );
  const listed = async (user: string): Promise<unknown> =>
    (
      (await server.as(user, "GET", `${api}/registered-models/search`)).json["registered_models"] as { name: string }[]
    ).map(({ name }) => name);
  assert.deepEqual(
    [await listed("ann"), await listed("eve"), await listed("admin")],
    [["ann"], ["eve"], ["ann", "eve"]],
  );
  assert.equal(
    (await server.as("ann", "POST", `${api}/registered-models/rename`, { name: "ann", new_name: "renamed" })).status,
    200,
  );
  assert.equal((await server.as("ann", "GET", `${api}/registered-models/get?name=renamed`)).status, 200);
  assert.equal((await server.as("ann", "DELETE", `${api}/registered-models/delete`, { name: "renamed" })).status, 200);
  await server.as("eve", "POST", `${api}/registered-models/create`, { name: "renamed" });
  assert.equal((await server.as("ann", "GET", `${api}/registered-models/get?name=renamed`)).status, 403);
});

test("a search without what one may not see has full pages all the same", async () => {
  await using server = await accessServer();
  await server.user("ann");
  for (let count = 0; count < 12; count++) {
    const id = await newExperiment(server, `e${String(count).padStart(2, "0")}`);
    if (count % 4 === 0) await grant(server, "ann", id, "READ");
  }
  const page = async (page_token?: string): Promise<{ names: string[]; token: string | undefined }> => {
    const body = { max_results: 2, order_by: ["name ASC"], page_token };
    const { json } = await server.as("ann", "POST", `${api}/experiments/search`, body);
    const names = ((json["experiments"] ?? []) as { name: string }[]).map(({ name }) => name);
    return { names, token: json["next_page_token"] as string | undefined };
  };
  const first = await page();
  assert.deepEqual(first.names, ["e00", "e04"]);
  const second = await page(first.token);
  assert.deepEqual([second.names, second.token], [["e08"], undefined]);
});
