// Start to first right answer of one worker: the installed tarball, a clone, and the peers, in turn. The first start of each has
// empty caches of its own and stands in a column of its own; the others have what it left.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { median, shown } from "../report/statistics.ts";
import { type Contestant, example, firstAnswer, numberOf, trimaran } from "./contestants.ts";
import { installTarball } from "./installed.ts";
import { isWanted, type Outcome, type WorkOptions } from "./outcome.ts";
import { fastapi, gunicorn, mlflowServe, mlserver } from "./peers.ts";
import { cpuMsOf, scratchFolder, start } from "./processes.ts";

const ride = '{"PULocationID":10,"DOLocationID":50,"trip_distance":40}';
const duration = 22.625182479499;

interface Start {
  readonly ms: number;
  /** Of all its processes until the answer: what other work on the machine disturbs less. */
  readonly cpuMs: number;
}

interface Starts {
  readonly contestant: Contestant;
  readonly starts: Start[];
  why?: string;
}

export async function coldStart(options: WorkOptions): Promise<Outcome> {
  const { quick, rounds, progress } = options;
  using scratch = scratchFolder();
  progress("packing and installing");
  const bin = await installTarball(scratch.path);
  const ours = (name: string, program?: string): Contestant => ({
    name,
    command: trimaran([example, "--workers", "1", "--home", join(scratch.path, `home of ${name}`)], program),
    // The compile cache, which is empty before the first start.
    env: () => ({ XDG_CACHE_HOME: join(scratch.path, `cache of ${name}`) }),
    model: "linear",
  });
  const peers = {
    "Flask + Gunicorn": () => gunicorn("linear", 1),
    "FastAPI + uvicorn": () => fastapi("linear", 1),
    "MLServer, ready columns": () => mlserver("forest", 1),
    "mlflow models serve, ready columns": () => mlflowServe(1),
  };
  const all: Starts[] = [
    { contestant: ours("installed tarball", bin), starts: [] },
    { contestant: ours("clone"), starts: [] },
  ];
  for (const [name, make] of Object.entries(peers)) {
    if (!isWanted(name, options)) continue;
    const made = await make().catch(() => null);
    if (made !== null) all.push({ contestant: { name, ...made }, starts: [] });
  }
  const turns = quick ? 3 : Math.max(7, rounds);
  for (let turn = 0; turn < turns; turn++) {
    for (const each of all) {
      if (each.why !== undefined) continue;
      progress(`start ${turn + 1} of ${turns}: ${each.contestant.name}`);
      try {
        each.starts.push(await measure(each.contestant));
      } catch (error) {
        each.why = (error as Error).message;
      }
    }
  }
  const figures = all.map(({ contestant, starts: [first, ...later], why }) => ({
    name: contestant.name,
    firstMs: first?.ms ?? Number.NaN,
    ms: median(later.map(({ ms }) => ms)),
    cpuMs: median(later.map(({ cpuMs }) => cpuMs)),
    ...(why === undefined ? {} : { why }),
  }));
  const [installed] = figures;
  if (installed?.why !== undefined) throw new Error(installed.why);
  return {
    title: `start to first right answer, 1 worker, worked example, ${turns} starts in turn`,
    rows: [
      ["", "first start ms", "later, median ms", "of CPU ms"],
      ...figures.map(({ name, firstMs, ms, cpuMs, why }) => [name, ...[firstMs, ms, cpuMs].map(shown), why ?? ""]),
    ],
    data: { services: figures },
    targets: [
      { what: "installed tarball, later start, ms", measured: installed?.ms ?? Number.NaN, is: "at most", target: 300 },
    ],
  };
}

async function measure(contestant: Contestant): Promise<Start> {
  await using running = await start(contestant);
  const answer = await firstAnswer(running, ride);
  const ms = performance.now() - running.startedAt;
  const cpuMs = cpuMsOf(running.child.pid ?? 0);
  const number = numberOf(contestant, answer);
  const isRight = contestant.model === "linear" ? Object.is(number, duration) : Number.isFinite(number);
  if (!isRight) throw new Error(`a wrong answer: ${answer}`);
  // Long enough for what is kept of it.
  await sleep(2500);
  return { ms, cpuMs };
}
