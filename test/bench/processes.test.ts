// What a bench starts ends with it: whole groups of processes, also when the bench is interrupted.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { start, treeOf } from "../../bench/serve/processes.ts";

const family = {
  name: "family",
  // A child that does not hear what its parent is told.
  command: () => ["bash", "-c", "trap '' TERM; sleep 300 & trap 'exit 0' TERM; wait"] as const,
  model: null,
};

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(holds: () => boolean): Promise<void> {
  for (const end = performance.now() + 20_000; !holds(); await sleep(20)) {
    if (performance.now() > end) throw new Error("waited in vain");
  }
}

describe("the processes of a bench", { skip: existsSync("/proc/self/stat") ? false : "needs /proc" }, () => {
  test("a service ends with all that it has started", async () => {
    let pids: readonly number[] = [];
    {
      await using running = await start(family);
      await until(() => treeOf(running.child.pid ?? 0).length === 2);
      pids = treeOf(running.child.pid ?? 0);
      assert.ok(pids.every(isAlive));
    }
    await until(() => !pids.some(isAlive));
  });

  test("an interrupted bench leaves no process and no folder", async () => {
    const address = new URL("../../bench/serve/processes.ts", import.meta.url).href;
    const program = `
      const { scratchFolder, start, treeOf } = await import(${JSON.stringify(address)});
      const folder = scratchFolder();
      const running = await start({ name: "family", command: () => ${JSON.stringify(family.command())}, model: null });
      const wait = setInterval(() => {
        const pids = treeOf(running.child.pid);
        if (pids.length < 2) return;
        clearInterval(wait);
        console.log(JSON.stringify({ pids, path: folder.path }));
        setInterval(() => {}, 1000);
      }, 20);`;
    const bench = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(createInterface({ input: bench.stdout }), "line")) as [string];
    const { pids, path } = JSON.parse(line) as { readonly pids: readonly number[]; readonly path: string };
    assert.ok(pids.length === 2 && pids.every(isAlive) && existsSync(path));
    bench.kill("SIGINT");
    const [code] = await once(bench, "exit");
    assert.equal(code, 130);
    await until(() => !pids.some(isAlive));
    assert.ok(!existsSync(path));
  });
});
