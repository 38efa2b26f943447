// Shadow, canary, promotion and rollback, by the admin port, over real workers.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { stickyFraction } from "../../../../src/serving/slot/sticky-share.ts";
import { load, until } from "../fleet/fixtures.ts";
import { type Administered, addVersion, administered, call, features, versionsOf } from "./fixtures.ts";

interface Event {
  readonly id: string;
  readonly role: string;
  readonly models: readonly { readonly version: string }[];
  readonly output: { readonly predict: number };
}

async function events(home: string): Promise<readonly Event[]> {
  const root = `${home}/predictions`;
  const files = await readdir(root, { recursive: true }).catch(() => []);
  const texts = await Promise.all(
    files.filter((file) => file.endsWith(".ndjson")).map((file) => readFile(`${root}/${file}`, "utf8")),
  );
  const lines = texts.flatMap((text) => text.split("\n").slice(0, -1));
  return lines.map((line) => JSON.parse(line) as Event).filter(({ id }) => id !== undefined);
}

/** Of all workers. */
async function callsOf({ port }: Administered): Promise<Readonly<Record<string, number>>> {
  const { text } = await call(port, "/metrics");
  const found = text.matchAll(/^trimaran_version_calls_total\{([^}]*)\} (\d+)$/gm);
  const label = (labels: string, name: string): string => new RegExp(`${name}="([^"]*)"`).exec(labels)?.[1] ?? "";
  return Object.fromEntries(
    [...found].map(([, labels = "", count]) => [`${label(labels, "version")} ${label(labels, "role")}`, Number(count)]),
  );
}

const keys = Array.from({ length: 300 }, (_, index) => `user-${index}`);

async function versionsByKey(service: Administered): Promise<Readonly<Record<string, string>>> {
  const versions: Record<string, string> = {};
  for (const key of keys) versions[key] = (await service.ask(key)).version;
  return versions;
}

function expected(share: number, champion: string, challenger: string): Readonly<Record<string, string>> {
  return Object.fromEntries(keys.map((key) => [key, stickyFraction(key) < share ? challenger : champion]));
}

describe("a shadow", () => {
  test("gets a copy of every call: both answers are logged, only the champion's is given", async () => {
    await using place = await versionsOf([1, 2]);
    await using service = await administered([place.models, "--workers", "2", "--prediction-log"], place);
    // The newest serves.
    const shadow = await service.admin("PUT", "/models/ride/shadow", { version: 1 });
    assert.deepEqual([shadow.status, shadow.json.shadow.version, shadow.json.version], [200, "1", "2"]);
    const answers = [];
    for (const key of keys.slice(0, 20)) answers.push(await service.ask(key));
    assert.ok(answers.every(({ version, status }) => version === "2" && status === 200));
    await until(async () => (await events(service.home)).length === 40, "both to be logged");
    const logged = await events(service.home);
    for (const key of keys.slice(0, 20)) {
      const [champion, copy] = ["champion", "shadow"].map((role) =>
        logged.find((event) => event.id === key && event.role === role),
      );
      assert.equal(champion?.models[0]?.version, "2");
      assert.equal(copy?.models[0]?.version, "1");
      assert.ok(Math.abs((champion?.output.predict ?? 0) - (copy?.output.predict ?? 0) - 1) < 1e-9);
      assert.equal(champion?.output.predict, answers[0]?.minutes);
    }
    assert.deepEqual(await callsOf(service), { "2 champion": 20, "1 shadow": 20 });
    const off = await service.admin("DELETE", "/models/ride/shadow");
    assert.equal(off.json.shadow, null);
    await service.ask("user-0");
    assert.equal((await callsOf(service))["2 champion"], 21);
    assert.equal((await service.admin("GET", "/state")).json.workers[0].versions.length, 1);
  });

  test("that is the version which serves, or no version at all, is refused", async () => {
    await using place = await versionsOf([1]);
    await using service = await administered([place.models], place);
    const same = await service.admin("PUT", "/models/ride/shadow", { version: 1 });
    assert.deepEqual([same.status, same.json.code], [409, "ADMIN_SERVES"]);
    const none = await service.admin("PUT", "/models/ride/shadow", { version: 9 });
    assert.deepEqual([none.status, none.json.code], [404, "SLOT_NO_VERSION"]);
    assert.equal(
      (await service.admin("PUT", "/models/ride/shadow", { model: "/nowhere" })).json.code,
      "FILE_NOT_FOUND",
    );
    assert.equal((await service.admin("GET", "/models/ride")).json.statuses[0].reason, "");
  });
});

