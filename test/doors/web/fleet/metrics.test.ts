// `/metrics` of a service of several workers: sums that no worker's end takes back, and what the supervisor knows.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, linear, ride, serve, until } from "./fixtures.ts";

/** Of all series of the family together. */
async function sumOf(port: number, name: string, label = ""): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { connection: "close" } })).text();
  const lines = text.split("\n").filter((line) => line.startsWith(name) && /^[ {]/.test(line.slice(name.length)));
  return lines.filter((line) => line.includes(label)).reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

test("what a worker counted stays when it is killed, and its restart is counted once", async () => {
  await using service = await serve([ride, "--workers", "2"]);
  for (let count = 0; count < 40; count++) await ask(service.port);
  const calls = "trimaran_version_calls_total";
  assert.equal(await sumOf(service.port, calls, 'role="champion"'), 40);
  assert.equal(await sumOf(service.port, "trimaran_workers"), 2);
  process.kill(service.pids[0] ?? 0, "SIGKILL");
  // A request that the killed worker was answering is cut off with it, this one too.
  const restarts = (): Promise<number> => sumOf(service.port, "trimaran_worker_restarts_total", 'reason="died"');
  await until(async () => (await restarts().catch(() => 0)) === 1, "it died");
  await until(async () => (await sumOf(service.port, "trimaran_workers")) === 2, "another worker");
  assert.equal(await sumOf(service.port, calls), 40);
  await ask(service.port);
  assert.equal(await sumOf(service.port, calls), 41);
});

test("a worker that is stuck does not hold a scrape, and its counts are those of its last report", async () => {
  await using service = await serve([linear, "--workers", "2", "--heartbeat-timeout", "60s"]);
  const body = [{ PU_DO: "130_205", trip_distance: 3.66 }];
  for (let count = 0; count < 10; count++) assert.equal((await ask(service.port, body)).status, 200);
  const calls = "trimaran_version_calls_total";
  assert.equal(await sumOf(service.port, calls), 10);
  process.kill(service.pids[0] ?? 0, "SIGSTOP");
  // A connection may wait in the stopped worker: another is tried.
  const begin = performance.now();
  let sum = 0;
  while (sum === 0 && performance.now() - begin < 20_000) {
    const signal = AbortSignal.timeout(2500);
    const headers = { connection: "close" };
    const answer = await fetch(`http://127.0.0.1:${service.port}/metrics`, { signal, headers }).catch(() => null);
    if (answer === null) continue;
    sum = Number(/^trimaran_version_calls_total\{.*\} (\d+)$/m.exec(await answer.text())?.[1] ?? 0);
  }
  assert.equal(sum, 10);
  process.kill(service.pids[0] ?? 0, "SIGCONT");
});

test("a reload is counted as a swap, with its seconds", async () => {
  await using service = await serve([linear, "--workers", "2"]);
  service.signal("SIGHUP");
  await until(async () => (await sumOf(service.port, "trimaran_model_swaps_total", 'result="done"')) === 1, "the swap");
  assert.ok((await sumOf(service.port, "trimaran_model_load_seconds")) > 0);
});
