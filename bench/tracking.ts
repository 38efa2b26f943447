// `trimaran tracking` beside the real `mlflow server`: the same requests from the same generator, over SQLite, in turns.
//
//   npm run bench -- tracking [--quick] [--json] [--rounds 3] [--seconds 3] [--ours-only]
//
// Each server has a store of its own with the same contents, and its usual number of workers. The generator is another process.
// A ratio is the median of the ratios of the rounds: above 1 ours is better.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { mlflow318, mlflowPeer } from "../test/e2e/mlflow-tracking/environments.ts";
import { median, medianRatio, shown, tableText } from "./report/statistics.ts";
import { type RunningServer, type StartServer, startOurs, startTheirs } from "./tracking/servers.ts";
import { makeStore, type StoreSize } from "./tracking/store-file.ts";
import { Generator, type GeneratorTask, type TaskResult, type Work } from "./tracking/task.ts";

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    "ours-only": { type: "boolean", default: false },
    rounds: { type: "string" },
    seconds: { type: "string" },
  },
});
const rounds = Number(flags.rounds ?? (flags.quick ? 1 : 3));
const seconds = Number(flags.seconds ?? (flags.quick ? 1 : 3));
const artifactBytes = (flags.quick ? 16 : 256) << 20;
const small: StoreSize = { runs: 2000, points: 0 };
const large: StoreSize = flags.quick ? { runs: 10_000, points: 100_000 } : { runs: 100_000, points: 1_000_000 };
const connections = 8;
/** For the searches of MLflow's server in the large store. */
const peerLargeMs = 30_000;

const searches: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ["newest", {}],
  ["metric <", { filter: "metrics.rmse < 5" }],
  ["metric, few", { filter: "metrics.rmse < 0.01" }],
  ["param =", { filter: "params.depth = '7'" }],
  ["tag LIKE", { filter: "tags.mlflow.runName LIKE '%999%'" }],
  ["three conditions", { filter: "attributes.status = 'FAILED' AND metrics.rmse > 5 AND params.rate = '3'" }],
  ["by metric", { order_by: ["metrics.rmse ASC"] }],
  ["by param", { order_by: ["params.depth DESC"] }],
  ["by tag", { order_by: ["tags.team"] }],
];

type Side = "ours" | "theirs";

interface Row {
  readonly name: string;
  readonly unit: string;
  /** A round each; null: it is not measured of theirs. */
  readonly ours: number[];
  readonly theirs: number[];
  readonly isMoreBetter: boolean;
  /** The least ratio, or the most that ours may be. */
  readonly target: { readonly ratio: number } | { readonly most: number };
}

const rows: Row[] = [];

function note(side: Side, row: Omit<Row, Side>, value: number): void {
  let found = rows.find(({ name }) => name === row.name);
  if (found === undefined) {
    found = { ...row, ours: [], theirs: [] };
    rows.push(found);
  }
  found[side].push(value);
}

const sides: (readonly [Side, StartServer])[] = [["ours", startOurs]];
if (!flags["ours-only"]) {
  const { python, skip } = await mlflowPeer(mlflow318);
  if (skip !== false) throw new Error(skip);
  sides.unshift(["theirs", startTheirs(python)]);
}
const folder = mkdtempSync(join(tmpdir(), "trimaran-bench-tracking-"));
try {
  for (const [side] of sides) {
    mkdirSync(join(folder, side, "artifacts"), { recursive: true });
    await makeStore(join(folder, side, "small.db"), small, side === "theirs");
    await makeStore(join(folder, side, "large.db"), large, side === "theirs");
  }
  for (let round = 0; round < rounds; round++) {
    for (const [side, start] of sides) {
      say(`round ${round + 1} of ${rounds}: ${side}`);
      await measureSmall(side, await start({ folder: join(folder, side), store: join(folder, side, "small.db") }));
      // Theirs may take minutes for one search among so many: it is asked in one round, and no longer than the budget.
      if (side === "ours" || round === 0)
        await measureLarge(side, await start({ folder: join(folder, side), store: join(folder, side, "large.db") }));
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
report();

async function measureSmall(side: Side, running: RunningServer): Promise<void> {
  await using server = running;
  using generator = new Generator();
  note(side, { name: "start to /health", unit: "ms", isMoreBetter: false, target: { ratio: 20 } }, server.startMs);
  await sleep(2000);
  const mebibytes = server.residentBytes() / 2 ** 20;
  note(side, { name: "idle, all processes", unit: "MiB", isMoreBetter: false, target: { ratio: 15 } }, mebibytes);
  await fetch(`${server.url}/api/2.0/mlflow/experiments/create`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "created" }),
  });
  const works: readonly Work[] = ["create-run", "log-metric", "log-batch", "get-run", "search"];
  for (const work of works) {
    const name = work === "search" ? "search, newest 100 of 2,000" : work === "log-batch" ? "log-batch of 100" : work;
    const task = { kind: "load", url: server.url, work, connections } as const;
    await run(generator, { ...task, seconds: Math.min(seconds, 1) }, side);
    const result = await run(generator, { ...task, seconds }, side);
    const rate = (result.requests - result.failures) / (result.ms / 1000);
    note(side, { name, unit: "requests/s", isMoreBetter: true, target: { ratio: 20 } }, rate);
  }
  for (const direction of ["up", "down"] as const) {
    const { ms } = await run(generator, { kind: "artifact", url: server.url, bytes: artifactBytes, direction }, side);
    const rate = artifactBytes / 1e6 / (ms / 1000);
    note(side, { name: `artifact ${direction}`, unit: "MB/s", isMoreBetter: true, target: { ratio: 2 } }, rate);
  }
}