describe("a canary", () => {
  test("answers its share of the keys, the same in every worker; KServe's and OIP's paths lead to it", async () => {
    await using place = await versionsOf([1, 2]);
    await using service = await administered([place.models, "--workers", "2"], place);
    const set = await service.admin("PUT", "/models/ride/canary", { version: "1", share: 0.25 });
    assert.deepEqual([set.json.canary.version, set.json.canary.share], ["1", 0.25]);
    assert.deepEqual(await versionsByKey(service), expected(0.25, "2", "1"));
    // Growing it loads nothing and moves nobody back.
    await service.admin("PUT", "/models/ride/canary", { version: "1", share: 0.6 });
    assert.deepEqual(await versionsByKey(service), expected(0.6, "2", "1"));
    const counts = await callsOf(service);
    assert.equal((counts["2 champion"] ?? 0) + (counts["1 challenger"] ?? 0), 2 * keys.length);
    assert.ok((counts["1 challenger"] ?? 0) > 0);

    const body = { instances: [features] };
    const labelled = (label: string): ReturnType<typeof call> =>
      call(service.port, `/v1/models/ride/labels/${label}:predict`, { method: "POST", body });
    const [stable, canary] = [await labelled("stable"), await labelled("canary")];
    assert.deepEqual([stable.status, canary.status], [200, 200]);
    assert.ok(Math.abs(stable.json.predictions[0] - canary.json.predictions[0] - 1) < 1e-9);
    assert.equal((await labelled("other")).status, 404);
    const ready = await call(service.port, "/v2/models/ride/versions/1/ready");
    assert.equal(ready.status, 200);
    await service.admin("DELETE", "/models/ride/canary");
    assert.equal((await labelled("canary")).status, 404);
    assert.equal((await call(service.port, "/v2/models/ride/versions/1/ready")).status, 404);
    assert.deepEqual(await versionsByKey(service), expected(0, "2", "1"));
  });

  test("is there again in a worker that takes the place of a killed one, and may then be promoted and rolled back", async () => {
    await using place = await versionsOf([1, 2]);
    await using service = await administered([place.models, "--workers", "2"], place);
    await service.admin("PUT", "/models/ride/canary", { version: "1", share: 0.5 });
    const victim = service.pids[0] ?? 0;
    process.kill(victim, "SIGKILL");
    const workers = async (): Promise<
      readonly { pid: number; state: string; versions: { version: string; role: string }[] }[]
    > => (await service.admin("GET", "/state")).json.workers;
    await until(async () => {
      const now = await workers();
      return now.length === 2 && now.every(({ pid, state }) => pid !== victim && state === "ready");
    }, "a new worker");
    for (const { versions } of await workers()) {
      assert.deepEqual(versions.map(({ version, role }) => `${version} ${role}`).sort(), [
        "1 challenger",
        "2 champion",
      ]);
    }
    assert.deepEqual(await versionsByKey(service), expected(0.5, "2", "1"));

    const promoted = await service.admin("POST", "/models/ride/promote");
    assert.deepEqual([promoted.json.version, promoted.json.canary, promoted.json.previous], ["1", null, ["2"]]);
    assert.deepEqual(await versionsByKey(service), expected(0, "1", ""));
    const back = await service.admin("POST", "/models/ride/rollback");
    assert.deepEqual([back.json.version, back.json.previous], ["2", []]);
    assert.deepEqual(await versionsByKey(service), expected(0, "2", ""));
    assert.equal((await service.admin("POST", "/models/ride/rollback")).json.code, "SLOT_NO_PREVIOUS");
  });

  test("loses no request while it is set, promoted, rolled back and taken away under load", async () => {
    await using place = await versionsOf([1, 2]);
    await using service = await administered([place.models, "--workers", "2"], place);
    const running = load(service.port, 8, features);
    for (let round = 0; round < 4; round++) {
      for (const [method, path, body] of [
        ["PUT", "shadow", { version: 1 }],
        ["PUT", "canary", { version: 1, share: 0.5 }],
        ["POST", "promote", undefined],
        ["POST", "rollback", undefined],
        ["DELETE", "shadow", undefined],
      ] as const) {
        const { status, text } = await service.admin(method, `/models/ride/${path}`, body);
        assert.equal(status, 200, text);
      }
    }
    await running.stop();
    assert.deepEqual(running.failures, []);
    assert.ok(running.answered > 50);
    // Nothing is left of it but what serves and what is kept for a rollback.
    const { versions } = (await service.admin("GET", "/state")).json.workers[0];
    assert.ok(versions.length <= 2, JSON.stringify(versions));
  });

  test("stays through a reload, and through a new version of what serves", async () => {
    await using place = await versionsOf([1, 2]);
    await using service = await administered([place.models, "--workers", "2"], place);
    await service.admin("PUT", "/models/ride/canary", { version: "1", share: 0.5 });
    assert.equal((await service.admin("POST", "/reload")).status, 200);
    assert.deepEqual(await versionsByKey(service), expected(0.5, "2", "1"));
    await addVersion(place.models, 3);
    await until(async () => (await service.admin("GET", "/models/ride")).json.version === "3", "version 3");
    assert.deepEqual(await versionsByKey(service), expected(0.5, "3", "1"));
  });
});
