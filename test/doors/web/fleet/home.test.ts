// The folder that `serve` keeps prepared models in: what workers open, whatever becomes of the model's file.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { folder, forest, linear, serve, until, workersOf } from "./fixtures.ts";

const rows = JSON.stringify([{ PU_DO: "130_205", trip_distance: 3.66 }]);

async function predict(port: number): Promise<string> {
  const headers = { "content-type": "application/json", connection: "close" };
  const answer = await fetch(`http://127.0.0.1:${port}/predict`, { method: "POST", headers, body: rows });
  return answer.text();
}

test("a worker that dies after the model's file was overwritten opens the version that is served", async () => {
  await using made = await folder();
  const model = join(made.path, "model.bin");
  const home = join(made.path, "home");
  await copyFile(linear, model);
  await using running = await serve([model, "--pin", "--home", home]);
  const before = await predict(running.port);
  await writeFile(model, "no model any more");
  const [first = 0] = running.pids;
  process.kill(first, "SIGKILL");
  await running.says(/another one is started/);
  await until(async () => {
    const workers = await workersOf(running.process.pid ?? 0);
    return workers.length > 0 && !workers.includes(first);
  }, "another worker");
  assert.equal(await predict(running.port), before);
  assert.equal(readdirSync(join(home, "graphs")).length, 1);
});

test("TRIMARAN_HOME says where prepared models are kept; a second start keeps nothing more", async () => {
  await using made = await folder();
  for (let start = 0; start < 2; start++) {
    await using running = await serve([forest], { TRIMARAN_HOME: made.path });
    assert.ok(running.port > 0);
    assert.equal(readdirSync(join(made.path, "graphs")).length, 1);
  }
});

test("a home that cannot be written is no error", async () => {
  await using made = await folder();
  await mkdir(join(made.path, "taken"));
  await writeFile(join(made.path, "taken", "home"), "a file");
  await using running = await serve([linear, "--home", join(made.path, "taken", "home")]);
  assert.match(await predict(running.port), /\d/);
});
