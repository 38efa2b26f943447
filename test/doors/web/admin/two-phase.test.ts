// All workers switch or none does: a version that one of them refuses, or that ends one of them, is served by nobody.
import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { rideModel } from "../../../serving/slot/fixtures.ts";
import { definition, type Folder, folder, linear, load, row, until } from "../fleet/fixtures.ts";
import { type Administered, administered, call } from "./fixtures.ts";

/** A definition that misbehaves in the first worker that makes `claim`, once `order` is there: only while a version is verified by its example. */
function moody(place: string, does: string): string {
  const module = `
import { existsSync, mkdirSync } from "node:fs";
let isChosen = false;
try { if (process.send && process.argv[1].includes("worker")) { mkdirSync(${JSON.stringify(`${place}/claim`)}); isChosen = true; } } catch {}
`;
  const features = `if (isChosen && ride.trip_distance === 41 && existsSync(${JSON.stringify(`${place}/order`)})) { ${does} }`;
  const example = `  examples: [{ input: ${JSON.stringify({ ...row, trip_distance: 41 })} }],\n});`;
  return definition({ module, features }).replace(/\}\);\s*$/, `${example}\n`);
}

async function prepared(does: string): Promise<Folder> {
  const place = await folder();
  await place.write("deployment.mjs", moody(place.path, does));
  await writeFile(`${place.path}/next.bin`, await rideModel(50));
  return place;
}

interface Shown {
  readonly pid: number;
  readonly state: string;
  readonly versions: readonly { readonly version: string; readonly role: string }[];
}

async function workersOf(service: Administered): Promise<readonly Shown[]> {
  return (await service.admin("GET", "/state")).json.workers;
}

async function assertOnlyOld(service: Administered): Promise<void> {
  const { json } = await service.admin("GET", "/models/ride");
  assert.deepEqual([json.version, json.previous, json.ready], ["1", [], true]);
  for (const { versions } of await workersOf(service)) {
    assert.deepEqual(
      versions.map(({ version, role }) => `${version} ${role}`),
      ["1 champion"],
    );
  }
}

const minutes = async ({ port }: Administered): Promise<number> =>
  (await call(port, "/predict", { method: "POST", body: row })).json.duration;

describe("a version that is loaded by all workers or by none", () => {
  test("is dropped by all when one refuses it, with the reason in the answer, the log, the metric and the index", async () => {
    await using place = await prepared('throw new TypeError("not today")');
    await using service = await administered([place.path, "--workers", "3"], place);
    const before = await minutes(service);
    await place.write("order", "");
    const swap = { model: `${place.path}/next.bin`, version: "2" };
    const refused = await service.admin("POST", "/models/ride/swap", swap);
    await rm(`${place.path}/order`);
    assert.deepEqual([refused.status, refused.json.code], [422, "CHECK_FAILED"], refused.text);
    await assertOnlyOld(service);
    assert.deepEqual((await workersOf(service)).map(({ pid }) => pid).sort(), [...service.pids].sort());
    for (let each = 0; each < 12; each++) assert.equal(await minutes(service), before);
    await service.says(/swap ride.*CHECK_FAILED/);
    const index = await call(service.port, "/v2/repository/index", { method: "POST" });
    assert.match(index.json[0].reason, /version 2 was refused/);
    assert.match((await call(service.port, "/metrics")).text, /swaps_total\{[^}]*result="refused"[^}]*\} 1/);
    // As soon as nobody refuses it all of them have it.
    assert.equal((await service.admin("POST", "/models/ride/swap", swap)).status, 200);
    for (let each = 0; each < 12; each++) assert.ok(Math.abs((await minutes(service)) - before - 50) < 1e-9);
    const healed = await call(service.port, "/v2/repository/index", { method: "POST" });
    assert.equal(healed.json[0].reason, "");
  });

  test("is dropped by all when it ends one of them, and the worker that takes its place has the old one", async () => {
    await using place = await prepared('process.kill(process.pid, "SIGKILL")');
    await using service = await administered([place.path, "--workers", "2"], place);
    const running = load(service.port, 4);
    await until(() => running.answered > 20, "answers");
    await place.write("order", "");
    const shadow = { model: `${place.path}/next.bin`, version: "2" };
    // A shadow too is there in all of them or in none; serving it calls nothing that ends a worker.
    const refused = await service.admin("PUT", "/models/ride/shadow", shadow);
    await rm(`${place.path}/order`);
    assert.deepEqual([refused.status, refused.json.code], [503, "WORKER_ENDED"], refused.text);
    await until(
      async () => (await workersOf(service)).filter(({ state }) => state === "ready").length === 2,
      "a new worker",
    );
    await running.stop();
    await assertOnlyOld(service);
    // What the ended worker was answering is lost, and nothing else.
    assert.ok(running.failures.length <= 4, running.failures.join(" "));
  });

  test("is refused by all where it is corrupt, or does not fit the callers of the old one", async () => {
    await using place = await folder();
    await place.write("broken.bin", "this is no model");
    const other = Buffer.from(await rideModel(0))
      .toString("latin1")
      .replaceAll("trip_distance", "trip_distanze");
    await writeFile(`${place.path}/other.bin`, other, "latin1");
    await using service = await administered([linear, "--workers", "2"], place);
    const before = await service.ask();
    for (const [file, code] of [
      ["broken.bin", /^(FORMAT|PICKLE)_/],
      ["other.bin", /^SLOT_INCOMPATIBLE$/],
      ["nowhere.bin", /^FILE_NOT_FOUND$/],
    ] as const) {
      for (const [method, path] of [
        ["POST", "swap"],
        ["PUT", "shadow"],
        ["PUT", "canary"],
      ] as const) {
        const share = path === "canary" ? { share: 0.5 } : {};
        const body = { model: `${place.path}/${file}`, version: "2", ...share };
        const { status, json, text } = await service.admin(method, `/models/lin_reg/${path}`, body);
        assert.ok(status >= 400 && status < 500, text);
        assert.match(json.code, code);
      }
    }
    // Beside what answers it may be served, to whoever asks for it; but not become what answers all others.
    const beside = { model: `${place.path}/other.bin`, version: "7" };
    assert.equal((await service.admin("POST", "/models/lin_reg/load", beside)).json.version, "1");
    const swapped = await service.admin("POST", "/models/lin_reg/swap", { version: "7" });
    assert.deepEqual([swapped.status, swapped.json.code], [409, "SLOT_INCOMPATIBLE"]);
    await service.admin("POST", "/models/lin_reg/unload", { version: "7" });
    const { json } = await service.admin("GET", "/models/lin_reg");
    assert.deepEqual([json.version, json.versions.length, json.shadow, json.canary], ["1", 1, null, null]);
    assert.deepEqual(await service.ask(), before);
    for (const { versions } of await workersOf(service)) assert.equal(versions.length, 1);
  });
});
