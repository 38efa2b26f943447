// What a supervisor says is served, while that is exchanged.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { test } from "node:test";
import { openFleet } from "../../../../src/doors/web/fleet/fleet.ts";
import { rideModel } from "../../../serving/slot/fixtures.ts";
import { folder, linear } from "./fixtures.ts";

test("a fleet names what it serves now, not what it served first", async () => {
  await using place = await folder();
  await writeFile(`${place.path}/next.bin`, await rideModel(1));
  const fleet = await openFleet({ targets: [{ target: linear }], workers: 2, web: { port: 0 } });
  try {
    const [before] = fleet.services;
    await fleet.change("lin_reg", { kind: "swap", of: { version: "2", model: `${place.path}/next.bin` } });
    const [after] = fleet.services;
    assert.equal(after?.version, "2");
    assert.notEqual(after?.digest, before?.digest);
    await fleet.change("lin_reg", { kind: "rollback" });
    assert.equal(fleet.services[0]?.digest, before?.digest);
    await assert.rejects(fleet.change("lin_reg", { kind: "rollback" }), { code: "SLOT_NO_PREVIOUS" });
  } finally {
    await fleet.close();
  }
  await assert.rejects(fleet.change("lin_reg", { kind: "promote" }), { code: "SERVICE_NOT_READY" });
});
