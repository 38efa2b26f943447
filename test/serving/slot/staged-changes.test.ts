// Changes in two steps: loaded beside what serves, then made in one turn, or taken back.
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { describe, it } from "node:test";
import { prepareTarget } from "../../../src/serving/slot/prepare-target.ts";
import type { ServingChange } from "../../../src/serving/slot/serving-change.ts";
import type { TargetPlan } from "../../../src/serving/slot/target-plan.ts";
import { type Folder, features, folder, openCatalog, rideModel, settled } from "./fixtures.ts";

async function planOf(made: Folder, version: string, lane = "ride"): Promise<TargetPlan> {
  const target = await made.write(`${version}/model.bin`, await rideModel(Number(version)));
  return prepareTarget({ target, name: "ride", version, lane });
}

const apply = (plan: TargetPlan): ServingChange => ({ kind: "apply", plan, isAccepted: false });

describe("a staged change", () => {
  it("changes nothing until it is made, and then reads no file", async () => {
    await using made = await folder();
    const [first, second] = [await planOf(made, "1"), await planOf(made, "2")];
    await using opened = await openCatalog([first]);
    const { catalog } = opened;
    await catalog.stage([apply(second)]);
    assert.deepEqual(catalog.versions("ride"), ["1"]);
    assert.equal((await catalog.find()!.answer([features])).modelVersion, "1");
    await rm(made.at("2"), { recursive: true });
    await catalog.commit([apply(second)]);
    assert.equal((await catalog.find()!.answer([features])).modelVersion, "2");
    // What served before is kept, and goes back without its file.
    await rm(made.at("1"), { recursive: true });
    await catalog.stage([{ ...apply(first), isAccepted: true } as ServingChange]);
    await catalog.commit([apply(first)]);
    assert.equal((await catalog.find()!.answer([features])).modelVersion, "1");
  });

  it("that is taken back frees what it loaded, and leaves no name behind", async () => {
    await using made = await folder();
    const first = await planOf(made, "1");
    const other = { ...(await planOf(made, "2", "other")), name: "other" };
    await using opened = await openCatalog([first]);
    await opened.catalog.stage([apply(await planOf(made, "3")), apply(other)]);
    opened.catalog.unstage();
    await settled();
    assert.deepEqual(opened.catalog.names, ["ride"]);
    assert.deepEqual(opened.catalog.counts().length, 1);
    const kinds = opened.kinds();
    assert.ok(kinds.includes("freed 3") && kinds.includes("freed 2"), kinds.join());
    assert.equal(opened.catalog.ready, true);
  });

  it("makes of a canary what serves without loading it, and takes it off the share", async () => {
    await using made = await folder();
    const [first, second] = [await planOf(made, "1"), await planOf(made, "2")];
    await using opened = await openCatalog([first]);
    const { catalog } = opened;
    const face = { name: "ride", lane: "ride" } as const;
    await catalog.commit([{ kind: "canary", ...face, canary: { plan: second, share: 1 } }]);
    assert.deepEqual(catalog.versions("ride"), ["1", "2"]);
    assert.equal((await catalog.labelled("ride", "canary")!.answer([features])).modelVersion, "2");
    assert.equal((await catalog.labelled("ride", "stable")!.answer([features])).modelVersion, "1");
    assert.equal((await catalog.find("ride", "2")!.answer([features])).modelVersion, "2");
    const loads = opened.kinds().filter((kind) => kind.startsWith("loading")).length;
    const changes: ServingChange[] = [apply(second), { kind: "canary", ...face, canary: null }];
    await catalog.stage(changes);
    await catalog.commit(changes);
    assert.equal(opened.kinds().filter((kind) => kind.startsWith("loading")).length, loads);
    assert.deepEqual(
      catalog.counts().map(({ version, role }) => `${version} ${role}`),
      ["2 champion", "1 champion"],
    );
    assert.equal(catalog.labelled("ride", "canary"), undefined);
  });

  it("lets nothing answer for a name that its callers cannot ask", async () => {
    await using made = await folder();
    const first = await planOf(made, "1");
    const bytes = Buffer.from(await rideModel(0))
      .toString("latin1")
      .replaceAll("trip_distance", "trip_distanze");
    const target = await made.write("2/model.bin", Buffer.from(bytes, "latin1"));
    const unfit = await prepareTarget({ target, name: "ride", version: "2", lane: "beside" });
    await using opened = await openCatalog([first]);
    const { catalog } = opened;
    // The newest would answer.
    await assert.rejects(catalog.stage([apply(unfit)]), { code: "SLOT_INCOMPATIBLE" });
    catalog.unstage();
    const choose = (lane: string): ServingChange => ({ kind: "choose", name: "ride", lane, isAccepted: false });
    const beside = [apply(unfit), choose("ride")];
    await catalog.stage(beside);
    await catalog.commit(beside);
    assert.deepEqual(catalog.versions("ride"), ["1", "2"]);
    await assert.rejects(catalog.stage([choose("beside")]), { code: "SLOT_INCOMPATIBLE" });
    await catalog.stage([{ kind: "choose", name: "ride", lane: "beside", isAccepted: true }]);
  });
});
