// What a slot keeps of hundreds of versions: nothing but the one that serves and the one that is kept.
import assert from "node:assert/strict";
import { it } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { PredictionService } from "../../../src/serving/prediction-service.ts";
import { ModelSlot } from "../../../src/serving/slot/model-slot.ts";
import { openPlan } from "../../../src/serving/slot/open-plan.ts";
import { prepareTarget } from "../../../src/serving/slot/prepare-target.ts";
import { ride, rideFolder } from "./fixtures.ts";

it("frees every version that is neither served nor kept, over hundreds of exchanges", {
  timeout: 120_000,
}, async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  await using made = await rideFolder();
  const plan = await prepareTarget({ target: made.path });
  const definitions = new Map();
  const alive = new Set<WeakRef<PredictionService>>();
  const slot = new ModelSlot({
    name: plan.name,
    open: async (asked) => {
      const service = await openPlan(asked, { definitions });
      alive.add(new WeakRef(service));
      return service;
    },
    warm: { rows: 1, batching: null },
    onEvent: () => {},
    answered: () => null,
  });
  let heapAfterWarmUp = 0;
  for (let swap = 1; swap <= 300; swap++) {
    await slot.load(plan);
    assert.equal((await slot.answer([ride])).issues.length, 0);
    if (swap % 100 !== 0) continue;
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    for (const each of alive) if (each.deref() === undefined) alive.delete(each);
    if (swap === 100) heapAfterWarmUp = process.memoryUsage().heapUsed;
  }
  assert.ok(alive.size <= 3, `${alive.size} versions are still in memory`);
  assert.equal(definitions.size, 1);
  const grown = process.memoryUsage().heapUsed - heapAfterWarmUp;
  assert.ok(grown < 2 * 2 ** 20, `the heap has grown by ${grown} bytes`);
  slot.unload();
});
