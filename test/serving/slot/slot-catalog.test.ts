// Names, lanes and versions of a catalog over slots.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import type { Answers } from "../../../src/serving/answers.ts";
import { openService } from "../../../src/serving/open-service.ts";
import type { PredictionService } from "../../../src/serving/prediction-service.ts";
import { expandTarget } from "../../../src/serving/slot/expand-target.ts";
import { LoadedVersion } from "../../../src/serving/slot/loaded-version.ts";
import { prepareTarget } from "../../../src/serving/slot/prepare-target.ts";
import type { TargetPlan } from "../../../src/serving/slot/target-plan.ts";
import { parseVersionPolicy } from "../../../src/serving/slot/version-policy.ts";
import { warmVersion } from "../../../src/serving/slot/warm-version.ts";
import { type Folder, features, folder, openCatalog, rideFolder, rideModel } from "./fixtures.ts";

async function versionsFolder(made: Folder, versions: readonly string[]): Promise<string> {
  for (const version of versions) await made.write(`ride/${version}/model.bin`, await rideModel(Number(version)));
  return made.at("ride");
}

describe("a slot catalog", () => {
  it("serves the newest of a folder of versions by number, under the folder's name", async () => {
    await using made = await folder();
    const target = await versionsFolder(made, ["9", "10"]);
    await made.write("ride/11/.model.bin.part", "on its way");
    await made.write("ride/notes/readme.txt", "no version");
    await using opened = await openCatalog([{ target }]);
    const service = opened.catalog.find("ride")!;
    assert.equal(service.model.version, "10");
    const answers = await service.answer([features]);
    assert.equal(answers.modelVersion, "10");
    assert.deepEqual(opened.catalog.versions("ride"), ["10"]);
    await versionsFolder(made, ["12"]);
    await opened.catalog.load("ride");
    assert.equal((await service.answer([features])).modelVersion, "12");
  });

  it("serves several versions beside one another, the newest without a version", async () => {
    await using made = await folder();
    const target = await versionsFolder(made, ["9", "10", "11"]);
    const requests = await expandTarget({ target }, parseVersionPolicy("latest(2)"));
    await using opened = await openCatalog([...requests].reverse());
    const { catalog } = opened;
    assert.deepEqual(catalog.versions("ride"), ["11", "10"]);
    assert.deepEqual(catalog.names, ["ride"]);
    for (const [version, answered] of [
      [undefined, "11"],
      ["10", "10"],
      ["11", "11"],
    ] as const) {
      assert.equal((await catalog.find("ride", version)!.answer([features])).modelVersion, answered);
    }
    assert.equal(catalog.find("ride", "9"), undefined);
    catalog.remove("ride", requests[0]!.lane!);
    assert.equal((await catalog.find("ride")!.answer([features])).modelVersion, "10");
  });

  it("chooses versions as the policy says", async () => {
    await using made = await folder();
    const target = await versionsFolder(made, ["2", "10", "1"]);
    const chosen = async (policy: string): Promise<readonly (string | undefined)[]> =>
      (await expandTarget({ target }, parseVersionPolicy(policy))).map(({ version }) => version);
    assert.deepEqual(await chosen("all"), ["10", "2", "1"]);
    assert.deepEqual(await chosen("latest(2)"), ["10", "2"]);
    assert.deepEqual(await chosen("specific(1, 10)"), ["10", "1"]);
    await assert.rejects(chosen("specific(3)"), { code: "SLOT_NO_VERSION" });
    for (const text of [
      "latest(0)",
      "latest(1,2)",
      "all(1)",
      "specific()",
      "specific",
      "newest",
      "specific(1,,2)",
      "",
    ]) {
      assert.throws(() => parseVersionPolicy(text), { code: "SLOT_VERSION_POLICY" }, text);
    }
    await assert.rejects(prepareTarget({ target, version: "7" }), { code: "SLOT_NO_VERSION" });
  });

  it("refuses two targets for one version of a name", async () => {
    await using made = await rideFolder();
    await using other = await rideFolder();
    await assert.rejects(openCatalog([{ target: made.path }, { target: other.path }]), { code: "SERVICE_NAME_TAKEN" });
  });

  it("stays ready when a version that never served does not load", async () => {
    await using made = await folder();
    const target = await versionsFolder(made, ["1"]);
    await using opened = await openCatalog([{ target }]);
    const plan = await prepareTarget({
      target: await made.write("new.bin", await rideModel()),
      name: "ride",
      version: "2",
    });
    await made.write("new.bin", "broken");
    await assert.rejects(opened.catalog.apply(plan));
    assert.equal(opened.catalog.ready, true);
    assert.deepEqual(opened.catalog.versions("ride"), ["1"]);
    assert.deepEqual(
      opened.catalog.statuses().map(({ version, state }) => [version, state]),
      [
        ["1", "READY"],
        ["2", "UNAVAILABLE"],
      ],
    );
  });

  it("makes plans that survive being sent to another process, without the environment", async () => {
    await using made = await rideFolder();
    const plan = await prepareTarget({ target: made.path, env: { RUN_ID: "", SECRET: "s3cret" } });
    assert.deepEqual(JSON.parse(JSON.stringify(plan)), plan);
    assert.ok(!JSON.stringify(plan).includes("s3cret"));
    assert.deepEqual(plan.uris, [made.at("lin_reg.bin")]);
    assert.deepEqual(plan.modules, [made.at("deployment.ts")]);
  });

  it("keeps a name's place when its definition is renamed", async () => {
    await using made = await rideFolder();
    await using opened = await openCatalog([{ target: made.path }]);
    const text = await readFile(made.at("deployment.ts"), "utf8");
    await made.write("deployment.ts", text.replace('name: "ride-duration"', 'name: "ride-time"'));
    await opened.catalog.load("ride-duration");
    assert.deepEqual(opened.catalog.names, ["ride-time"]);
  });
});

describe("warming", () => {
  it("asks a model that waits for others only a few times", async () => {
    let asked = 0;
    const service: PredictionService = {
      ...(await openService(fileURLToPath(new URL("../../../examples/ride-duration/lin_reg.bin", import.meta.url)))),
      answer: async (rows) => {
        asked++;
        await new Promise((resolve) => setTimeout(resolve, 1));
        return { rowCount: rows.length, issues: [], warnings: [], text: () => "{}" } as unknown as Answers;
      },
    };
    await warmVersion(
      new LoadedVersion({ plan: {} as TargetPlan, service, role: "champion", answered: () => null, onFreed: () => {} }),
    );
    assert.ok(asked >= 3 && asked <= 16, String(asked));
  });
});
