// The web service beside the other programs: requests a second, twice the load it can take, new models under load.
//
//   npm run bench -- serve [--only NAME] [--quick] [--rounds 5] [--seconds 3] [--connections 16] [--json]
//
// Works: linear, forest (two workers each, peers in alternating rounds), overload, swap. --only names a work, or a peer whose
// text it is part of. The peers are installed by pip, once; one that cannot be is a row that says so. Answers are compared
// before and while they are measured. Figures of one run may be compared, figures of two runs may not.
// Beside it: bench -- serve-memory, cold-start, swaps (memory over 1,000 exchanges), prediction-log.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { shown, tableText } from "./report/statistics.ts";
import { measureOverload, measureSwapping } from "./serve/open-works.ts";
import { measureThroughput } from "./serve/throughput.ts";
import { twoWorkers } from "./serve/two-workers.ts";

const { values: flags } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    quick: { type: "boolean", default: false },
    rounds: { type: "string" },
    seconds: { type: "string" },
    connections: { type: "string", default: "16" },
    json: { type: "boolean", default: false },
  },
});
const rounds = Number(flags.rounds ?? (flags.quick ? 1 : 5));
const seconds = Number(flags.seconds ?? (flags.quick ? 0.5 : 3));
const works = ["linear", "forest", "overload", "swap"];
const isWork = works.includes(flags.only);
const asked = (work: string): boolean => (isWork ? flags.only === work : true);
const peer = isWork ? "" : flags.only;

/** How many times the peer's rate ours must be, of the table. */
const targets: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  linear: { "Flask + Gunicorn": 8, "FastAPI + uvicorn": 4, "bare node:http, cluster": 0.85 },
  forest: {
    "Flask + Gunicorn": 45,
    "MLServer, ready columns": 80,
    "mlflow models serve, ready columns": 150,
    "bare node:http, cluster": 0.85,
  },
};

interface Line {
  readonly work: string;
  readonly what: string;
  readonly measured: number;
  readonly target?: number;
  /** @default at-least */
  readonly is?: "at-most";
}

const lines: Line[] = [];
const tables: unknown[] = [];
const say = (text: string): void => (flags.json ? undefined : console.log(text));

for (const model of ["linear", "forest"] as const) if (asked(model)) await throughput(model);
if (peer === "" && asked("overload")) await overload();
if (peer === "" && asked("swap")) await swap();
report();

async function throughput(model: "linear" | "forest"): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), "trimaran-bench-"));
  try {
    const { contestants, missing: notInstalled } = await twoWorkers(model, home, peer);
    const connections = Number(flags.connections);
    const measured = await measureThroughput(contestants, { rounds, seconds, connections });
    const figures = measured.services;
    const missing = [...notInstalled, ...measured.missing];
    say(`\n${model}, 2 workers, ${connections} connections, ${rounds} rounds of ${seconds} s in turn\n`);
    const head = ["", "req/s", "p50 ms", "p99 ms", "ours is ×", "generator"];
    const cells = figures.map((row) => [
      row.name,
      Math.round(row.requestsPerSecond).toLocaleString("en"),
      ...[row.p50Ms, row.p99Ms, row.oursTimes].map(shown),
      `${Math.round(row.generatorCpu * 100)} %`,
    ]);
    say(tableText([head, ...cells, ...missing.map(({ name, why }) => [name, why, "", "", "", ""])]));
    tables.push({ work: model, services: figures, missing });
    for (const { name, oursTimes } of figures) {
      const target = targets[model]?.[name];
      if (target !== undefined) lines.push({ work: model, what: `× ${name}`, measured: oursTimes, target });
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function overload(): Promise<void> {
  const time = flags.quick ? 2 : 10;
  const { capacity, twice, recoveryMs } = await measureOverload(time);
  const work = "overload × 2";
  const failed = Object.values(twice.failures).reduce((sum, count) => sum + count, 0);
  say(`\n${work}: capacity ${shown(capacity)} requests/s of 200 rows, ${time} s at twice of it`);
  say(`${twice.sent} sent, ${twice.refused} refused with 503, others: ${JSON.stringify(twice.failures)}`);
  say(`p50 ${shown(twice.p50Ms)} ms; the generator took ${Math.round(twice.ownCpu * 100)} % of a core`);
  tables.push({ work, capacity, twice, recoveryMs });
  lines.push({ work, what: "goodput / capacity", measured: twice.goodput / capacity, target: 0.9 });
  lines.push({ work, what: "answers that are no clean 503", measured: failed, target: 0, is: "at-most" });
  lines.push({ work, what: "accepted p99, ms (queue 500)", measured: twice.p99Ms, target: 1000, is: "at-most" });
  lines.push({ work, what: "recovery, ms", measured: recoveryMs, target: 2000, is: "at-most" });
}

async function swap(): Promise<void> {
  const time = flags.quick ? 3 : 15;
  const { swaps, capacity, steady, swapping } = await measureSwapping(time);
  const work = "swap a second";
  const failed = Object.values(swapping.failures).reduce((sum, count) => sum + count, 0) + swapping.refused;
  say(`\n${work}, half of ${shown(capacity)} requests/s: ${swaps} swaps in ${time} s; 200 rows a request`);
  say(`p99 steady ${shown(steady.p99Ms)} ms, swapping ${shown(swapping.p99Ms)} ms`);
  tables.push({ work, swaps, capacity, steady, swapping });
  lines.push({ work, what: "errors", measured: failed, target: 0, is: "at-most" });
  lines.push({ work, what: "p99 / steady", measured: swapping.p99Ms / steady.p99Ms, target: 1.5, is: "at-most" });
}

function report(): void {
  const met = ({ measured, target = 0, is }: Line): boolean =>
    is === "at-most" ? measured <= target : measured >= target;
  if (flags.json) {
    const held = lines.map((line) => ({ ...line, met: met(line) }));
    console.log(JSON.stringify({ bench: "serve", rounds, seconds, tables, targets: held }, null, 2));
    return;
  }
  const cells = lines.map((line) => [
    `${line.work}: ${line.what}`,
    shown(line.measured),
    `${line.is === "at-most" ? "≤" : "≥"} ${line.target}`,
    met(line) ? "met" : "not met",
  ]);
  console.log(`\n${tableText([["", "measured", "target", ""], ...cells])}`);
}
