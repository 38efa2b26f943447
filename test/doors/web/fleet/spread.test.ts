// Connections over workers: nobody has nearly all of them, and one that is passed on is answered like any other.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { load, ride, serve, until } from "./fixtures.ts";

const asking = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";

interface Kept {
  readonly socket: Socket;
  answers: number;
}

async function open(port: number, count: number): Promise<readonly Kept[]> {
  const all = Array.from({ length: count }, (): Kept => ({ socket: connect(port, "127.0.0.1"), answers: 0 }));
  for (const kept of all) {
    kept.socket.on("data", (data: Buffer) => {
      if (/200 OK/.test(`${data}`)) kept.answers++;
    });
  }
  await Promise.all(all.map(({ socket }) => once(socket, "connect")));
  return all;
}

async function askAll(all: readonly Kept[], answers: number): Promise<void> {
  for (const { socket } of all) socket.write(asking);
  await until(() => all.every((kept) => kept.answers === answers), "every answer");
}

/** How many of so many kept connections end with one of two workers. */
async function cutByKill(count: number): Promise<number> {
  await using service = await serve([ride, "--workers", "2"]);
  const all = await open(service.port, count);
  await askAll(all, 1);
  await askAll(all, 2);
  let cut = 0;
  for (const { socket } of all) socket.on("close", () => cut++);
  process.kill(service.pids[0] ?? 0, "SIGKILL");
  await until(() => cut > 0, "the end of the killed worker's connections");
  await sleep(200);
  const ended = cut;
  for (const { socket } of all) socket.destroy();
  return ended;
}

describe("the connections of two workers", () => {
  for (const count of [16, 200]) {
    // Who accepts how many depends on who runs when, so one unlucky moment of a shared machine is no verdict.
    test(`${count} kept ones are spread, so that each worker has its part: the median of three times`, async () => {
      const shares: number[] = [];
      for (let time = 0; time < 3; time++) shares.push((await cutByKill(count)) / count);
      const median = shares.toSorted((one, other) => one - other)[1] ?? 0;
      assert.ok(median >= 0.2 && median <= 0.8, `the killed worker's shares of ${count}: ${shares}`);
    });
  }

  test("those that come and go lose no request", async () => {
    await using service = await serve([ride, "--workers", "2"]);
    const kept = await open(service.port, 8);
    const loads = [load(service.port, 8)];
    for (let round = 0; round < 20; round++) {
      const burst = await open(service.port, 20);
      await askAll(burst, 1);
      for (const { socket } of burst) socket.end();
    }
    await askAll(kept, 1);
    for (const running of loads) {
      await running.stop();
      assert.deepEqual(running.failures, []);
    }
    for (const { socket } of kept) socket.destroy();
  });
});
