// Stops that cannot wait: a second Ctrl-C, and a deadline.
import assert from "node:assert/strict";
import { Agent } from "node:http";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ask, definition, type Folder, folder, isAlive, linear, row, serve, serveFails, until } from "./fixtures.ts";

const stuckFor = { ...row, trip_distance: 666 };

async function sticky(): Promise<Folder> {
  const place = await folder();
  await place.write("deployment.mjs", definition({ features: "while (ride.trip_distance === 666) {}" }));
  return place;
}

describe("a service with a worker that never ends", () => {
  test("ends with it at the drain timeout, and says what is lost", async () => {
    await using place = await sticky();
    await using service = await serve([place.path, "--drain-timeout", "500ms"]);
    const lost = ask(service.port, stuckFor).catch((error: NodeJS.ErrnoException) => error.code);
    await sleep(300);
    service.signal("SIGTERM");
    const { code } = await service.ended;
    assert.equal(code, 0);
    assert.equal(await lost, "ECONNRESET");
    assert.match(service.stderr(), /did not end in time and is killed; what it was answering is lost/);
    assert.ok(!service.pids.some(isAlive));
  });

  test("ends at once on a second Ctrl-C", async () => {
    await using place = await sticky();
    await using service = await serve([place.path]);
    const lost = ask(service.port, stuckFor).catch((error: NodeJS.ErrnoException) => error.code);
    await sleep(300);
    service.signal("SIGINT");
    await sleep(700);
    const second = performance.now();
    service.signal("SIGINT");
    const { code } = await service.ended;
    assert.equal(code, 130);
    assert.ok(performance.now() - second < 3000);
    assert.equal(await lost, "ECONNRESET");
    await until(() => !service.pids.some(isAlive), "the worker's end");
  });
});

describe("serve", () => {
  test("does not wait for idle connections of workers that were exchanged, when all of it stops", async () => {
    await using service = await serve([linear]);
    const agent = new Agent({ keepAlive: true });
    await ask(service.port, { PU_DO: "1_2", trip_distance: 1 }, agent);
    service.signal("SIGHUP");
    await service.says(/Reloaded: lin_reg/);
    const begin = performance.now();
    service.signal("SIGTERM");
    const { code } = await service.ended;
    agent.destroy();
    assert.equal(code, 0);
    assert.ok(performance.now() - begin < 8000);
  });

  test("refuses a number of workers that is none", async () => {
    for (const text of ["0", "-1", "two", "1.5", "99999"]) {
      const { code, stderr } = await serveFails([linear, `--workers=${text}`]);
      assert.equal(code, 2);
      assert.match(stderr, /--workers must be a whole number from 1 to 1024, or auto/);
    }
  });

  test("answers on both addresses of localhost", async () => {
    await using service = await serve([linear, "--host", "localhost"]);
    const hosts = ["127.0.0.1", "[::1]"];
    const states = await Promise.allSettled(
      hosts.map(async (host) => (await fetch(`http://${host}:${service.port}/health/ready`)).status),
    );
    const answered = states.filter((state) => state.status === "fulfilled");
    assert.ok(answered.length >= 1);
    for (const { value } of answered) assert.equal(value, 200);
  });
});
