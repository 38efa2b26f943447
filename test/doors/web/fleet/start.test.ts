// The first moments of a service: whoever is answered once is answered from then on, by whichever worker.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Agent } from "node:http";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../../../scripts/free-ports.ts";
import { ask, ride, root } from "./fixtures.ts";

test("no worker refuses when another has begun to answer", { timeout: 120_000 }, async () => {
  const port = await freePort();
  const args = [`${root}bin/trimaran`, "serve", ride, "--workers", "3", "--port", String(port)];
  const child = spawn(process.execPath, args, { stdio: "ignore" });
  try {
    const early: string[] = [];
    const late: string[] = [];
    let hasBegun = false;
    const end = performance.now() + 60_000;
    const caller = async (): Promise<void> => {
      for (let answered = 0; answered < 60 && performance.now() < end; ) {
        // A connection each, so that any worker may get it.
        const agent = new Agent();
        // Of a request that was on its way already nobody can say what it meets.
        const told = hasBegun ? late : early;
        const said = await ask(port, undefined, agent).then(
          ({ status }) => String(status),
          (error: NodeJS.ErrnoException) => String(error.code),
        );
        agent.destroy();
        told.push(said);
        if (said === "200") {
          answered++;
          hasBegun = true;
        } else await sleep(2);
      }
    };
    await Promise.all(Array.from({ length: 6 }, caller));
    assert.ok(late.length >= 300, `${late.length} answers`);
    assert.deepEqual(
      late.filter((said) => said !== "200"),
      [],
    );
    assert.ok(early.every((said) => ["200", "503", "ECONNREFUSED", "ECONNRESET"].includes(said)));
  } finally {
    child.kill("SIGKILL");
    await once(child, "close");
  }
});
