// The cache of prepared models: a hit answers as a direct load does, and no state of the folder harms anybody.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { toBatch } from "../../src/data/to-batch.ts";
import { digestSource } from "../../src/loaders/digest-source.ts";
import { openCachedPredictor } from "../../src/loaders/graph-cache.ts";
import { type LoadedPredictor, loadPredictor } from "../../src/loaders/load-predictor.ts";
import { openGraphFile } from "../../src/loaders/open-graph-file.ts";
import { readSource } from "../../src/loaders/read-source.ts";

const example = new URL("../../examples/ride-duration/", import.meta.url).pathname;
const rows = [
  { PU_DO: "43_151", trip_distance: 1.01 },
  { PU_DO: "no such pair", trip_distance: 40 },
];

function scratch(): { readonly home: string } & Disposable {
  const home = mkdtempSync(join(tmpdir(), "trimaran-cache-"));
  return { home, [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }) };
}

async function answers({ predictor }: LoadedPredictor): Promise<unknown> {
  return (await predictor.predict(toBatch(rows, predictor.input).batch)).outputs;
}

for (const model of ["lin_reg.bin", "forest"]) {
  test(`${model} from the cache answers and tells the same as directly`, async () => {
    using cache = scratch();
    const uri = example + model;
    const direct = await loadPredictor([uri]);
    const { graphFile, ...origin } = await openCachedPredictor([uri], { cache });
    assert.ok(graphFile !== null);
    for (const threads of [1, 2]) {
      const opened = await openGraphFile(graphFile, origin, { threads });
      assert.deepEqual({ ...opened, predictor: null }, { ...direct, predictor: null });
      assert.deepEqual(await answers(opened), await answers(direct));
      opened.predictor.close();
    }
    assert.deepEqual(await answers(await openCachedPredictor([uri], { cache })), await answers(direct));
    assert.equal(readdirSync(join(cache.home, "graphs")).length, 1);
  });
}

test("a damaged entry is refused, and made again by the next opening", async () => {
  using cache = scratch();
  const uri = `${example}lin_reg.bin`;
  const { graphFile, ...origin } = await openCachedPredictor([uri], { cache });
  assert.ok(graphFile !== null);
  const whole = readFileSync(graphFile);
  for (const at of [0, 70, whole.length >> 1, whole.length - 200]) {
    const bent = Uint8Array.from(whole);
    bent[at] = (bent[at] ?? 0) ^ 1;
    writeFileSync(graphFile, at === 70 ? whole.subarray(0, 100) : bent);
    await assert.rejects(openGraphFile(graphFile, origin), { code: "FORMAT_DAMAGED" });
    await openCachedPredictor([uri], { cache });
    assert.deepEqual(readFileSync(graphFile), whole);
  }
});

test("a folder that cannot be written is told and does not matter; entries that do not fit go", async () => {
  using cache = scratch();
  const file = join(cache.home, "file");
  writeFileSync(file, "");
  const told: string[] = [];
  const blocked = { home: file, onProblem: (problem: string) => told.push(problem) };
  await openCachedPredictor([`${example}lin_reg.bin`], { cache: blocked });
  assert.equal(told.length, 1);
  await openCachedPredictor([`${example}lin_reg.bin`], { cache });
  await openCachedPredictor([`${example}forest`], { cache: { ...cache, maxCacheBytes: 1 } });
  assert.equal(readdirSync(join(cache.home, "graphs")).length, 1);
});

test("processes that keep the same model at the same time all answer from it, and leave one whole entry", async () => {
  using cache = scratch();
  const program = `
    import { openCachedPredictor } from ${JSON.stringify(new URL("../../src/loaders/graph-cache.ts", import.meta.url).href)};
    for (let round = 0; round < 20; round++) {
      const { graphFile, digest } = await openCachedPredictor([process.argv[1]], { cache: { home: process.argv[2] } });
      console.log(graphFile === null ? "none" : digest);
    }`;
  const run = promisify(execFile);
  const args = ["--input-type=module", "--eval", program, `${example}forest`, cache.home];
  const runs = [1, 2, 3].map(async () => (await run(process.execPath, args)).stdout.trim().split("\n"));
  // Meanwhile the entry is taken away again and again.
  let isOver = false;
  const removing = (async () => {
    while (!isOver) {
      await sleep(5);
      for (const name of existsSync(join(cache.home, "graphs")) ? readdirSync(join(cache.home, "graphs")) : []) {
        if (name.endsWith(".graph")) rmSync(join(cache.home, "graphs", name), { force: true });
      }
    }
  })();
  const told = await Promise.all(runs).finally(() => {
    isOver = true;
  });
  await removing;
  const { digest } = await openCachedPredictor([`${example}forest`], { cache });
  assert.equal(told.flat().length, 60);
  assert.deepEqual(new Set(told.flat()), new Set([digest]));
  const [entry = "", ...others] = readdirSync(join(cache.home, "graphs"));
  assert.deepEqual(others, []);
  await openGraphFile(join(cache.home, "graphs", entry), { uri: "", digest });
});

test("the digest of a model that is not held is that of the model that is read", async () => {
  for (const model of ["lin_reg.bin", "forest"]) {
    const { digest } = await readSource(example + model);
    assert.equal((await digestSource(example + model)).digest, digest);
    await assert.rejects(digestSource(example + model, { maxBytes: 100 }), { code: "FILE_TOO_LARGE" });
  }
  await assert.rejects(digestSource(`${example}none`), { code: "FILE_NOT_FOUND" });
});
