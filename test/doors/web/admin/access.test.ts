// Who may ask the admin port, and what it says to everybody else.
import assert from "node:assert/strict";
import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { type Folder, folder, linear, serve, serveFails } from "../fleet/fixtures.ts";
import { type Administered, administered, call } from "./fixtures.ts";

function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.end(text));
    let got = "";
    socket.on("data", (chunk: Buffer) => {
      got += chunk.toString();
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(got));
  });
}

describe("the admin port", () => {
  let place: Folder;
  let service: Administered;
  let port = 0;
  let bearer: { readonly authorization: string };
  before(async () => {
    place = await folder();
    service = await administered([linear], place);
    port = service.adminPort ?? 0;
    bearer = { authorization: `Bearer ${service.token}` };
  });
  after(async () => {
    await service[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });

  test("answers with the token, and lists its routes", async () => {
    const { status, json } = await service.admin("GET", "");
    assert.equal(status, 200);
    assert.ok(json.routes.some(({ path }: { path: string }) => path === "/admin/models/{name}/canary"));
  });

  test("refuses a token that is missing, wrong, cut, longer, or in another scheme, with 401 in the project's shape", async () => {
    const { token } = service;
    const basic = Buffer.from(`:${token}`).toString("base64");
    for (const authorization of [
      "",
      "Bearer",
      `Bearer ${token}x`,
      `Bearer ${token.slice(1)}`,
      `Basic ${basic}`,
      token,
    ]) {
      const headers: Readonly<Record<string, string>> = authorization === "" ? {} : { authorization };
      const { status, headers: got, json } = await call(port, "/admin/state", { headers });
      assert.equal(status, 401, authorization);
      assert.equal(got["www-authenticate"], "Bearer");
      assert.equal(json.code, "ADMIN_TOKEN");
      assert.equal(got["content-type"], "application/problem+json; charset=utf-8");
    }
    // Nor does an unknown route tell that it is unknown.
    assert.equal((await call(port, "/elsewhere")).status, 401);
    assert.equal((await call(port, `/admin/state?token=${token}`)).status, 401);
  });

  test("answers to loopback's names alone, and to no web page", async () => {
    for (const host of ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "169.254.169.254", "localhost."]) {
      const { status, json } = await call(port, "/admin/state", { headers: { ...bearer, host } });
      assert.equal(status, 403, host);
      assert.equal(json.code, "REQUEST_HOST");
    }
    for (const host of ["localhost", `localhost:${port}`, "127.0.0.1", `[::1]:${port}`]) {
      assert.equal((await call(port, "/admin/state", { headers: { ...bearer, host } })).status, 200, host);
    }
    for (const origin of ["https://evil.example", "null", `http://127.0.0.1:${port}`]) {
      const { status, json, headers } = await call(port, "/admin/state", { headers: { ...bearer, origin } });
      assert.equal(status, 403);
      assert.equal(json.code, "ADMIN_ORIGIN");
      assert.ok(Object.keys(headers).every((name) => !name.startsWith("access-control-")));
    }
    const preflight = await call(port, "/admin/state", {
      method: "OPTIONS",
      headers: { origin: "https://evil.example" },
    });
    assert.equal(preflight.status, 403);
    const twice = `GET /admin HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nAuthorization: ${bearer.authorization}\r\nConnection: close\r\n\r\n`;
    assert.match(await raw(port, twice), /^HTTP\/1.1 400 .*REQUEST_MALFORMED/s);
    assert.match(await raw(port, "no http at all\r\n\r\n"), /^HTTP\/1.1 400 .*REQUEST_MALFORMED/s);
  });

  test("listens on the loopback addresses, and has nothing on the public port", async () => {
    const ipv6 = await call(port, "/admin/state", { headers: bearer, host: "::1" }).catch((error: Error) => error);
    assert.ok(
      ipv6 instanceof Error ? /EADDRNOTAVAIL|EAFNOSUPPORT|ENETUNREACH/.test(String(ipv6)) : ipv6.status === 200,
    );
    for (const path of ["/admin", "/admin/state", "/admin/models/lin_reg/swap"]) {
      assert.equal((await call(service.port, path, { headers: bearer })).status, 404);
    }
    const { networkInterfaces } = await import("node:os");
    const outer = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
    for (const { address, internal, family } of outer) {
      if (internal || family !== "IPv4") continue;
      await assert.rejects(call(port, "/admin/state", { headers: bearer, host: address }), { code: "ECONNREFUSED" });
    }
  });

  test("says all that is wrong with a body, and takes none that is large, packed or no JSON", async () => {
    const path = "/models/lin_reg/canary";
    const put = (body: unknown): ReturnType<typeof service.admin> => service.admin("PUT", path, body);
    const { status, json } = await put({ verson: "2", share: "half", model: "" });
    assert.equal(status, 422);
    assert.equal(json.code, "ADMIN_BODY");
    assert.deepEqual(
      json.issues.map((issue: { path: string }) => issue.path),
      ["/verson", "/share", "/model"],
    );
    assert.match(json.issues[0].message, /version/);
    assert.equal((await put({ share: 0.5 })).json.code, "ADMIN_BODY");
    assert.equal((await put("[1]")).json.code, "ADMIN_BODY");
    assert.equal((await put('{"share":1,"share":0}')).json.code, "REQUEST_DUPLICATE_KEY");
    assert.equal((await put("{")).json.code, "REQUEST_NOT_JSON");
    assert.equal((await put({ model: "x".repeat(70_000), share: 1 })).status, 413);
    assert.equal((await put({ model: linear, share: 1.5 })).json.code, "SLOT_SHARE");
    const asText = { authorization: bearer.authorization, "content-type": "text/plain" };
    assert.equal((await call(port, `/admin${path}`, { method: "PUT", body: "{}", headers: asText })).status, 415);
    const packed = { ...bearer, "content-encoding": "gzip" };
    assert.equal((await call(port, `/admin${path}`, { method: "PUT", body: "{}", headers: packed })).status, 415);
  });

  test("knows its routes, methods and names", async () => {
    const { status, headers, json } = await service.admin("POST", "/state");
    assert.deepEqual([status, headers["allow"], json.code], [405, "GET", "REQUEST_METHOD"]);
    assert.equal((await service.admin("GET", "/nothing")).json.code, "ADMIN_ROUTE");
    assert.equal((await service.admin("GET", "/models/%zz")).json.code, "ADMIN_ROUTE");
    for (const path of ["/models/nobody/promote", "/models/__proto__/rollback", "/models/nobody/load"]) {
      assert.equal((await service.admin("POST", path)).json.code, "REQUEST_NO_SERVICE", path);
    }
    assert.equal((await service.admin("POST", "/models/lin_reg/promote")).json.code, "SLOT_NO_CHALLENGER");
    assert.equal((await service.admin("POST", "/models/lin_reg/rollback")).json.code, "SLOT_NO_PREVIOUS");
    assert.equal((await service.admin("POST", "/models/lin_reg/swap", { version: 7 })).json.code, "ADMIN_VERSION");
    assert.equal(
      (await service.admin("POST", "/models/lin_reg/unload", { version: "7" })).json.code,
      "REQUEST_NO_VERSION",
    );
  });

  test("keeps its token in a file for its owner alone, and tells where it is but never what", async () => {
    const file = `${service.home}/admin.token`;
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.match((await readFile(file, "utf8")).trim(), /^[\w-]{43}$/);
    await service.says(/Admin port on .*admin\.token/);
    assert.ok(!service.stderr().includes(service.token));
  });

  test("shows workers and models", async () => {
    const { json } = await service.admin("GET", "/state");
    assert.deepEqual(
      json.workers.map(({ pid, state }: { pid: number; state: string }) => [pid, state]),
      service.pids.map((pid) => [pid, "ready"]),
    );
    const [worker] = json.workers;
    assert.ok(worker.rss_bytes > 1e6 && worker.uptime_ms > 0 && worker.in_flight === 0);
    assert.equal(json.supervisor.pid, service.process.pid);
    const [model] = json.models;
    assert.deepEqual(
      [model.name, model.ready, model.version, model.shadow, model.canary],
      ["lin_reg", true, "1", null, null],
    );
  });

  test("changes what all processes log, the supervisor too", async () => {
    assert.deepEqual((await service.admin("PUT", "/log-level", { level: "error" })).json, { level: "error" });
    await service.says(/From now on error and above is logged/);
    assert.equal((await service.admin("POST", "/reload")).status, 200);
    assert.doesNotMatch(service.stderr(), /Reloaded/);
    assert.equal((await service.admin("PUT", "/log-level", { level: "debug" })).status, 200);
    assert.equal((await service.admin("POST", "/reload")).status, 200);
    await service.says(/Reloaded/);
    await service.says(/"level":"debug".*version swapped/);
    assert.equal((await service.admin("GET", "/state")).json.log_level, "debug");
    assert.equal((await service.admin("PUT", "/log-level", { level: "loud" })).json.code, "ADMIN_BODY");
  });
});

