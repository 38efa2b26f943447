// Requests a second of services with two workers, in alternating rounds under the same load generator.
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { root } from "../../scripts/stage.ts";
import { median, medianRatio } from "../report/statistics.ts";
import { ask, type Contestant, firstAnswer, type Running, start } from "./contestants.ts";
import type { LoadResult, LoadTask } from "./load.ts";

export interface Throughput {
  readonly name: string;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** How many times its rate the first service has: the median of each round's own ratio. */
  readonly oursTimes: number;
  /** The share of one core that the load generator took. */
  readonly generatorCpu: number;
}

export interface Measured {
  readonly services: readonly Throughput[];
  /** Those that did not start. */
  readonly missing: readonly { readonly name: string; readonly why: string }[];
}

export interface Rounds {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
}

const rides = readFileSync(`${root}examples/ride-duration/rides.ndjson`, "utf8").trim().split("\n");

/** @throws when one of them answers something wrong; those that say `exact` must give the same text for each ride, bit for bit */
export async function measureThroughput(
  wanted: readonly Contestant[],
  { rounds, seconds, connections }: Rounds,
): Promise<Measured> {
  await using running = new AsyncDisposableStack();
  const open: Running[] = [];
  const missing: { name: string; why: string }[] = [];
  for (const contestant of wanted) {
    const service = await start(contestant);
    try {
      await firstAnswer(service, rides[0] ?? "");
      open.push(running.use(service));
    } catch (error) {
      await service[Symbol.asyncDispose]();
      missing.push({ name: contestant.name, why: (error as Error).message });
    }
  }
  const contestants = open.map(({ contestant }) => contestant);
  const texts: (readonly string[])[] = [];
  for (const service of open) texts.push(await answersOf(service));
  assertSame(contestants, texts);
  const generator = fork(fileURLToPath(new URL("load.ts", import.meta.url)), { stdio: "inherit" });
  running.defer(() => void generator.kill());
  const results = contestants.map((): LoadResult[] => []);
  for (let round = -1; round < rounds; round++) {
    for (const [at, { contestant, port }] of open.entries()) {
      const { path = "/predict", bodyOf = (ride: string): string => ride } = contestant;
      const answers = contestant.answers === "exact" ? (texts[at] ?? null) : null;
      const task: LoadTask = {
        ...{ port, path, connections, answers },
        ...{ bodies: rides.map(bodyOf), seconds: round < 0 ? Math.min(1, seconds) : seconds },
      };
      generator.send(task);
      const [result] = (await once(generator, "message")) as [LoadResult];
      if (result.wrong + result.broken > 0) {
        throw new Error(`${contestant.name}: ${result.wrong} wrong answers, ${result.broken} broken connections`);
      }
      if (round >= 0) results[at]?.push(result);
    }
  }
  const rates = results.map((each) => each.map((result) => result.requests / result.seconds));
  const services = contestants.map(({ name }, at) => ({
    name,
    requestsPerSecond: median(rates[at] ?? []),
    p50Ms: median((results[at] ?? []).map(({ p50Ms }) => p50Ms)),
    p99Ms: median((results[at] ?? []).map(({ p99Ms }) => p99Ms)),
    oursTimes: medianRatio(rates[0] ?? [], rates[at] ?? []),
    generatorCpu: median((results[at] ?? []).map(({ ownCpu }) => ownCpu)),
  }));
  return { services, missing };
}

async function answersOf({ contestant, port }: Running): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const ride of rides) texts.push((await ask(port, contestant.bodyOf?.(ride) ?? ride, contestant.path)) ?? "");
  return texts;
}

function assertSame(contestants: readonly Contestant[], texts: readonly (readonly string[])[]): void {
  const durations = texts.map((each, at) =>
    contestants[at]?.answers === "exact"
      ? each.map((text) => (JSON.parse(text) as { duration: number }).duration)
      : null,
  );
  for (const [at, each] of durations.entries()) {
    const differs = each?.findIndex((value, ride) => !Object.is(value, durations[0]?.[ride])) ?? -1;
    if (differs >= 0)
      throw new Error(`${contestants[at]?.name}: ride ${differs} is answered with another number than ours`);
  }
}
