// Signs of life: who is silent is told once, and a wait grows with each failure.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Backoff } from "../../src/io/backoff.ts";
import { Heartbeats } from "../../src/io/heartbeat.ts";

test("tells once of a member that is silent, and never of one that gives signs", async () => {
  const silent: string[] = [];
  const beats = new Heartbeats<string>(400, (member) => silent.push(member));
  beats.beat("quiet");
  beats.beat("loud");
  for (let sign = 0; sign < 12; sign++) {
    await sleep(100);
    beats.beat("loud");
  }
  beats.close();
  assert.deepEqual(silent, ["quiet"]);
});

test("blames nobody for the time in which it stood still itself", async () => {
  const silent: string[] = [];
  const beats = new Heartbeats<string>(300, (member) => silent.push(member));
  beats.beat("member");
  await sleep(60);
  const end = performance.now() + 700;
  while (performance.now() < end);
  await sleep(60);
  beats.close();
  assert.deepEqual(silent, []);
});

test("waits not at all after the first failure, then longer each time, and forgets after a good while", () => {
  const backoff = new Backoff({ firstMs: 100, maxMs: 1000, forgetMs: 10_000 });
  assert.deepEqual(
    [0, 0, 0, 0, 0, 0].map((held) => backoff.fail(held)),
    [0, 100, 200, 400, 800, 1000],
  );
  assert.equal(backoff.fail(20_000), 0);
});
