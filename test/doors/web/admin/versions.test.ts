// Versions side by side: which are served, which answers, and how they are exchanged.
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { describe, test } from "node:test";
import { rideModel } from "../../../serving/slot/fixtures.ts";
import { definition, folder, linear, serve, serveFails, until } from "../fleet/fixtures.ts";
import { type Administered, addVersion, administered, call, features, versionsOf } from "./fixtures.ts";

async function versionAt({ port }: Administered, version: string): Promise<number> {
  const path = `/v2/models/ride/versions/${version}/ready`;
  return (await call(port, path)).status;
}

const served = async (service: Administered): Promise<readonly string[]> =>
  (await service.admin("GET", "/models/ride")).json.versions.map(({ version }: { version: string }) => version).sort();

describe("--version-policy", () => {
  test("all: every version at its own path, the newest without one, and versions come and go with the folder", async () => {
    await using place = await versionsOf([1, 2, 10]);
    await using service = await administered([place.models, "--workers", "2", "--version-policy", "all"], place);
    assert.deepEqual(await served(service), ["1", "10", "2"]);
    assert.equal((await service.ask()).version, "10");
    const { json } = await call(service.port, "/v2/models/ride");
    assert.deepEqual(json.versions, ["10", "2", "1"]);
    await addVersion(place.models, 11);
    await until(async () => (await service.ask()).version === "11", "version 11");
    // Those that were there are not loaded again: none is there twice.
    const inMemory = async (): Promise<readonly number[]> =>
      (await service.admin("GET", "/state")).json.workers.map(
        ({ versions }: { versions: unknown[] }) => versions.length,
      );
    await until(async () => (await inMemory()).join() === "4,4", "four versions in every worker");
    assert.deepEqual(await served(service), ["1", "10", "11", "2"]);
    await rm(`${place.models}/2`, { recursive: true });
    await until(async () => (await versionAt(service, "2")) === 404, "the end of version 2");
    assert.deepEqual(await served(service), ["1", "10", "11"]);
    // It is served already: nothing is loaded.
    const back = await service.admin("POST", "/models/ride/rollback");
    assert.equal(back.json.version, "10");
    assert.equal((await service.ask()).version, "10");
    assert.equal(await versionAt(service, "11"), 200);
  });

  test("latest(2): a newer version pushes the oldest out; a broken one changes nothing and the index says why", async () => {
    await using place = await versionsOf([1, 2]);
    await using service = await administered([place.models, "--version-policy", "latest(2)"], place);
    await addVersion(place.models, 3);
    await until(async () => (await service.ask()).version === "3", "version 3");
    assert.deepEqual(await served(service), ["2", "3"]);
    assert.equal(await versionAt(service, "1"), 404);
    await addVersion(place.models, 4, "this is no model");
    await service.says(/what served goes on/);
    assert.deepEqual(await served(service), ["2", "3"]);
    assert.equal((await service.ask()).version, "3");
    const index = await call(service.port, "/v2/repository/index", { method: "POST" });
    assert.ok(
      index.json.some(({ reason }: { reason: string }) => /was refused/.test(reason)),
      index.text,
    );
    const { text } = await call(service.port, "/metrics");
    assert.match(text, /trimaran_model_swaps_total\{[^}]*result="refused"[^}]*\} 1/);
  });

  test("specific(1): what is newer is not served", async () => {
    await using place = await versionsOf([1, 2]);
    await using service = await administered([place.models, "--version-policy", "specific(1)"], place);
    assert.deepEqual(await served(service), ["1"]);
    assert.equal((await service.ask()).version, "1");
  });

  test("that is none, or chooses what is not there, is said before it listens", async () => {
    await using place = await versionsOf([1]);
    assert.match((await serveFails([place.models, "--version-policy", "newest"])).stderr, /"SLOT_VERSION_POLICY"/);
    assert.match((await serveFails([place.models, "--version-policy", "specific(9)"])).stderr, /"SLOT_NO_VERSION"/);
    assert.match((await serveFails([linear, "--keep-versions", "-1"])).stderr, /--keep-versions must be/);
  });
});

