// `serve`, `promote` and `rollback` as processes against the real `mlflow server`: aliases that move under load, versions that do
// not fit or are deleted, runs, and a server that is killed.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { makePythonEnvironment } from "../../../scripts/python-environment.ts";
import { openTrackingClient } from "../../../src/loaders/mlflow/tracking.ts";
import { endpointTable } from "../../../src/mlflow/endpoint-table.ts";
import type { RequestInput } from "../../../src/mlflow/wire/endpoint.ts";
import { call } from "../../doors/web/admin/fixtures.ts";
import { peers } from "./environments.ts";
import { type RealServer, realServer } from "./real-server.ts";
import { ask, load, openPlace, type Place, until } from "./ride.ts";

/** Of the row that `ask` sends: the slope of each version times 2, plus 1. */
const durations = { "1": 5, "2": 7, "3": 9 };
const uri = "models:/ride@champion";
const poll = ["--poll-interval", "500ms"];

for (const pins of peers) {
  const python = await makePythonEnvironment(pins).catch(() => undefined);
  const skip = python === undefined ? `the Python environment ${pins.name} cannot be installed` : false;
  describe(`with ${pins.name}`, { skip, timeout: 600_000 }, () => {
    test("a registry's models are served, exchanged and kept", async (t) => {
      await using server = await realServer(python ?? "", { script: "ride_models.py" });
      await using place = await openPlace(server.url);
      await t.test("a run is served by its ID, also as two artifacts", () => servesByRun(server, place));
      await t.test("promote refuses what does not fit and keeps a record; rollback uses it", () =>
        promotes(server, place),
      );
      await t.test("a moved alias is served within the interval, with no failed request", () =>
        movesUnderLoad(server, place),
      );
      await t.test("an operator names versions by number; an alias that moves to the canary makes it what serves", () =>
        operatesByNumber(server, place),
      );
      await t.test("--pin keeps the version, and a killed worker's successor opens it too", () =>
        keepsPinned(server, place),
      );
      await t.test("without the server it answers on, starts from the cache, or refuses to", () =>
        goesAway(server, place),
      );
    });
  });
}

async function moveAlias({ url, folder }: RealServer, version: string): Promise<void> {
  const request = { name: "ride", alias: "champion", version };
  const tracking = await openTrackingClient({ env: { MLFLOW_TRACKING_URI: url, HOME: folder } });
  await tracking.client.call(
    endpointTable.setRegisteredModelAlias,
    request satisfies RequestInput<typeof endpointTable.setRegisteredModelAlias>,
  );
  tracking.close();
}

function runsOf({ logged }: RealServer): readonly string[] {
  return (logged as unknown as { readonly runs: readonly string[] }).runs;
}

async function servesByRun(server: RealServer, place: Place): Promise<void> {
  const [first = "", second = ""] = runsOf(server);
  const file = await place.define("by-run", "./nothing.bin");
  await using running = await place.serve([file], { RUN_ID: second });
  const { duration, model_version } = await ask(running);
  assert.equal(model_version, second);
  assert.ok(Math.abs(duration - 7) < 1e-6);
  const parts = await place.define("parts", '["runs:/$RUN_ID/dict_vectorizer.bin", "runs:/$RUN_ID/bare"]');
  await using older = await place.serve([parts], { RUN_ID: first });
  const answer = await ask(older);
  assert.equal(answer.model_version, first);
  assert.ok(Math.abs(answer.duration - 5) < 1e-6);
}

async function promotes(server: RealServer, place: Place): Promise<void> {
  const file = await place.define("promoted", uri);
  const unfit = await place.cli(["promote", "ride", "4", "--deployment", file, "--json"]);
  assert.equal(unfit.code, 1, unfit.stderr);
  assert.match(unfit.stderr, /PROMOTE_UNFIT/);
  const early = await place.cli(["rollback", "ride"]);
  assert.match(early.stderr, /no record/);
  const done = await place.cli(["promote", "ride", "2", "--deployment", file, "--why", "better é", "--json"]);
  assert.equal(done.code, 0, done.stderr);
  const { moved, from } = JSON.parse(done.stdout) as { moved: boolean; from: string };
  assert.deepEqual([moved, from], [true, "1"]);
  const again = await place.cli(["promote", "ride", "2"]);
  assert.match(again.stdout, /already/);
  const tracking = await openTrackingClient({ env: { MLFLOW_TRACKING_URI: server.url, HOME: place.path } });
  const { model_version } = await tracking.client.call(endpointTable.getModelVersion, { name: "ride", version: "2" });
  tracking.close();
  const tags = Object.fromEntries((model_version?.tags ?? []).map(({ key = "", value = "" }) => [key, value]));
  assert.equal(tags["trimaran.promotion.champion.by"], "ada");
  assert.equal(tags["trimaran.promotion.champion.why"], "better é");
  assert.equal(tags["trimaran.promotion.champion.from"], "1");
  assert.ok(!Number.isNaN(Date.parse(tags["trimaran.promotion.champion.at"] ?? "")));
  const back = await place.cli(["rollback", "ride", "--json"]);
  assert.deepEqual(JSON.parse(back.stdout), { name: "ride", alias: "champion", from: "2", version: "1" });
  assert.equal((await place.cli(["rollback", "ride"])).code, 1);
  for (const args of [
    ["promote", "none", "1"],
    ["promote", "ride", "99"],
    ["rollback", "none"],
    ["rollback", "ride", "--alias", "none"],
  ]) {
    const { code, stderr } = await place.cli(args);
    assert.equal(code, 1, args.join(" "));
    assert.match(stderr, /does not know|has no alias/);
  }
  const forced = await place.cli(["promote", "ride", "4", "--alias", "odd", "--deployment", file, "--force"]);
  assert.equal(forced.code, 0, forced.stderr);
}

