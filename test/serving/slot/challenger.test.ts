// Challengers: a shadow that gets copies, and a canary that answers a share.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { prepareTarget } from "../../../src/serving/slot/prepare-target.ts";
import type { AnsweredEvent } from "../../../src/serving/slot/slot-event.ts";
import { stickyFraction } from "../../../src/serving/slot/sticky-share.ts";
import type { TargetPlan } from "../../../src/serving/slot/target-plan.ts";
import { type Folder, features, folder, openCatalog, rideFolder, rideModel } from "./fixtures.ts";

async function twoVersions(made: Folder): Promise<readonly [TargetPlan, TargetPlan]> {
  const plan = async (version: string): Promise<TargetPlan> => {
    const target = await made.write(`${version}/model.bin`, await rideModel(Number(version)));
    return prepareTarget({ target, name: "ride", version, lane: "ride" });
  };
  return [await plan("1"), await plan("2")];
}

async function until(done: () => boolean): Promise<void> {
  const end = performance.now() + 30_000;
  while (!done()) {
    assert.ok(performance.now() < end, "it did not come");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe("a shadow", () => {
  it("gets a copy of the rows, and its answers are told but never given", async () => {
    await using made = await folder();
    const [first, second] = await twoVersions(made);
    await using opened = await openCatalog([first]);
    await opened.catalog.setShadow("ride", second);
    const heard: AnsweredEvent[] = [];
    using _ = opened.catalog.onAnswered((event) => heard.push(event));
    const answers = await opened.catalog.find()!.answer([features, features], { id: "call" });
    assert.equal(answers.modelVersion, "1");
    await until(() => heard.length === 2);
    assert.deepEqual(
      heard.map(({ role, version, options }) => [role, version, options.id]),
      [
        ["champion", "1", "call"],
        ["shadow", "2", "call"],
      ],
    );
    const [champion, shadow] = heard.map(({ answers }) => answers.record(1).output["predict"] as number);
    assert.ok(Math.abs(shadow! - champion! - 1) < 1e-9);
    await opened.catalog.setShadow("ride", null);
    await opened.catalog.find()!.answer([features]);
    assert.equal(heard.length, 3);
  });

  it("never delays or fails an answer, and drops what does not fit its queue", async () => {
    await using made = await folder();
    const [first, second] = await twoVersions(made);
    await using opened = await openCatalog([first]);
    await opened.catalog.setShadow("ride", second);
    const rows = Array.from({ length: 4000 }, () => features);
    const service = opened.catalog.find()!;
    const answers = await Promise.all([rows, rows, rows, rows].map((each) => service.answer(each)));
    assert.ok(answers.every(({ issues, modelVersion }) => issues.length === 0 && modelVersion === "1"));
    const counts = (): number => opened.catalog.counts().find(({ role }) => role === "shadow")?.calls ?? -1;
    await until(() => counts() === 2);
    assert.equal(opened.catalog.counts().find(({ role }) => role === "shadow")?.dropped, 2);
  });

  it("that does not load leaves everything as it is", async () => {
    await using made = await folder();
    const [first, second] = await twoVersions(made);
    await using opened = await openCatalog([first]);
    await made.write("2/model.bin", "broken");
    await assert.rejects(opened.catalog.setShadow("ride", second));
    assert.equal((await opened.catalog.find()!.answer([features])).modelVersion, "1");
    assert.equal(opened.events.at(-1)?.kind, "refused");
    assert.equal(opened.catalog.statuses()[0]?.reason, "");
    assert.throws(() => opened.catalog.promoteChallenger("ride"), { code: "SLOT_NO_CHALLENGER" });
  });
});

describe("a canary", () => {
  it("answers its share of the keys, each key always by the same version", async () => {
    await using made = await folder();
    const [first, second] = await twoVersions(made);
    await using opened = await openCatalog([first]);
    await opened.catalog.setCanary("ride", { plan: second, share: 0.2 });
    const service = opened.catalog.find()!;
    const versionOf = async (stickyKey: string): Promise<string | null> =>
      (await service.answer([features], { stickyKey })).modelVersion;
    const keys = Array.from({ length: 2000 }, (_, index) => `user-${index}`);
    const versions = await Promise.all(keys.map(versionOf));
    const share = versions.filter((version) => version === "2").length / keys.length;
    assert.ok(share > 0.17 && share < 0.23, String(share));
    assert.deepEqual(await Promise.all(keys.map(versionOf)), versions);
    // Who was in at 0.2 is in at 0.5, without loading it again.
    await opened.catalog.setCanary("ride", { plan: second, share: 0.5 });
    const wider = await Promise.all(keys.map(versionOf));
    assert.ok(versions.every((version, index) => version === "1" || wider[index] === "2"));
    assert.equal(opened.events.filter(({ kind }) => kind === "loading").length, 2);
    // Without a key or an id there is nothing to be sticky by.
    assert.equal((await service.answer([features])).modelVersion, "1");
  });

  it("keeps the rows of one key with one version where the definition names a key", async () => {
    await using made = await rideFolder();
    const text = await readFile(made.at("deployment.ts"), "utf8");
    await made.write(
      "deployment.ts",
      text.replace("  output:", "  key: (ride) => String(ride.PULocationID),\n  output:"),
    );
    const first = await prepareTarget({ target: made.path });
    await using opened = await openCatalog([first]);
    await made.write("lin_reg.bin", await rideModel(50));
    await opened.catalog.setCanary(first.name, { plan: await prepareTarget({ target: made.path }), share: 0.5 });
    const service = opened.catalog.find()!;
    let challenged = 0;
    for (let zone = 1; zone <= 60; zone++) {
      const row = { PULocationID: zone, DOLocationID: 7, trip_distance: 1 };
      const ask = async (id: string): Promise<unknown> => (await service.answer([row], { id })).value(0)["duration"];
      const [one, other] = [await ask("a"), await ask("b")];
      assert.equal(one, other);
      if ((one as number) > 50) challenged++;
    }
    assert.ok(challenged > 15 && challenged < 45, String(challenged));
    // A row that is no row has no key: whoever answers it says what is wrong with it.
    assert.equal((await service.answer([null], { id: "a" })).issues.length, 1);
  });

  it("is told as challenger, counted by itself, and promoted without a pause", async () => {
    await using made = await folder();
    const [first, second] = await twoVersions(made);
    await using opened = await openCatalog([first]);
    await opened.catalog.setCanary("ride", { plan: second, share: 1 });
    const roles: string[] = [];
    using _ = opened.catalog.onAnswered(({ role, version }) => roles.push(`${role} ${version}`));
    const service = opened.catalog.find()!;
    await service.answer([features], { id: "a" });
    opened.catalog.promoteChallenger("ride");
    await service.answer([features], { id: "a" });
    opened.catalog.rollback("ride");
    await service.answer([features], { id: "a" });
    assert.deepEqual(roles, ["challenger 2", "champion 2", "champion 1"]);
  });

  it("refuses a share that is none", async () => {
    await using made = await folder();
    const [first, second] = await twoVersions(made);
    await using opened = await openCatalog([first]);
    for (const share of [-0.1, 1.1, Number.NaN]) {
      await assert.rejects(opened.catalog.setCanary("ride", { plan: second, share }), { code: "SLOT_SHARE" });
    }
  });

  it("keeps to the same fractions in every process and release", () => {
    const fractions = ["", "a", "user-1", "Zürich"].map((key) => stickyFraction(key));
    assert.deepEqual(fractions, [0.6689221884589642, 0.5699745507445186, 0.23000054131262004, 0.3699486879631877]);
  });
});
