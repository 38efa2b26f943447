// What a service takes of the machine's memory (PSS of all its processes) with 1, 2, 4 workers after some load: the worked
// example, and a forest of 1.6 million nodes. Ours is the installed tarball.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { shown } from "../report/statistics.ts";
import { bodyOf, type Contestant, everyWorkerAnswers, example, pathOf, trimaran } from "./contestants.ts";
import { assertClean, runLoad } from "./generator/load.ts";
import { installTarball } from "./installed.ts";
import { isWanted, type Outcome, type Target, type WorkOptions } from "./outcome.ts";
import { columnModels, gunicorn, mlserver, oipOver } from "./peers.ts";
import { pssMiBOf, scratchFolder, start, treeOf } from "./processes.ts";
import { rides } from "./throughput.ts";

interface Measured {
  readonly model: string;
  readonly name: string;
  readonly workers: number;
  /** Of the process that was started, then of each one below it. */
  readonly pssMiB: readonly number[];
  readonly all: number;
}

type Maker = (workers: number) => Promise<Omit<Contestant, "name">>;

export async function memory(options: WorkOptions): Promise<Outcome> {
  const { quick, progress } = options;
  using scratch = scratchFolder();
  progress("packing and installing");
  const bin = await installTarball(scratch.path);
  const large = join(await columnModels(), "large", "model.joblib");
  const ours =
    (target: string, more: Partial<Contestant>): Maker =>
    async (workers) => ({
      command: trimaran([target, "--workers", String(workers), "--home", join(scratch.path, "home")], bin),
      model: null,
      ...more,
    });
  const models: Readonly<Record<string, Readonly<Record<string, Maker>>>> = {
    "worked example": {
      trimaran: ours(example, {}),
      "Flask + Gunicorn": (workers) => gunicorn("linear", workers),
      // It takes no dict: a linear model over ready columns.
      MLServer: (workers) => mlserver("linear", workers),
    },
    "1.6 M nodes": {
      trimaran: ours(large, oipOver("model")),
      "Flask + Gunicorn": (workers) => gunicorn("large", workers),
      "Flask + Gunicorn --preload": (workers) => gunicorn("large", workers, true),
      MLServer: (workers) => mlserver("large", workers),
    },
  };
  const measured: Measured[] = [];
  const missing: string[][] = [];
  for (const [model, makers] of Object.entries(models)) {
    for (const [name, make] of Object.entries(makers)) {
      if (name !== "trimaran" && !isWanted(name, options)) continue;
      try {
        // What ours reads and packs once is kept; the second start is a worker's usual one.
        if (name === "trimaran") await measure({ name, ...(await make(1)) }, 1);
        for (const workers of quick ? [2] : [1, 2, 4]) {
          progress(`${model}: ${name}, ${workers} workers`);
          const pssMiB = await measure({ name, ...(await make(workers)) }, quick ? 500 : 5000);
          measured.push({ model, name, workers, pssMiB, all: pssMiB.reduce((sum, each) => sum + each, 0) });
        }
      } catch (error) {
        if (name === "trimaran") throw error;
        missing.push([`${model}: ${name}`, (error as Error).message]);
      }
    }
  }
  const of = (model: string, name: string): number =>
    measured.find((each) => each.model === model && each.name === name && each.workers === 2)?.all ?? Number.NaN;
  const held = (model: string, name: string, target: number): Target => ({
    what: `${model}, 2 workers, PSS / ${name}`,
    measured: of(model, "trimaran") / of(model, name),
    is: "at most",
    target,
  });
  return {
    title: `memory: PSS of all processes in MiB after ${quick ? 500 : 5000} requests; installed tarball`,
    rows: [
      ["", "workers", "all", "each process"],
      ...measured.map(({ model, name, workers, pssMiB, all }) => [
        `${model}: ${name}`,
        String(workers),
        shown(all),
        pssMiB.map((each) => each.toFixed(0)).join(" + "),
      ]),
      ...missing,
    ],
    data: { services: measured, missing },
    targets: [held("worked example", "Flask + Gunicorn", 0.667), held("worked example", "MLServer", 0.25)],
  };
}

async function measure(contestant: Contestant, requests: number): Promise<readonly number[]> {
  await using running = await start(contestant);
  await everyWorkerAnswers(running, rides[0] ?? "");
  const result = await runLoad({
    port: running.port,
    path: pathOf(contestant),
    bodies: rides.map((ride) => bodyOf(contestant, ride)),
    ...{ connections: 16, seconds: 60, requests, answers: null },
  });
  assertClean(`${contestant.name}, memory`, result);
  await sleep(1500);
  return treeOf(running.child.pid ?? 0).map(pssMiBOf);
}
