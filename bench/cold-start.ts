// Start to first right answer of one worker: a clone and an installed tarball, first and second start, Gunicorn + Flask beside them.
//
// npm run bench -- cold-start [ROUNDS]
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makePythonEnvironment } from "../scripts/python-environment.ts";
import { root } from "../scripts/stage.ts";
import { linearPins } from "./peers/environments.ts";
import { type Contestant, contestants, freePort } from "./serve/contestants.ts";

const rounds = Number(process.argv[2] ?? 7);
const ride = '{"PULocationID":10,"DOLocationID":50,"trip_distance":40}';
const scratch = mkdtempSync(join(tmpdir(), "trimaran-cold-"));

interface Start {
  readonly ms: number;
  /** Of CPU, by all processes, until the answer: what other work on the machine disturbs less. */
  readonly cpuMs: number;
}

try {
  const python = await makePythonEnvironment(linearPins);
  const [clone, gunicorn] = contestants({ forest: false, python });
  if (clone === undefined || gunicorn === undefined) throw new TypeError("no contestants");
  execFileSync("npm", ["pack", "--silent", "--pack-destination", scratch], { cwd: root, stdio: ["ignore", "pipe", 2] });
  const [tarball = ""] = execFileSync("ls", [scratch], { encoding: "utf8" }).split("\n");
  execFileSync("npm", ["install", "--silent", "--prefix", scratch, join(scratch, tarball)], {
    stdio: ["ignore", 1, 2],
  });
  const bin = join(scratch, "node_modules", "trimaran", "bin", "trimaran");
  const installed: Contestant = {
    ...clone,
    name: "installed tarball",
    command: (port) => [process.execPath, bin, "serve", `${root}examples/ride-duration`, "--port", String(port)],
  };
  const ways = [{ ...clone, name: "clone" }, installed, gunicorn];
  console.log("| service | first start, ms | second start, ms (median) | of CPU, ms |\n|---|--:|--:|--:|");
  const starts = ways.map((): Start[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [index, way] of ways.entries()) starts[index]?.push(await measure(way, String(index)));
  }
  for (const [index, { name }] of ways.entries()) {
    const [cold, ...warm] = starts[index] ?? [];
    const ms = median(warm.map((start) => start.ms));
    const cpuMs = median(warm.map((start) => start.cpuMs));
    console.log(`| ${name} | ${cold?.ms.toFixed(0)} | ${ms.toFixed(0)} | ${cpuMs.toFixed(0)} |`);
  }
} finally {
  rmSync(scratch, { recursive: true });
}

/** Caches of its own, which are empty before the first start. */
async function measure({ command, env }: Contestant, name: string): Promise<Start> {
  const port = await freePort();
  const [program, ...args] = command(port);
  const own = { XDG_CACHE_HOME: join(scratch, `cache-${name}`), TRIMARAN_HOME: join(scratch, `home-${name}`) };
  const begin = performance.now();
  const child = spawn(program, args, { env: { ...process.env, ...env, ...own }, stdio: "ignore" });
  const closed = once(child, "close");
  while ((await ask(port)) !== 200) {
    if (child.exitCode !== null) throw new Error(`${program} ended`);
    await sleep(2);
  }
  const start = { ms: performance.now() - begin, cpuMs: cpuOf(child.pid ?? 0) };
  // Long enough for what is kept of it.
  await sleep(2500);
  child.kill("SIGTERM");
  await closed;
  return start;
}

async function ask(port: number): Promise<number> {
  const headers = { "content-type": "application/json", connection: "close" };
  const answer = await fetch(`http://127.0.0.1:${port}/predict`, { method: "POST", headers, body: ride }).catch(
    () => null,
  );
  await answer?.arrayBuffer();
  return answer?.status ?? 0;
}

/** The process, its children, and those of them that ended. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ")
    .map(Number);
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  const own = fields.slice(11, 15).reduce((sum, ticks) => sum + ticks * 10, 0);
  return children.reduce((sum, child) => sum + cpuOf(child), own);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
