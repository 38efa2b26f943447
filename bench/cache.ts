// A model opened from the cache of prepared models beside the same model read, checked and packed.
//
//   npm run bench -- cache [--rounds 5]
//
// The worked example's two models, and a LightGBM text file of 100 random trees with 1.6 M nodes. The ways take turns on the
// calling thread; printed are medians to the opened predictor, and of the cache once with and once without taking the digest.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openCachedPredictor } from "../src/loaders/graph-cache.ts";
import { loadPredictor } from "../src/loaders/load-predictor.ts";
import { openGraphFile } from "../src/loaders/open-graph-file.ts";
import { writeRandomForest } from "../test/loaders/random-lightgbm.ts";
import { median, medianRatio } from "./report/statistics.ts";

const { values: flags } = parseArgs({ options: { rounds: { type: "string", default: "5" } } });
const rounds = Number(flags.rounds);
const home = mkdtempSync(join(tmpdir(), "trimaran-cache-"));
try {
  const example = new URL("../examples/ride-duration/", import.meta.url).pathname;
  const large = join(home, "forest.txt");
  writeRandomForest(large, { trees: 100, leaves: 8000, features: 20 });
  await measure("linear, worked example", `${example}lin_reg.bin`);
  await measure("forest, worked example", `${example}forest`);
  await measure("100 trees, 1.6 M nodes", large);
} finally {
  rmSync(home, { recursive: true });
}

async function measure(name: string, uri: string): Promise<void> {
  const { graphFile, predictor: first, ...origin } = await openCachedPredictor([uri], { cache: { home } });
  first.close();
  if (graphFile === null) throw new Error(`${name} was not kept`);
  const ways = [
    () => loadPredictor([uri], { place: "here" }),
    () => openCachedPredictor([uri], { cache: { home } }),
    () => openGraphFile(graphFile, origin),
  ];
  const times = ways.map((): number[] => []);
  for (let round = -1; round < rounds; round++) {
    for (const [at, way] of ways.entries()) {
      const start = performance.now();
      const { predictor } = await way();
      if (round >= 0) times[at]?.push(performance.now() - start);
      predictor.close();
    }
  }
  const [direct = [], cached = [], entry = []] = times;
  const shown = times.map((each) => `${median(each).toFixed(1).padStart(8)} ms`).join("");
  const ratios = `the entry opens ${medianRatio(direct, entry).toFixed(1)} × as fast as the model, with its digest ${medianRatio(direct, cached).toFixed(1)} ×`;
  console.log(
    `${name}: direct, cache, entry ${shown}; ${ratios}; ${(statSync(graphFile).size / 2 ** 20).toFixed(1)} MiB`,
  );
}