async function movesUnderLoad(server: RealServer, place: Place): Promise<void> {
  const file = await place.define("moved", uri);
  await using running = await place.serve([file, ...poll, "--workers", "2"]);
  const calls = load(running, durations);
  await until(() => calls.answers > 20, "answers");
  assert.deepEqual([...calls.versions], ["1"]);
  await moveAlias(server, "2");
  await until(() => calls.versions.has("2"), "version 2");
  await running.says(/Loaded .*2/);
  // One that does not fit is refused with its reason, and the old one serves.
  await moveAlias(server, "4");
  await running.says(/OTHER|does not know the feature/);
  assert.equal((await ask(running)).model_version, "2");
  // It flaps, and comes to rest.
  for (const version of ["1", "3", "1", "2", "3"]) await moveAlias(server, version);
  await until(async () => (await ask(running)).model_version === "3", "version 3");
  await calls.stop();
  assert.deepEqual(calls.failures, []);
  await moveAlias(server, "1");
}

async function operatesByNumber(server: RealServer, place: Place): Promise<void> {
  const file = await place.define("operated", uri);
  const token = "an-operators-own-token";
  const args = [file, ...poll, "--workers", "2", "--admin-port", "0"];
  await using running = await place.serve(args, { TRIMARAN_ADMIN_TOKEN: token });
  const headers = { authorization: `Bearer ${token}` };
  const admin = (method: string, path: string, body?: unknown): ReturnType<typeof call> =>
    call(running.adminPort ?? 0, `/admin/models/ride-duration${path}`, { method, body, headers });
  const set = await admin("PUT", "/canary", { version: 2, share: 1 });
  assert.equal(set.status, 200, set.text);
  assert.equal((await ask(running)).model_version, "2");
  assert.equal((await admin("PUT", "/canary", { version: 4, share: 1 })).status, 422);
  await moveAlias(server, "2");
  await until(async () => (await admin("GET", "")).json.version === "2", "the alias");
  const { json } = await admin("GET", "");
  assert.deepEqual([json.canary, json.previous], [null, ["1"]]);
  const swapped = await admin("POST", "/swap", { version: "3" });
  assert.equal(swapped.json.version, "3", swapped.text);
  assert.ok(Math.abs((await ask(running)).duration - durations[3]) < 1e-6);
  assert.equal((await admin("POST", "/rollback")).json.version, "2");
  assert.equal((await ask(running)).model_version, "2");
  // What was gone back to follows its alias again.
  await moveAlias(server, "1");
  await until(async () => (await ask(running)).model_version === "1", "the alias again");
}

async function keepsPinned(server: RealServer, place: Place): Promise<void> {
  const file = await place.define("pinned", uri);
  await using running = await place.serve([file, ...poll, "--pin"]);
  assert.equal((await ask(running)).model_version, "1");
  await moveAlias(server, "2");
  process.kill(running.pids[0] ?? 0, "SIGKILL");
  await running.says(/replac|start|ended/i);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.equal((await ask(running)).model_version, "1");
}

async function goesAway(server: RealServer, place: Place): Promise<void> {
  const file = await place.define("gone", uri);
  await using running = await place.serve([file, ...poll]);
  assert.equal((await ask(running)).model_version, "2");
  await server.kill();
  await running.says(/New versions are not seen for now/);
  assert.equal((await ask(running)).model_version, "2");
  process.kill(running.pids[0] ?? 0, "SIGKILL");
  await until(async () => (await ask(running).catch(() => null))?.model_version === "2", "a new worker");
  await using cached = await place.serve([file, ...poll]);
  assert.equal((await ask(cached)).model_version, "2");
  assert.match(cached.stderr(), /is the copy of/);
  await assert.rejects(place.serve([file, "--require-tracking"]), /--require-tracking/);
  const { code } = await place.cli(["promote", "ride", "1"]);
  assert.equal(code, 75);
}
