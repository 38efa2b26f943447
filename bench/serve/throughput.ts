// Requests a second of services, in alternating rounds under the same load generator, after their answers were compared.
import { readFileSync } from "node:fs";
import { median, medianRatio, shown } from "../report/statistics.ts";
import { type Contestant, everyWorkerAnswers, example } from "./contestants.ts";
import type { GrpcTask } from "./generator/grpc-load.ts";
import { assertClean, type LoadResult, type LoadTask } from "./generator/load.ts";
import { LoadGenerator } from "./generator/load-generator.ts";
import type { WorkOptions } from "./outcome.ts";
import { cpuMsOf, type Running, start } from "./processes.ts";
import type { Way } from "./way.ts";

export interface Throughput {
  readonly name: string;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU of all its processes for a request. */
  readonly cpuMicros: number;
  /** How many times its rate the first service has: the median of each round's own ratio. */
  readonly oursTimes: number;
  /** The share of one core that the load generator took. */
  readonly generatorCpu: number;
}

export interface Measured {
  readonly services: readonly Throughput[];
  readonly missing: readonly Missing[];
}

/** A peer that cannot be installed or does not start. */
export interface Missing {
  readonly name: string;
  readonly why: string;
}

interface Competitor {
  readonly running: Running;
  /** Texts that each ride is always answered with; null when they differ from time to time. */
  readonly answers: readonly string[] | null;
  readonly results: LoadResult[];
  readonly cpuMicros: number[];
  /** Why it is measured no longer. */
  failed?: string;
}

export const rides: readonly string[] = readFileSync(`${example}/rides.ndjson`, "utf8").trim().split("\n");

/** What the compiled code of a service needs to be as fast as it will be. */
const warmUpSeconds = 4;

/** @throws when ours does not start, or one of them answers another number than the first with the same model */
export async function measureThroughput(
  wanted: readonly Contestant[],
  way: Way,
  { rounds, seconds, connections, quick, progress }: WorkOptions,
): Promise<Measured> {
  await using stack = new AsyncDisposableStack();
  const competitors: Competitor[] = [];
  const missing: Missing[] = [];
  for (const contestant of wanted) {
    progress(`starting ${contestant.name}`);
    const running = await start(contestant);
    try {
      await everyWorkerAnswers(running, rides[0] ?? "", way.ask);
    } catch (error) {
      await running[Symbol.asyncDispose]();
      if (competitors.length === 0) throw error;
      missing.push({ name: contestant.name, why: (error as Error).message });
      continue;
    }
    stack.use(running);
    competitors.push({ running, answers: await answersOf(running, way), results: [], cpuMicros: [] });
  }
  await assertSame(
    competitors.map(({ running }) => running),
    way,
  );
  let generator = new LoadGenerator();
  stack.defer(() => generator[Symbol.dispose]());
  for (let round = -1; round < rounds; round++) {
    progress(round < 0 ? "warming up" : `round ${round + 1} of ${rounds}`);
    for (const competitor of competitors) {
      if (competitor.failed !== undefined) continue;
      const { running, answers } = competitor;
      const time = round >= 0 ? seconds : quick ? 2 : warmUpSeconds;
      try {
        const load = { rides, answers, connections, seconds: time };
        const { result, cpuMicros } = await underLoad(generator, running, way.task(running, load));
        if (round < 0) continue;
        competitor.results.push(result);
        competitor.cpuMicros.push(cpuMicros);
      } catch (error) {
        if (competitor === competitors[0]) throw error;
        competitor.failed = (error as Error).message;
        missing.push({ name: running.contestant.name, why: competitor.failed });
        // The last one may still be waiting for answers.
        generator[Symbol.dispose]();
        generator = new LoadGenerator();
      }
    }
  }
  const measured = competitors.filter(({ failed }) => failed === undefined);
  const rates = measured.map(({ results }) => results.map((result) => result.requests / result.seconds));
  const services = measured.map(({ running, results, cpuMicros }, at) => ({
    name: running.contestant.name,
    requestsPerSecond: median(rates[at] ?? []),
    p50Ms: median(results.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(results.map(({ p99Ms }) => p99Ms)),
    cpuMicros: median(cpuMicros),
    oursTimes: medianRatio(rates[0] ?? [], rates[at] ?? []),
    generatorCpu: median(results.map(({ ownCpu }) => ownCpu)),
  }));
  return { services, missing };
}

/** @throws when a request is answered wrongly or not at all */
async function underLoad(
  generator: LoadGenerator,
  running: Running,
  task: LoadTask | GrpcTask,
): Promise<{ readonly result: LoadResult; readonly cpuMicros: number }> {
  const { contestant, child } = running;
  const before = cpuMsOf(child.pid ?? 0);
  const result = await generator.run(task);
  assertClean(contestant.name, result);
  return { result, cpuMicros: ((cpuMsOf(child.pid ?? 0) - before) * 1000) / result.requests };
}

export function throughputRows({ services, missing }: Measured): readonly (readonly string[])[] {
  return [
    ["", "req/s", "p50 ms", "p99 ms", "CPU µs a request", "ours is ×", "generator"],
    ...services.map((row) => [
      row.name,
      Math.round(row.requestsPerSecond).toLocaleString("en"),
      ...[row.p50Ms, row.p99Ms, row.cpuMicros, row.oursTimes].map(shown),
      `${Math.round(row.generatorCpu * 100)} %`,
    ]),
    ...missing.map(({ name, why }) => [name, "–", "–", "–", "–", "–", why]),
  ];
}

async function answersOf(running: Running, way: Way): Promise<readonly string[] | null> {
  const first = await answersOnce(running, way);
  const second = await answersOnce(running, way);
  return first.every((text, at) => text === second[at]) ? first : null;
}

async function answersOnce(running: Running, way: Way): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const ride of rides) texts.push(await way.ask(running, ride));
  return texts;
}

async function assertSame(services: readonly Running[], way: Way): Promise<void> {
  const numbers = new Map<string, { readonly name: string; readonly values: readonly number[] }>();
  for (const running of services) {
    const { model, name } = running.contestant;
    if (model === null) continue;
    const values = (await answersOnce(running, way)).map((text) => way.numberOf(running, text));
    const first = numbers.get(model);
    if (first === undefined) numbers.set(model, { name, values });
    const differs = first?.values.findIndex((value, ride) => !Object.is(value, values[ride])) ?? -1;
    if (differs >= 0) throw new Error(`${name} answers ride ${differs} with another number than ${first?.name}`);
    if (values.some((value) => !Number.isFinite(value))) throw new Error(`${name} answers no number`);
  }
}
