// Workers are exchanged, and the service stops, without a failed request of clients that keep their connections.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ask, definition, folder, isAlive, linear, load, ride, serve, until } from "./fixtures.ts";

describe("without a failed request", () => {
  test("a worker that has done its share is exchanged", async () => {
    await using service = await serve([ride, "--workers", "2", "--worker-max-requests", "1500"]);
    const running = load(service.port, 16);
    await until(() => !service.pids.some(isAlive), "fresh workers", 60_000);
    await running.stop();
    assert.deepEqual(running.failures, []);
    assert.match(service.stderr(), /is exchanged for a fresh one after \d+ requests/);
  });

  test("a worker that takes too much memory is exchanged, without end where the limit is too low", async () => {
    await using service = await serve([linear, "--worker-max-memory", "1MiB"]);
    await service.says(/is exchanged for a fresh one after \d+ MiB of memory/);
    await sleep(1500);
    assert.ok((service.stderr().match(/is exchanged/g) ?? []).length <= 2, service.stderr());
  });

  test("a worker that is told to end by SIGTERM is exchanged", async () => {
    await using service = await serve([ride, "--workers", "2"]);
    const running = load(service.port, 8);
    await until(() => running.answered > 100, "answers");
    process.kill(service.pids[0] ?? 0, "SIGTERM");
    await until(() => !isAlive(service.pids[0] ?? 0), "its end");
    await running.stop();
    assert.deepEqual(running.failures, []);
  });

  for (const [signal, expected] of [
    ["SIGTERM", 0],
    ["SIGINT", 130],
  ] as const) {
    test(`the service stops on ${signal}, and exits with ${expected}`, async () => {
      await using service = await serve([ride, "--workers", "2"]);
      const running = load(service.port, 16);
      await until(() => running.answered > 200, "answers");
      service.signal(signal);
      const { code } = await service.ended;
      await running.stop();
      assert.deepEqual(running.failures, []);
      assert.equal(code, expected);
      assert.ok(!service.pids.some(isAlive));
    });
  }

  test("SIGHUP takes over an edited definition", async () => {
    await using place = await folder();
    await place.write("deployment.mjs", definition());
    await using service = await serve([place.path, "--workers", "2"]);
    const running = load(service.port, 16);
    await until(() => running.answered > 200, "answers");
    await place.write("deployment.mjs", definition({ output: "raw.predict * 2" }));
    service.signal("SIGHUP");
    await until(() => running.texts.size > 1, "the new answer");
    await until(() => !service.pids.some(isAlive), "the end of the old workers");
    const { text } = await ask(service.port);
    await running.stop();
    assert.deepEqual(running.failures, []);
    assert.deepEqual(JSON.parse(text), { duration: 45.250364958998 });
    assert.match(service.stderr(), /Reloaded: ride version/);
  });

  test("SIGHUP with a definition that is broken changes nothing, and says why", async () => {
    await using place = await folder();
    await place.write("deployment.mjs", definition());
    await using service = await serve([place.path, "--workers", "2"]);
    const running = load(service.port, 4);
    await place.write("deployment.mjs", definition({ output: "raw.nothing" }).replace("PU_DO:", "PU_D0:"));
    service.signal("SIGHUP");
    await service.says(/"what":"reload".*what served goes on/);
    await running.stop();
    assert.deepEqual(running.failures, []);
    assert.deepEqual(service.pids.filter(isAlive), service.pids);
    const { status } = await ask(service.port);
    assert.equal(status, 200);
  });

  test("an edited definition is served by itself; one that is broken is told and changes nothing", async () => {
    await using place = await folder();
    await place.write("deployment.mjs", definition());
    await using service = await serve([place.path, "--home", place.path]);
    const { text: before } = await ask(service.port);
    await place.write("deployment.mjs", definition().replace("PU_DO:", "PU_D0:"));
    await service.says(/"what":"ride".*what served goes on/);
    assert.equal((await ask(service.port)).text, before);
    const index = await fetch(`http://127.0.0.1:${service.port}/v2/repository/index`, {
      method: "POST",
      headers: { connection: "close" },
    });
    assert.match(await index.text(), /unavailable|PU_D0|refused|fails/i);
    await place.write("deployment.mjs", definition({ output: "raw.predict + 1" }));
    await until(async () => (await ask(service.port)).text !== before, "the edited definition");
  });

  test("a new model in the same place is served by itself, by the same workers", async () => {
    await using place = await folder();
    const { copyFile, rename } = await import("node:fs/promises");
    await copyFile(linear, `${place.path}/lin_reg.bin`);
    await place.write("deployment.mjs", definition().replace(JSON.stringify(linear), '"./lin_reg.bin"'));
    await using service = await serve([place.path, "--workers", "2"]);
    const running = load(service.port, 4);
    const bytes = (await import("node:fs")).readFileSync(linear);
    const at = bytes.indexOf(Buffer.from("intercept_"));
    assert.ok(at > 0);
    const { writeFile } = await import("node:fs/promises");
    await writeFile(`${place.path}/next.bin`, Buffer.concat([bytes, Buffer.from("\n")]));
    await rename(`${place.path}/next.bin`, `${place.path}/lin_reg.bin`);
    await service.says(/Loaded ride version|error: ride: /);
    await running.stop();
    assert.deepEqual(running.failures, []);
    assert.deepEqual(service.pids.filter(isAlive), service.pids);
  });
});
