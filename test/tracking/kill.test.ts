// A server that is killed while it writes leaves a store that opens and is whole: what was confirmed is there, and of what was not
// each request is there wholly or not at all. More rounds: TRIMARAN_KILL_ROUNDS=50.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { testStoreUri } from "./test-store.ts";
import { createRun, endTracking, history, post, runData, spawnTracking, startTracking } from "./tracking-process.ts";

const rounds = Number(process.env["TRIMARAN_KILL_ROUNDS"] ?? 4);

/** The same numbers in every run: mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const perBatch = 20;

/** One request that writes three tables, for everything that carries its number. */
function batch(run_id: string, number: number): Record<string, unknown> {
  const metrics = Array.from({ length: perBatch }, (_, index) => ({
    key: "m",
    value: number,
    timestamp: number,
    step: number * perBatch + index,
  }));
  return { run_id, metrics, params: [{ key: `p${number}`, value: "x" }], tags: [{ key: `t${number}`, value: "x" }] };
}

test("kill -9 while the tables are made leaves a store that is made in the next start", {
  timeout: 300_000 + rounds * 10_000,
}, async () => {
  const random = seeded(7);
  for (let round = 0; round < rounds; round++) {
    const folder = await mkdtemp(join(tmpdir(), "trimaran-tracking-"));
    try {
      const store = await testStoreUri(folder);
      const child = spawnTracking(folder, store);
      const gone = once(child, "exit");
      await new Promise((resolve) => setTimeout(resolve, 150 + random() * 250));
      child.kill("SIGKILL");
      await gone;
      const server = await startTracking(folder, store);
      const run = await createRun(server.url);
      await post(server.url, "runs/log-batch", batch(run, 0));
      assert.equal(await endTracking(server, "SIGTERM"), 0);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
});

test("kill -9 at any time leaves a whole store", { timeout: 300_000 + rounds * 20_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "trimaran-tracking-"));
  const store = await testStoreUri(folder);
  const random = seeded(6);
  const runs: { readonly id: string; readonly confirmed: Set<number>; readonly sent: Set<number> }[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      const server = await startTracking(folder, store);
      for (let each = 0; each < 3; each++)
        runs.push({ id: await createRun(server.url), confirmed: new Set(), sent: new Set() });
      const writers = runs.slice(-3).map(async ({ id, confirmed, sent }) => {
        for (let number = 0; ; number++) {
          sent.add(number);
          try {
            await post(server.url, "runs/log-batch", batch(id, number));
          } catch {
            return;
          }
          confirmed.add(number);
        }
      });
      await new Promise((resolve) => setTimeout(resolve, 20 + random() * 300));
      await endTracking(server, "SIGKILL");
      await Promise.all(writers);
    }
    const server = await startTracking(folder, store);
    try {
      for (const { id, confirmed, sent } of runs) {
        const { metrics = [], params = [], tags = [] } = await runData(server.url, id);
        const numbers = (prefix: string, found: readonly { readonly key: string }[]): readonly number[] =>
          found
            .flatMap(({ key }) => (key.startsWith(prefix) ? [Number(key.slice(1))] : []))
            .filter(Number.isInteger)
            .sort((a, b) => a - b);
        const written = numbers("p", params);
        assert.deepEqual(numbers("t", tags), written);
        for (const number of confirmed) assert.ok(written.includes(number), `${number} was confirmed and is gone`);
        for (const number of written) assert.ok(sent.has(number));
        const steps = (await history(server.url, id, "m")).map(({ step }) => step).sort((a, b) => a - b);
        assert.deepEqual(
          steps,
          written.flatMap((number) => Array.from({ length: perBatch }, (_, at) => number * perBatch + at)),
        );
        const last = steps.at(-1);
        assert.equal(
          metrics.find(({ key }) => key === "m")?.step === undefined ? undefined : Number(metrics[0]?.step),
          last,
        );
      }
      assert.ok(
        runs.some(({ confirmed }) => confirmed.size > 0),
        "nothing was written in any round",
      );
    } finally {
      assert.equal(await endTracking(server, "SIGTERM"), 0);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