describe("the admin port", () => {
  test("serves another version beside the one that answers, swaps it in without loading it, and takes one out", async () => {
    await using place = await versionsOf([1, 2, 3]);
    await using service = await administered([place.models, "--workers", "2"], place);
    assert.equal((await service.ask()).version, "3");
    for (const version of ["1", "2"]) {
      assert.equal((await service.admin("POST", "/models/ride/load", { version })).status, 200);
    }
    assert.deepEqual(await served(service), ["1", "2", "3"]);
    assert.equal((await service.ask()).version, "3");
    assert.deepEqual([await versionAt(service, "1"), await versionAt(service, "2")], [200, 200]);
    assert.equal((await service.admin("POST", "/models/ride/swap", { version: 1 })).json.version, "1");
    assert.equal((await service.ask()).version, "1");
    assert.equal(await versionAt(service, "3"), 200);
    assert.equal((await service.admin("POST", "/models/ride/unload", { version: "1" })).status, 200);
    assert.deepEqual(await served(service), ["2", "3"]);
    assert.equal((await service.ask()).version, "3");
    const gone = await service.admin("POST", "/models/ride/unload");
    assert.deepEqual([gone.json.ready, gone.json.version], [false, null]);
    assert.equal((await service.ask()).status, 503);
    await service.admin("POST", "/models/ride/load");
    assert.equal((await service.ask()).version, "3");
  });

  test("swaps another model in under a name of its own choice, and goes as far back as versions are kept", async () => {
    await using place = await folder();
    const { writeFile } = await import("node:fs/promises");
    for (const minutes of [5, 6, 7]) await writeFile(`${place.path}/m${minutes}.bin`, await rideModel(minutes));
    await using service = await administered([linear, "--workers", "2", "--keep-versions", "2"], place);
    const { minutes: before } = await service.ask();
    for (const minutes of [5, 6, 7]) {
      const body = { model: `${place.path}/m${minutes}.bin`, version: minutes };
      const { status, text } = await service.admin("POST", "/models/lin_reg/swap", body);
      assert.equal(status, 200, text);
      const answer = await service.ask();
      assert.equal(answer.version, String(minutes));
      assert.ok(Math.abs(answer.minutes - before - minutes) < 1e-9);
    }
    // What the announcement would say now.
    assert.deepEqual((await service.admin("GET", "/models/lin_reg")).json.previous, ["5", "6"]);
    const loads = async (): Promise<number> => (await service.admin("GET", "/state")).json.workers.length;
    assert.equal(await loads(), 2);
    // The files are gone: nothing could be loaded.
    for (const minutes of [5, 6, 7]) await rm(`${place.path}/m${minutes}.bin`);
    await rm(`${service.home}/graphs`, { recursive: true, force: true });
    for (const version of ["6", "5"]) {
      const { json, text, status } = await service.admin("POST", "/models/lin_reg/rollback");
      assert.deepEqual([status, json.version], [200, version], text);
      assert.equal((await service.ask()).version, version);
    }
    assert.equal((await service.admin("POST", "/models/lin_reg/rollback")).json.code, "SLOT_NO_PREVIOUS");
  });

  test("goes back in a worker that took the place of a killed one too, though the file is gone", async () => {
    await using place = await folder();
    const { writeFile } = await import("node:fs/promises");
    for (const minutes of [0, 5]) await writeFile(`${place.path}/m${minutes}.bin`, await rideModel(minutes));
    await using service = await administered([`${place.path}/m0.bin`, "--workers", "2"], place);
    const before = await service.ask(undefined, "m0");
    // Though the file was written just before the start, and is looked at again.
    await service.admin("POST", "/models/m0/swap", { model: `${place.path}/m5.bin`, version: "2" });
    const victim = service.pids[0] ?? 0;
    process.kill(victim, "SIGKILL");
    await until(async () => {
      const { workers } = (await service.admin("GET", "/state")).json;
      const ready = workers.filter(({ state }: { state: string }) => state === "ready");
      return ready.length === 2 && ready.every(({ pid }: { pid: number }) => pid !== victim);
    }, "a new worker");
    for (let each = 0; each < 8; each++) assert.equal((await service.ask()).version, "2");
    await rm(`${place.path}/m0.bin`);
    const back = await service.admin("POST", "/models/m0/rollback");
    assert.deepEqual([back.status, back.json.version], [200, "1"], back.text);
    for (let each = 0; each < 8; each++) assert.equal((await service.ask()).minutes, before.minutes);
  });

  test("runs no code of a folder that is named as a model", async () => {
    await using place = await folder();
    const marker = `${place.path}/ran`;
    const module = `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(marker)}, "");`;
    await place.write("deployment.mjs", definition({ module }));
    await using service = await administered([linear], place);
    const { status } = await service.admin("POST", "/models/lin_reg/swap", { model: place.path, version: "2" });
    assert.ok(status >= 400);
    const { existsSync } = await import("node:fs");
    assert.equal(existsSync(marker), false);
    assert.equal((await service.ask()).status, 200);
  });

  test("exchanges the model behind a definition, whose features stay", async () => {
    await using place = await folder();
    const { writeFile } = await import("node:fs/promises");
    await writeFile(`${place.path}/next.bin`, await rideModel(100));
    await place.write("deployment.mjs", definition());
    await using service = await administered([place.path, "--workers", "2"], place);
    const ask = async (): Promise<number> => {
      const body = { PULocationID: 130, DOLocationID: 205, trip_distance: 3.66 };
      return (await call(service.port, "/predict", { method: "POST", body })).json.duration;
    };
    const before = await ask();
    const body = { model: `${place.path}/next.bin`, version: "2" };
    assert.equal((await service.admin("POST", "/models/ride/swap", body)).status, 200);
    assert.ok(Math.abs((await ask()) - before - 100) < 1e-9);
    // An edited definition is code: all workers are exchanged, and a challenger is read with it.
    await service.admin("PUT", "/models/ride/shadow", { model: linear, version: "1" });
    await place.write("deployment.mjs", definition({ output: "raw.predict * 2" }));
    await until(async () => Math.abs((await ask()) - 2 * (before + 100)) < 1e-6, "the edited definition");
    const { json } = await service.admin("GET", "/models/ride");
    assert.deepEqual([json.version, json.shadow.version], ["2", "1"]);
    const { workers } = (await service.admin("GET", "/state")).json;
    const ready = workers.filter(({ state }: { state: string }) => state === "ready");
    assert.ok(ready.every(({ versions }: { versions: unknown[] }) => versions.length === 2));
  });
});

test("without --admin-port nothing is opened, and no token is made", async () => {
  await using place = await folder();
  await using service = await serve([linear, "--home", place.path]);
  assert.equal(service.adminPort, null);
  const { existsSync } = await import("node:fs");
  assert.equal(existsSync(`${place.path}/admin.token`), false);
  assert.equal((await call(service.port, "/predict", { method: "POST", body: features })).status, 200);
});
