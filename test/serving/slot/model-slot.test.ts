// Versions of the worked example's model exchanged under calls; what is refused, and why.
import assert from "node:assert/strict";
import { readFile, truncate } from "node:fs/promises";
import { describe, it } from "node:test";
import { isTrimaranError } from "../../../src/base/errors.ts";
import { prepareTarget } from "../../../src/serving/slot/prepare-target.ts";
import type { AnsweredEvent } from "../../../src/serving/slot/slot-event.ts";
import { features, folder, openCatalog, ride, rideFolder, rideModel, settled } from "./fixtures.ts";

const base = 15.691732237505335;
const duration = (answers: { value(row: number): Readonly<Record<string, unknown>> }, row = 0): number =>
  (answers.value(row)["duration"] ?? answers.value(row)["predict"]) as number;
const near = (one: number, other: number): boolean => Math.abs(one - other) < 1e-6;

describe("a model slot", () => {
  it("answers every call of a stream with one version while versions are exchanged", async () => {
    await using made = await folder();
    const requests = [];
    for (const version of ["1", "2", "3"]) {
      const target = await made.write(`ride/${version}/model.bin`, await rideModel(100 * Number(version)));
      requests.push({ target, name: "ride", version, lane: "ride" });
    }
    const [first, ...later] = await Promise.all(requests.map((request) => prepareTarget(request)));
    await using opened = await openCatalog([first!]);
    const service = opened.catalog.find("ride")!;
    let ended = false;
    const seen = new Set<string>();
    const caller = async (): Promise<void> => {
      while (!ended) {
        const answers = await service.answer([features, features, features]);
        assert.deepEqual(answers.issues, []);
        const minutes = 100 * Number(answers.modelVersion);
        for (let row = 0; row < 3; row++) assert.ok(near(duration(answers, row), base + minutes));
        seen.add(String(answers.modelVersion));
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const callers = Array.from({ length: 8 }, caller);
    for (const plan of [...later, first!, ...later]) await opened.catalog.apply(plan);
    ended = true;
    await Promise.all(callers);
    assert.deepEqual([...seen].sort(), ["1", "2", "3"]);
    assert.deepEqual(opened.catalog.versions("ride"), ["3"]);
    assert.equal(
      opened.catalog.counts().reduce((sum, { errors }) => sum + errors, 0),
      0,
    );
  });

  it("finishes what an old version began before it is freed", async () => {
    await using made = await rideFolder();
    const plan = await prepareTarget({ target: made.path });
    await using opened = await openCatalog([plan], { keep: 0 });
    const service = opened.catalog.find()!;
    const pending = service.answer(Array.from({ length: 2000 }, () => ride));
    await opened.catalog.apply(plan);
    assert.equal((await pending).rowCount, 2000);
    await settled();
    assert.deepEqual(opened.kinds().slice(-3), ["swapped 1", "unloaded 1", "freed 1"]);
  });

  it("goes on with the old version when the new file is corrupt, and says why", async () => {
    await using made = await rideFolder();
    const plan = await prepareTarget({ target: made.path });
    await using opened = await openCatalog([plan]);
    await truncate(made.at("lin_reg.bin"), 100_000);
    await assert.rejects(opened.catalog.load("ride-duration"), isTrimaranError);
    assert.match(opened.catalog.statuses()[0]?.reason ?? "", /^a newer version was refused: .+/);
    await assert.rejects(opened.catalog.apply(plan), isTrimaranError);
    assert.ok(near(duration(await opened.catalog.find()!.answer([ride])), base));
    const [status] = opened.catalog.statuses();
    assert.equal(status?.state, "READY");
    assert.match(status?.reason ?? "", /version 1 was refused: .+/);
    assert.equal(opened.catalog.ready, true);
    assert.equal(opened.events.at(-1)?.kind, "refused");
  });

  it("refuses a model that changed since it was prepared", async () => {
    await using made = await rideFolder();
    const plan = await prepareTarget({ target: made.path });
    await using opened = await openCatalog([plan]);
    await made.write("lin_reg.bin", await rideModel(5));
    await assert.rejects(opened.catalog.apply(plan), { code: "SLOT_CHANGED" });
    assert.ok(near(duration(await opened.catalog.find()!.answer([ride])), base));
    await opened.catalog.load("ride-duration");
    assert.ok(near(duration(await opened.catalog.find()!.answer([ride])), base + 5));
    assert.equal(opened.catalog.statuses()[0]?.reason, "");
  });

  it("refuses a model that does not know a feature that the definition gives", async () => {
    await using made = await rideFolder();
    const plan = await prepareTarget({ target: made.path });
    await using opened = await openCatalog([plan]);
    const text = Buffer.from(await rideModel())
      .toString("latin1")
      .replaceAll("trip_distance", "trap_distance");
    await made.write("lin_reg.bin", Buffer.from(text, "latin1"));
    await assert.rejects(prepareTarget({ target: made.path }), (error) => {
      assert.ok(isTrimaranError(error));
      assert.equal(error.code, "CHECK_FAILED");
      assert.deepEqual(error.issues.map(({ code }) => code).sort(), ["missing_feature", "unknown_feature"]);
      return true;
    });
    // A worker that is told to all the same refuses it by itself.
    const other = await prepareTarget({ target: made.at("lin_reg.bin") });
    await assert.rejects(opened.catalog.apply({ ...plan, modelDigest: other.modelDigest }), { code: "CHECK_FAILED" });
    assert.match(opened.catalog.statuses()[0]?.reason ?? "", /trip_distance/);
    assert.ok(near(duration(await opened.catalog.find()!.answer([ride])), base));
  });

  it("refuses a model that answers an example otherwise than was recorded for it", async () => {
    await using made = await rideFolder();
    const plan = await prepareTarget({ target: made.path });
    await using opened = await openCatalog([plan]);
    const text = await readFile(made.at("deployment.ts"), "utf8");
    await made.write(
      "deployment.ts",
      text.replace("trip_distance: 3.66 } }", "trip_distance: 3.66 }, output: { duration: 1 } }"),
    );
    await assert.rejects(opened.catalog.load("ride-duration"), { code: "CHECK_FAILED" });
    assert.ok(near(duration(await opened.catalog.find()!.answer([ride])), base));
  });

  it("refuses a definition that lost an input or output field, unless that is allowed", async () => {
    await using made = await rideFolder();
    const text = await readFile(made.at("deployment.ts"), "utf8");
    const plan = await prepareTarget({ target: made.path });
    await using opened = await openCatalog([plan]);
    await made.write("deployment.ts", text.replace("output: { duration", "output: { minutes"));
    const renamed = await prepareTarget({ target: made.path });
    await assert.rejects(opened.catalog.apply(renamed), { code: "SLOT_INCOMPATIBLE" });
    assert.match(opened.catalog.statuses()[0]?.reason ?? "", /no output field duration/);
    await using open = await openCatalog([renamed], { allowIncompatible: true });
    await made.write("deployment.ts", text);
    await open.catalog.apply(await prepareTarget({ target: made.path }));
    assert.ok(near(duration(await open.catalog.find()!.answer([ride])), base));
  });

  it("serves what was asked for last when two loads run at once", async () => {
    await using made = await folder();
    const plans = [];
    for (const version of ["1", "2", "3"]) {
      const target = await made.write(`${version}/model.bin`, await rideModel(Number(version)));
      plans.push(await prepareTarget({ target, name: "ride", version, lane: "ride" }));
    }
    await using opened = await openCatalog([plans[0]!], { keep: 0 });
    const ended = await Promise.allSettled(plans.slice(1).map((plan) => opened.catalog.apply(plan)));
    assert.deepEqual(opened.catalog.versions("ride"), ["3"]);
    for (const result of ended) {
      if (result.status === "rejected") assert.equal(result.reason.code, "SLOT_SUPERSEDED");
    }
    assert.equal(ended[1]?.status, "fulfilled");
    await settled();
    assert.equal(opened.events.filter(({ kind }) => kind === "freed").length, 2);
  });

  it("rolls back at once, and as far as versions are kept", async () => {
    await using made = await folder();
    const plans = [];
    for (const version of ["1", "2"]) {
      const target = await made.write(`${version}/model.bin`, await rideModel(Number(version)));
      plans.push(await prepareTarget({ target, name: "ride", version, lane: "ride" }));
    }
    await using opened = await openCatalog([plans[0]!]);
    await opened.catalog.apply(plans[1]!);
    opened.catalog.rollback("ride");
    const answers = await opened.catalog.find()!.answer([features]);
    assert.ok(near(duration(answers), base + 1));
    assert.equal(answers.modelVersion, "1");
    assert.throws(() => opened.catalog.rollback("ride"), { code: "SLOT_NO_PREVIOUS" });
  });

  it("unloads and loads again, and keeps the name meanwhile", async () => {
    await using made = await rideFolder();
    await using opened = await openCatalog([{ target: made.path }]);
    const held = opened.catalog.find()!;
    await opened.catalog.unload("ride-duration");
    await settled();
    assert.equal(opened.catalog.find(), undefined);
    assert.deepEqual(opened.catalog.names, ["ride-duration"]);
    assert.deepEqual(opened.catalog.statuses(), [
      { name: "ride-duration", version: "1", state: "UNAVAILABLE", reason: "unloaded" },
    ]);
    await assert.rejects(held.answer([ride]), { code: "SERVICE_NOT_READY" });
    await assert.rejects(opened.catalog.load("other"), { code: "REQUEST_NO_SERVICE" });
    await opened.catalog.load("ride-duration");
    assert.ok(near(duration(await held.answer([ride])), base));
  });

  it("stays unloaded when it is unloaded while a version loads, and frees that version", async () => {
    await using made = await rideFolder();
    const plan = await prepareTarget({ target: made.path });
    await using opened = await openCatalog([plan]);
    const loading = opened.catalog.apply(plan);
    assert.deepEqual(
      opened.catalog.statuses().map(({ state }) => state),
      ["READY"],
    );
    opened.catalog.unloadHere("ride-duration");
    assert.deepEqual(
      opened.catalog.statuses().map(({ state }) => state),
      ["LOADING"],
    );
    await assert.rejects(loading, { code: "SLOT_SUPERSEDED" });
    await settled();
    assert.equal(opened.catalog.find(), undefined);
    assert.equal(opened.events.filter(({ kind }) => kind === "freed").length, 2);
    assert.equal(opened.catalog.ready, true);
  });

  it("does not tell of an earlier load's failure once a later one serves", async () => {
    await using made = await folder();
    const target = await made.write("1/model.bin", await rideModel());
    const plan = await prepareTarget({ target, name: "ride", version: "1", lane: "ride" });
    await using opened = await openCatalog([plan]);
    const slow = opened.catalog.apply({ ...plan, version: "2", modelDigest: "sha256:other" });
    const fast = opened.catalog.apply(plan);
    await Promise.allSettled([slow, fast]);
    await opened.catalog.apply(plan);
    assert.equal(opened.catalog.statuses()[0]?.reason, "");
  });

  it("tells listeners of every answer, and survives one that throws", async () => {
    await using made = await rideFolder();
    await using opened = await openCatalog([{ target: made.path }]);
    const heard: AnsweredEvent[] = [];
    const warned = new Promise((resolve) => process.once("warning", resolve));
    using _broken = opened.catalog.onAnswered(() => {
      throw new Error("disk full");
    });
    {
      using _ = opened.catalog.onAnswered((event) => heard.push(event));
      await opened.catalog.find()!.answer([ride], { id: "a" });
      assert.match(String(await warned), /disk full/);
    }
    await opened.catalog.find()!.answer([ride], { id: "b" });
    assert.deepEqual(
      heard.map(({ role, version, options }) => [role, version, options.id]),
      [["champion", "1", "a"]],
    );
    assert.deepEqual(
      opened.catalog.counts().map(({ calls, errors }) => [calls, errors]),
      [[2, 0]],
    );
  });
});
