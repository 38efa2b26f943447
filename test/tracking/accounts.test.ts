// Users, passwords and tokens: made, changed, ended, and how they are kept.
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { accessServer, adminPassword, basic } from "./access-server.ts";
import { trackingServer } from "./tracking-server.ts";

const api = "/api/2.0/mlflow";

test("users, passwords and tokens: made, changed and ended as MLflow's client does it", async () => {
  await using server = await accessServer("READ");
  await server.user("ann");
  const users = `${api}/users`;
  const got = await server.as("ann", "GET", `${users}/get?username=ann`);
  assert.deepEqual(got.json["user"], {
    id: 2,
    username: "ann",
    is_admin: false,
    experiment_permissions: [],
    registered_model_permissions: [],
  });
  assert.equal((await server.as("ann", "GET", `${users}/get?username=admin`)).status, 403);
  assert.equal((await server.as("ann", "GET", `${users}/list`)).status, 403);
  assert.equal((await server.as("admin", "GET", `${users}/get?username=nobody`)).status, 404);
  const bad = [
    { username: "ann", password: "long-enough-1234" },
    { username: "x", password: "short" },
    { username: "a:b", password: "long-enough-1234" },
    { username: "", password: "long-enough-1234" },
  ];
  for (const body of bad)
    assert.equal((await server.as("admin", "POST", `${users}/create`, body)).status, 400, JSON.stringify(body));
  assert.equal(
    (await server.as("ann", "POST", `${users}/create`, { username: "b", password: "long-enough-1234" })).status,
    403,
  );
  assert.equal(
    (await server.as("ann", "PATCH", `${users}/update-admin`, { username: "ann", is_admin: true })).status,
    403,
  );
  const made = await server.as("ann", "POST", "/api/2.0/trimaran/tokens/create", { note: "ci" });
  const bearer = { authorization: `Bearer ${String(made.json["token"])}` };
  assert.equal((await server.ask("GET", `${users}/current`, undefined, bearer)).json["is_basic_auth"], false);
  const change = { username: "ann", password: "another-password" };
  assert.equal((await server.ask("PATCH", `${users}/update-password`, change, bearer)).status, 400);
  assert.equal(
    (await server.as("ann", "PATCH", `${users}/update-password`, { ...change, current_password: "wrong" })).status,
    400,
  );
  assert.equal((await server.as("ann", "PATCH", `${users}/update-password`, change)).status, 200);
  assert.equal((await server.as("ann", "GET", `${users}/current`)).status, 401);
  assert.equal(
    (await server.ask("GET", `${users}/current`, undefined, { authorization: basic("ann", "another-password") }))
      .status,
    200,
  );
  const short = await server.as("admin", "POST", "/api/2.0/trimaran/tokens/create", {
    username: "ann",
    expires_in_seconds: 1,
  });
  await new Promise((resolve) => setTimeout(resolve, 1100));
  const expired = { authorization: `Bearer ${String(short.json["token"])}` };
  assert.equal((await server.ask("GET", `${users}/current`, undefined, expired)).status, 401);
  const { token_id } = made.json["token_info"] as { token_id: string };
  await server.user("eve");
  assert.equal((await server.as("eve", "DELETE", "/api/2.0/trimaran/tokens/delete", { token_id })).status, 403);
  assert.equal((await server.ask("DELETE", "/api/2.0/trimaran/tokens/delete", { token_id }, bearer)).status, 200);
  assert.equal((await server.ask("GET", `${users}/current`, undefined, bearer)).status, 401);
  for (const [method, path, body] of [
    ["DELETE", "delete", { username: "admin" }],
    ["PATCH", "update-admin", { username: "admin", is_admin: false }],
  ] as const) {
    assert.equal((await server.as("admin", method, `${users}/${path}`, body)).status, 400, path);
  }
  assert.equal((await server.as("admin", "DELETE", `${users}/delete`, { username: "ann" })).status, 200);
  assert.equal(
    (await server.ask("GET", `${users}/current`, undefined, { authorization: basic("ann", "another-password") }))
      .status,
    401,
  );
});

test("passwords and tokens are kept as digests, in a file for the owner alone, beside a store that is left as it is", async () => {
  await using server = await accessServer();
  const { json } = await server.as("admin", "POST", "/api/2.0/trimaran/tokens/create", {});
  const file = join(server.folder, "access.db");
  assert.equal(statSync(file).mode & 0o077, 0);
  const database = new DatabaseSync(file, { readOnly: true });
  const rows = JSON.stringify([
    database.prepare("SELECT * FROM trimaran_users").all(),
    database.prepare("SELECT * FROM trimaran_tokens").all(),
  ]);
  database.close();
  assert.match(rows, /scrypt\$32768\$8\$1\$/);
  assert.ok(!rows.includes(adminPassword) && !rows.includes(String(json["token"])));
});

test("without a password of the environment the first administrator's is made, and told in a file", async () => {
  await using server = await trackingServer({ access: { folder: "" }, env: {} });
  const path = join(server.folder, "admin.credentials");
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const password = /mlflow_tracking_password = (.+)/.exec(readFileSync(path, "utf8"))?.[1] ?? "";
  assert.ok(password.length >= 24);
  const answer = await server.ask("GET", `${api}/users/current`, undefined, {
    authorization: basic("admin", password),
  });
  assert.deepEqual(answer.json["user"], { id: 1, username: "admin", is_admin: true });
  await assert.rejects(trackingServer({ access: { folder: "" }, env: { MLFLOW_AUTH_ADMIN_PASSWORD: "short" } }), {
    code: "TRACKING_ADMIN",
  });
});

test("a server without accounts has no users, and asks nobody", async () => {
  await using server = await trackingServer();
  assert.equal((await server.ask("GET", `${api}/users/current`)).status, 404);
  assert.equal(
    (await server.ask("GET", `${api}/experiments/get?experiment_id=0`, undefined, { authorization: "Basic x" })).status,
    200,
  );
});