describe("the admin token", () => {
  test("comes from TRIMARAN_ADMIN_TOKEN where it is set, and then no file is made", async () => {
    await using place = await folder();
    const token = "a-token-of-our-own-1";
    const args = [linear, "--admin-port", "0", "--home", place.path];
    await using service = await serve(args, { TRIMARAN_ADMIN_TOKEN: token });
    const headers = { authorization: `Bearer ${token}` };
    assert.equal((await call(service.adminPort ?? 0, "/admin/state", { headers })).status, 200);
    assert.ok(!service.stderr().includes(token));
    await assert.rejects(stat(`${place.path}/admin.token`), { code: "ENOENT" });
  });

  test("that others can read, that is empty or too short is refused before anything starts", async () => {
    await using place = await folder();
    const args = [linear, "--admin-port", "0", "--home", place.path];
    await writeFile(`${place.path}/admin.token`, `${"x".repeat(40)}\n`);
    await chmod(`${place.path}/admin.token`, 0o644);
    assert.match((await serveFails(args)).stderr, /"code":"ADMIN_TOKEN_OPEN"/);
    await writeFile(`${place.path}/admin.token`, "");
    await chmod(`${place.path}/admin.token`, 0o600);
    assert.match((await serveFails(args)).stderr, /"code":"ADMIN_TOKEN_UNFIT"/);
  });

  test("also loads and unloads on a public port that needs it", async () => {
    await using place = await folder();
    await using service = await administered([linear, "--host", "0.0.0.0"], place);
    const unload = (headers: Readonly<Record<string, string>>): ReturnType<typeof call> =>
      call(service.port, "/v2/repository/models/lin_reg/unload", { method: "POST", headers });
    assert.equal((await unload({})).status, 403);
    assert.equal((await unload({ authorization: `Bearer ${service.token}` })).status, 200);
    const { json } = await service.admin("GET", "/models/lin_reg");
    assert.deepEqual([json.ready, json.version, json.versions], [false, null, []]);
    assert.equal((await service.admin("POST", "/models/lin_reg/load")).json.ready, true);
  });

  test("needs a port that is free", async () => {
    await using place = await folder();
    await using first = await administered([linear], place);
    const args = [linear, "--admin-port", String(first.adminPort), "--home", place.path];
    const { code, stderr } = await serveFails(args);
    assert.equal(code, 1);
    assert.match(stderr, /"code":"PORT_IN_USE"/);
  });
});
