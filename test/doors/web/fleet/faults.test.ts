// What happens to workers, and what is lost: nothing but what the worker that died was answering.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  ask,
  definition,
  folder,
  isAlive,
  load,
  queue,
  ride,
  row,
  serve,
  serveFails,
  until,
  workersOf,
} from "./fixtures.ts";

describe("a fleet", () => {
  test("loses no connection that is queued, though every worker is killed", async () => {
    await using service = await serve([ride, "--workers", "2"]);
    for (const pid of service.pids) process.kill(pid, "SIGSTOP");
    const queued = await queue(service.port, 60);
    await sleep(100);
    for (const pid of service.pids) process.kill(pid, "SIGKILL");
    const answers = await Promise.all(queued.map(({ answer }) => answer));
    const answered = answers.filter((text) => /^HTTP\/1\.1 200 [\s\S]*"duration":22\.625182479499/.test(text));
    assert.equal(
      answered.length,
      60,
      answers.find((text) => !text.startsWith("HTTP/1.1 200")),
    );
  });

  test("loses of a killed worker only the requests that it was answering", async () => {
    await using service = await serve([ride, "--workers", "2"]);
    const running = load(service.port, 16);
    await until(() => running.answered > 200, "answers");
    process.kill(service.pids[0] ?? 0, "SIGKILL");
    await service.says(/ended with signal SIGKILL; another one is started/);
    const before = running.answered;
    await until(() => running.answered > before + 200, "more answers");
    await until(async () => (await workersOf(service.process.pid ?? 0)).length === 2, "two workers");
    await running.stop();
    // One request a connection can be in flight, and each is one that was cut off, never a wrong answer.
    assert.ok(running.failures.length <= 16, String(running.failures));
    for (const failure of running.failures) assert.ok(["ECONNRESET", "EPIPE"].includes(failure), failure);
    assert.equal(running.texts.size, 1);
  });

  test("kills a worker whose event loop is stuck, and replaces it", async () => {
    await using place = await folder();
    await place.write("deployment.mjs", definition({ features: "while (ride.trip_distance === 666) {}" }));
    await using service = await serve([place.path, "--workers", "2", "--heartbeat-timeout", "1s"]);
    const stuck = ask(service.port, { ...row, trip_distance: 666 }).then(
      ({ status }) => status,
      (error: NodeJS.ErrnoException) => error.code,
    );
    await service.says(/gave no sign for \d+ ms and is killed/);
    assert.equal(await stuck, "ECONNRESET");
    await until(async () => (await workersOf(service.process.pid ?? 0)).length === 2, "two workers");
    const { status } = await ask(service.port);
    assert.equal(status, 200);
    assert.equal(service.pids.filter(isAlive).length, 1);
  });

  test("does not take its own standing still for silence of its workers", async () => {
    await using service = await serve([ride, "--workers", "2", "--heartbeat-timeout", "1s"]);
    service.signal("SIGSTOP");
    await sleep(2500);
    service.signal("SIGCONT");
    await sleep(1500);
    assert.doesNotMatch(service.stderr(), /gave no sign/);
    assert.deepEqual(service.pids.filter(isAlive), service.pids);
  });

  test("leaves no process behind when its supervisor is killed", async () => {
    await using service = await serve([ride, "--workers", "2"]);
    assert.equal((await workersOf(service.process.pid ?? 0)).length, 2);
    service.signal("SIGKILL");
    await until(() => !service.pids.some(isAlive), "the workers' end");
  });

  test("gives up with the reason when no worker ever becomes ready", async () => {
    await using place = await folder();
    const dies = `if (process.argv[1].includes("worker-main")) process.kill(process.pid, "SIGKILL");`;
    await place.write("deployment.mjs", definition({ module: dies }));
    const { code, stderr } = await serveFails([place.path, "--workers", "2"]);
    assert.equal(code, 1);
    assert.match(stderr, /"code":"WORKER_START".*signal SIGKILL/);
  });

  test("outlives a model that ends the process that reads it, and says so", async () => {
    await using place = await folder();
    const dies = `if (process.argv[1].includes("preparer-main")) process.kill(process.pid, "SIGKILL");`;
    await place.write("deployment.mjs", definition({ module: dies }));
    const { code, stderr } = await serveFails([place.path]);
    assert.equal(code, 1);
    assert.match(stderr, /"code":"PREPARE_ENDED"/);
  });
});
