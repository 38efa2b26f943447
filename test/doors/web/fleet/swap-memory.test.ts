// What a worker of a real service takes of the machine's memory over many models that are exchanged in it.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { test } from "node:test";
import { rideModel } from "../../../serving/slot/fixtures.ts";
import { administered } from "../admin/fixtures.ts";
import { folder, ride } from "./fixtures.ts";

function residentMiB(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

test("a worker is hardly larger after 30 models than after its first", {
  timeout: 300_000,
  skip: existsSync("/proc/self/status") ? false : "memory is read from /proc, which is not here",
}, async () => {
  await using place = await folder();
  await using service = await administered([ride, "--workers", "1"], place);
  const [pid = 0] = service.pids;
  const before = residentMiB(pid);
  for (let swap = 1; swap <= 30; swap++) {
    const model = `${place.path}/${swap % 3}.bin`;
    await writeFile(model, await rideModel(swap));
    const { status, text } = await service.admin("POST", "/models/ride-duration/swap", {
      model,
      version: `${swap + 1}`,
    });
    assert.equal(status, 200, text);
  }
  const { json } = await service.admin("GET", "/state");
  assert.equal(json.workers[0].pid, pid);
  const grown = residentMiB(pid) - before;
  // Some 30 of a heap that is collected in time; V8 left alone took more than 120.
  assert.ok(grown < 70, `it has grown from ${before.toFixed(0)} MiB by ${grown.toFixed(0)}`);
});
