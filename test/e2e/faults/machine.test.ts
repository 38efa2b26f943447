// Faults of the machine and of its operators: broken models, full disks, taken ports, clocks that jump. What is lost is stated.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { copyFile, rename, writeFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import {
  definition,
  folder,
  isAlive,
  linear,
  load,
  ride,
  root,
  row,
  serve,
  until,
  workersOf,
} from "../../doors/web/fleet/fixtures.ts";
import { metric } from "./fixtures.ts";

const hasPrlimit = spawnSync("prlimit", ["--version"]).status === 0;

describe("nothing is lost", () => {
  test("when new models are corrupted under load, and the next sound one is taken over", async () => {
    await using place = await folder();
    const model = `${place.path}/lin_reg.bin`;
    await copyFile(linear, model);
    await place.write("deployment.mjs", definition().replace(JSON.stringify(linear), '"./lin_reg.bin"'));
    await using service = await serve([place.path, "--workers", "2", "--home", `${place.path}/home`]);
    const running = load(service.port, 8);
    await until(() => running.answered > 100, "answers");
    const sound = readFileSync(linear);
    const flipped = Buffer.from(sound);
    for (let at = 40; at < flipped.length; at += 997) flipped[at] = (flipped[at] ?? 0) ^ 0xff;
    const broken = [sound.subarray(0, sound.length >> 1), Buffer.alloc(0), flipped, Buffer.alloc(sound.length)];
    const refusals = (): number => service.stderr().match(/what served goes on/g)?.length ?? 0;
    for (const bytes of broken) {
      const before = refusals();
      await writeFile(`${model}.next`, bytes);
      await rename(`${model}.next`, model);
      await until(() => refusals() > before, "a refusal");
    }
    const halfway = running.answered;
    await until(() => running.answered > halfway + 100, "answers of the old version");
    // What stands behind a pickle's end is not read, but it makes another version.
    await writeFile(`${model}.next`, Buffer.concat([sound, Buffer.from("\n")]));
    await rename(`${model}.next`, model);
    await service.says(/Loaded ride version/);
    await running.stop();
    assert.deepEqual(running.failures, []);
    assert.equal(running.texts.size, 1, "not one wrong number");
    assert.deepEqual(service.pids.filter(isAlive), service.pids);
  });

  test("when the port is in use: the second service says so and the first one goes on", async () => {
    await using first = await serve([ride]);
    const running = load(first.port, 4);
    await until(() => running.answered > 50, "answers");
    const second = spawnSync(
      process.execPath,
      [`${root}bin/trimaran`, "serve", ride, "--json", "--port", String(first.port)],
      {
        encoding: "utf8",
        timeout: 30_000,
      },
    );
    await running.stop();
    assert.notEqual(second.status, 0);
    assert.match(second.stderr, /PORT_IN_USE/);
    assert.match(second.stderr, new RegExp(String(first.port)));
    assert.deepEqual(running.failures, []);
  });

  test("when the wall clock jumps by days, forth and back", async () => {
    await using place = await folder();
    // The processes are real, their wall clock is not: every reading is by up to two days off, another one each 100 ms.
    await place.write(
      "clock.mjs",
      `const now = Date.now.bind(Date), day = 86_400_000, start = performance.now();
       const offset = () => [0, day, -day, 2 * day][Math.floor((performance.now() - start) / 100) % 4];
       const Real = Date;
       globalThis.Date = class extends Real {
         constructor(...given) { given.length === 0 ? super(now() + offset()) : super(...given); }
         static now() { return now() + offset(); }
       };`,
    );
    const { NODE_OPTIONS = "" } = process.env;
    const env = { NODE_OPTIONS: `${NODE_OPTIONS} --import=${pathToFileURL(`${place.path}/clock.mjs`).href}`.trim() };
    const args = [ride, "--workers", "2", "--heartbeat-timeout", "1s", "--request-timeout", "5s", "--prediction-log"];
    await using service = await serve([...args, "--home", place.path], env);
    const running = load(service.port, 8);
    const ids = new Set<string>();
    const count = 300;
    for (let call = 0; call < count; call++) {
      const answer = await fetch(`http://127.0.0.1:${service.port}/predict`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-request-timeout-ms": "4000", connection: "close" },
        body: JSON.stringify(row),
      });
      assert.equal(answer.status, 200, await answer.text());
      ids.add(answer.headers.get("x-request-id") ?? "");
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await running.stop();
    assert.deepEqual(running.failures, []);
    assert.equal(ids.size, count, "no request ID comes twice");
    assert.doesNotMatch(service.stderr(), /gave no sign|is exchanged|another one is started/);
    assert.deepEqual(service.pids.filter(isAlive), service.pids);
    const began = performance.now();
    service.signal("SIGTERM");
    assert.equal((await service.ended).code, 0);
    assert.ok(performance.now() - began < 5000, "it stops as fast as ever");
  });
});

describe("lines of the prediction log are lost, and counted, but no answer", () => {
  test("while the disk is full", { skip: !hasPrlimit && "needs prlimit" }, async () => {
    await using place = await folder();
    await using service = await serve([ride, "--workers", "2", "--prediction-log", "--home", place.path]);
    const running = load(service.port, 8);
    await until(() => running.answered > 100, "answers");
    const pids = await workersOf(service.process.pid ?? 0);
    const limit = (size: string): void => {
      for (const pid of pids) execFileSync("prlimit", ["--pid", String(pid), `--fsize=${size}:`]);
    };
    // No file may grow beyond this: what a write to a full disk is to a process.
    limit("20000");
    const dropped = (): Promise<number> =>
      metric(service.port, "trimaran_prediction_log_dropped_total{", 'reason="write_failed"');
    await until(async () => (await dropped()) > 0, "dropped lines");
    const then = running.answered;
    await until(() => running.answered > then + 500, "answers");
    limit("unlimited");
    const written = (): number => linesIn(place.path);
    const lines = written();
    await until(() => written() > lines + 100, "lines again");
    await running.stop();
    assert.deepEqual(running.failures, []);
    assert.deepEqual(service.pids.filter(isAlive), service.pids);
    service.signal("SIGTERM");
    await service.ended;
    const kept = linesIn(place.path);
    assert.ok(kept > 0 && kept < running.answered, `${kept} of ${running.answered}`);
  });
});

/** How many events the log holds; none may be cut. */
function linesIn(home: string): number {
  let count = 0;
  for (const file of globSync(`${home}/predictions/**/*.ndjson`)) {
    const lines = readFileSync(file, "utf8").split("\n");
    // The last one may be on its way while the service runs.
    for (const line of lines.slice(0, -1)) {
      JSON.parse(line);
      count++;
    }
  }
  return count;
}