async function measureLarge(side: Side, running: RunningServer): Promise<void> {
  await using server = running;
  using generator = new Generator();
  using watcher = new Generator();
  const amount = large.runs.toLocaleString("en");
  const end = performance.now() + (side === "ours" ? Number.POSITIVE_INFINITY : peerLargeMs);
  for (const [name, search] of searches) {
    const load = { kind: "load", url: server.url, work: "search", connections: 1, search } as const;
    const task = side === "ours" ? load : { ...load, timeoutMs: peerLargeMs };
    if (side === "ours") await run(generator, { ...task, seconds: 0.2 }, side);
    const isLeft = performance.now() > end;
    if (isLeft) say(`mlflow server: "${name}" is left out: the others took ${peerLargeMs / 1000} s`);
    const { p99 } = isLeft ? { p99: Number.NaN } : await run(generator, { ...task, seconds }, side);
    const row = { name: `p99 among ${amount} runs: ${name}`, unit: "ms", isMoreBetter: false, target: { most: 100 } };
    note(side, row, p99);
  }
  // While one reads the history, the other sees how long the server is deaf.
  const most = side === "ours" ? large.points : Math.min(large.points, 50_000);
  const stop = run(generator, { kind: "history", url: server.url, points: most }, side);
  const pauses: number[] = [];
  let isDone = false;
  const done = stop.finally(() => (isDone = true));
  while (!isDone) {
    pauses.push(
      (await run(watcher, { kind: "load", url: server.url, work: "health", seconds: 0.5, connections: 1 }, side)).max,
    );
  }
  const { ms, bytes: points } = await done;
  if (points !== large.points && side === "ours") throw new Error(`the history has ${points} points`);
  const history = {
    name: `history of ${large.points.toLocaleString("en")} points`,
    unit: "points/s",
    isMoreBetter: true,
  };
  note(side, { ...history, target: { ratio: 1 } }, points / (ms / 1000));
  const deaf = { name: "longest /health beside it", unit: "ms", isMoreBetter: false, target: { most: 50 } };
  note(side, deaf, Math.max(...pauses));
}

/** Ours must answer everything. Of theirs what it refuses is told and does not count, and what it cannot do at all is no figure. */
async function run(generator: Generator, task: GeneratorTask, side: Side): Promise<TaskResult> {
  let result: TaskResult;
  try {
    result = await generator.run(task);
  } catch (error) {
    if (side === "ours") throw error;
    say(`mlflow server: ${JSON.stringify(task)}: ${String(error)}`);
    return { ms: Number.NaN, requests: 0, failures: 0, bytes: 0, p50: Number.NaN, p99: Number.NaN, max: Number.NaN };
  }
  const { failures, requests, problem } = result;
  if (failures === 0) return result;
  const told = `${failures} of ${requests} requests failed: ${JSON.stringify(task)}: ${problem}`;
  if (side === "ours") throw new Error(told);
  say(`mlflow server: ${told}`);
  return result;
}

function report(): void {
  const shownRows = rows.map(({ name, unit, ours, theirs, isMoreBetter, target }) => {
    const asked = ours.slice(0, theirs.length);
    const ratio = isMoreBetter ? medianRatio(asked, theirs) : medianRatio(theirs, asked);
    const isMet = "ratio" in target ? ratio >= target.ratio : median(ours) <= target.most;
    return { name, unit, ours: median(ours), theirs: median(theirs), ratio, target, isMet };
  });
  if (flags.json) {
    console.log(JSON.stringify({ quick: flags.quick, rounds, seconds, rows: shownRows }));
    return;
  }
  const table = shownRows.map((row) => [
    row.name,
    row.unit,
    shown(row.theirs),
    shown(row.ours),
    `${shown(row.ratio)} ×`,
    "ratio" in row.target ? `≥ ${row.target.ratio} ×` : `≤ ${row.target.most} ms`,
    "ratio" in row.target && Number.isNaN(row.ratio) ? "" : row.isMet ? "met" : "missed",
  ]);
  console.log(tableText([["", "", "mlflow server", "trimaran tracking", "ratio", "target", ""], ...table]));
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
