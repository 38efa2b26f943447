// Memory (PSS of the supervisor and its workers) at 1, 2, 4 workers, and the time from start to first right answer.
//
// npm run bench -- serve-memory [TARGET [BODY]]; without TARGET the worked example. A large forest:
// npm run bench -- serve-memory /tmp/big.joblib '[…]'
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../scripts/stage.ts";

const [target = `${root}examples/ride-duration`, body = '{"PULocationID":10,"DOLocationID":50,"trip_distance":40}'] =
  process.argv.slice(2);
/** Another installation: `TRIMARAN_BIN=/path/to/node_modules/.bin/trimaran`. */
const bin = process.env["TRIMARAN_BIN"] ?? `${root}bin/trimaran`;

interface Measured {
  readonly coldMs: number;
  readonly pssMiB: readonly number[];
}

async function measure(workers: number): Promise<Measured> {
  const begin = performance.now();
  const args = [bin, "serve", target, "--workers", String(workers), "--port", "0", "--json", "--log-level", "error"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("exit", (code) => reject(new Error(`serve ended with ${code}`)));
  });
  const { port, pids } = JSON.parse(line) as { port: number; pids: readonly number[] };
  const ask = async (): Promise<void> => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`http://127.0.0.1:${port}/predict`, { method: "POST", headers, body });
    if (answer.status !== 200) throw new Error(`${answer.status}: ${await answer.text()}`);
    await answer.arrayBuffer();
  };
  await ask();
  const coldMs = performance.now() - begin;
  for (let count = 0; count < 2000; count++) await ask();
  await sleep(1500);
  const pssMiB = [child.pid ?? 0, ...pids].map(pssOf);
  const over = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGTERM");
  await over;
  return { coldMs, pssMiB };
}

function pssOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) / 1024;
}

const shown = (value: number): string => value.toFixed(0);

console.log(`${target}\n`);
console.log("| workers | PSS of all, MiB | supervisor | each worker | start to first answer, ms |");
console.log("|---|---|---|---|---|");
await measure(1);
for (const workers of [1, 2, 4]) {
  const { coldMs, pssMiB } = await measure(workers);
  const [supervisor = 0, ...each] = pssMiB;
  const all = pssMiB.reduce((sum, value) => sum + value, 0);
  console.log(
    `| ${workers} | ${shown(all)} | ${shown(supervisor)} | ${each.map(shown).join(", ")} | ${shown(coldMs)} |`,
  );
}
