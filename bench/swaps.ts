// Memory over many exchanges of a model: resident size after warm-up and at the end, while the service goes on answering.
//
//   npm run bench -- swaps [--swaps 1000] [--json]
//
// The worked example's definition and model are loaded, verified, warmed and put in the place of the ones that serve, again and
// again in one process; every exchange is followed by answers. The first fifth is warm-up. Exits with 1 when the resident size
// has grown by more than 5 %.
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { root } from "../scripts/stage.ts";
import { prepareTarget } from "../src/serving/slot/prepare-target.ts";
import { openSlotCatalog } from "../src/serving/slot/slot-catalog.ts";

const { values: flags } = parseArgs({
  options: { swaps: { type: "string", default: "1000" }, json: { type: "boolean", default: false } },
});
const swaps = Number(flags.swaps);
const warmUp = Math.ceil(swaps / 5);
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const ride = { PULocationID: 130, DOLocationID: 205, trip_distance: 3.66 };

const plan = await prepareTarget({ target: `${root}examples/ride-duration` });
let freed = 0;
const catalog = await openSlotCatalog([plan], {
  onEvent: ({ kind }) => {
    if (kind === "freed") freed++;
  },
});
const service = catalog.find();
const loadMs: number[] = [];
let residentAfterWarmUp = 0;
for (let swap = 1; swap <= swaps; swap++) {
  const began = performance.now();
  await catalog.apply(plan);
  loadMs.push(performance.now() - began);
  for (let call = 0; call < 10; call++) await service?.answer([ride]);
  if (swap === warmUp) residentAfterWarmUp = await residentMiB();
}
const residentAtEnd = await residentMiB();
const errors = catalog.counts().reduce((sum, each) => sum + each.errors, 0);
await catalog.close();

const grown = residentAtEnd / residentAfterWarmUp - 1;
loadMs.sort((one, other) => one - other);
const medianLoadMs = loadMs[loadMs.length >> 1] ?? 0;
if (flags.json)
  console.log(JSON.stringify({ swaps, freed, errors, medianLoadMs, residentAfterWarmUp, residentAtEnd, grown }));
else {
  console.log(
    `${swaps} exchanges, ${freed} versions freed, ${errors} failed answers, ${medianLoadMs.toFixed(1)} ms each (median)`,
  );
  console.log(`resident after ${warmUp}: ${residentAfterWarmUp.toFixed(1)} MiB`);
  console.log(`resident at the end: ${residentAtEnd.toFixed(1)} MiB (${(100 * grown).toFixed(1)} %)`);
}
process.exitCode = grown > 0.05 || errors > 0 ? 1 : 0;

/** What a collector may still free is no leak. */
async function residentMiB(): Promise<number> {
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
  return process.memoryUsage.rss() / 2 ** 20;
}
