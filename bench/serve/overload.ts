// Twice the load that the service can take: what it still answers, how it refuses the rest, and how soon it is itself again.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { shown } from "../report/statistics.ts";
import { ask, type Contestant, everyWorkerAnswers, example, trimaran } from "./contestants.ts";
import { assertClean } from "./generator/load.ts";
import { LoadGenerator } from "./generator/load-generator.ts";
import { countOf, type OpenResult, openLoop } from "./generator/open-loop.ts";
import type { Work } from "./outcome.ts";
import { columnModels } from "./peers.ts";
import { type Running, scratchFolder, start } from "./processes.ts";

export const rowsOfARequest = 200;

/** The worked example's rides, in turn, as one request. */
export function manyRides(): string {
  const rides = readFileSync(`${example}/rides.ndjson`, "utf8").trim().split("\n");
  const rows = Array.from({ length: rowsOfARequest }, (_, at) => rides[at % rides.length]);
  return `[${rows.join(",")}]`;
}

/** Requests answered a second in a closed loop, after as much time to warm up. On a busy machine some may be refused. */
export async function capacityOf({ port }: Running, body: string, seconds: number): Promise<number> {
  using generator = new LoadGenerator();
  const task = { port, connections: 16, seconds, bodies: [body], answers: null };
  await generator.run(task);
  const result = await generator.run(task);
  if (!result.firstWrong?.startsWith("503 ")) assertClean("below the limit", result);
  return (result.requests - result.wrong) / result.seconds;
}

/** What the service answers to the body, always. @throws when two answers differ */
export async function onlyAnswer(running: Running, body: string): Promise<string> {
  await everyWorkerAnswers(running, body);
  const first = await ask(running, body);
  if ((await ask(running, body)) !== first) throw new Error(`${running.contestant.name} answers the same in two ways`);
  return first;
}

export const overload: Work = async ({ quick, progress }) => {
  const seconds = quick ? 3 : 10;
  using home = scratchFolder();
  const model = join(await columnModels(), "forest500.pkl");
  const contestant: Contestant = {
    name: "trimaran",
    command: trimaran([model, "--workers", "2", "--home", home.path, "--log-level", "error"]),
    model: "forest500",
  };
  await using service = await start(contestant);
  const body = manyRides();
  const answer = await onlyAnswer(service, body);
  const { port } = service;
  progress("capacity");
  const capacity = await capacityOf(service, body, quick ? 2 : 5);
  const leisure = await openLoop({ port, body, answer, rate: 20, seconds: 1 });
  progress("twice of it");
  const twice = await openLoop({ port, body, answer, rate: 2 * capacity, seconds });
  progress("recovery");
  const recoveryMs = twice.drainMs + (await untilAtLeisure(service, body, leisure));
  const goodput = twice.goodput / capacity;
  const unclean = countOf(twice);
  return {
    title: `twice the load: ${rowsOfARequest} rows a request, forest of 500 trees, 2 workers, open loop of ${seconds} s`,
    rows: [
      ["", "requests/s", "p50 ms", "p99 ms", "refused", "others"],
      ["capacity, 16 connections", shown(capacity), "", "", "", ""],
      ["at leisure", "20", shown(leisure.p50Ms), shown(leisure.p99Ms), String(leisure.refused), failures(leisure)],
      ["twice", shown(twice.goodput), shown(twice.p50Ms), shown(twice.p99Ms), String(twice.refused), failures(twice)],
    ],
    notes: [
      `sent ${twice.sent}; the generator took ${Math.round(twice.ownCpu * 100)} % of a core; recovered after ${shown(recoveryMs)} ms`,
    ],
    data: { capacity, leisure, twice, recoveryMs },
    targets: [
      { what: "goodput / capacity", measured: goodput, is: "at least", target: 0.9 },
      { what: "answers that are no clean 503", measured: unclean, is: "at most", target: 0 },
      { what: "accepted p99, ms (queue time is 500)", measured: twice.p99Ms, is: "at most", target: 1000 },
      { what: "recovery, ms", measured: recoveryMs, is: "at most", target: 2000 },
    ],
  };
};

/** Until an answer takes no longer than three times what it does at leisure. */
async function untilAtLeisure({ port }: Running, body: string, leisure: OpenResult): Promise<number> {
  const begin = performance.now();
  for (;;) {
    const probe = await openLoop({ port, body, rate: 50, seconds: 0.1 });
    const waited = performance.now() - begin;
    const isClean = probe.refused + countOf(probe) === 0;
    if ((isClean && probe.p50Ms <= 3 * leisure.p50Ms) || waited > 20_000) return waited;
  }
}

export function failures(result: OpenResult): string {
  const all = Object.entries(result.failures).map(([what, count]) => `${count} × ${what}`);
  return all.length === 0 ? "0" : all.join(", ");
}
