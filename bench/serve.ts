// Requests a second: our service beside Flask + Gunicorn and a bare node:http server, in alternating rounds.
//
//   npm run bench -- serve [--forest] [--rounds 5] [--seconds 3] [--connections 16] [--starts 5] [--json]
//
// Installs Flask, Gunicorn and the scikit-learn that wrote the model by pip, once. One load generator in a process of its own
// sends the worked example's rides to one service at a time, each connection its next ride when the last one is answered.
// Before that every service but the bare one answers every ride, and ours must be Python's numbers to the last bit; while it is
// measured every answer is compared with that text. Then each is started anew a few times, up to its first right answer.
// Figures of one run may be compared, figures of two runs may not.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { makePythonEnvironment } from "../scripts/python-environment.ts";
import { root } from "../scripts/stage.ts";
import { forestPins, linearPins } from "./peers/environments.ts";
import { median, medianRatio, shown, tableText } from "./report/statistics.ts";
import { ask, type Contestant, contestants, firstAnswer, type Running, start } from "./serve/contestants.ts";
import type { LoadResult, LoadTask } from "./serve/load.ts";

const { values: flags } = parseArgs({
  options: {
    forest: { type: "boolean", default: false },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "3" },
    connections: { type: "string", default: "16" },
    starts: { type: "string", default: "5" },
    json: { type: "boolean", default: false },
  },
});
const rounds = Number(flags.rounds);
const seconds = Number(flags.seconds);
const connections = Number(flags.connections);
const starts = Number(flags.starts);
const say = (text: string): void => (flags.json ? undefined : console.log(text));

const rides = readFileSync(`${root}examples/ride-duration/rides.ndjson`, "utf8").trim().split("\n");
const pins = flags.forest ? forestPins : linearPins;
say(`Python with ${pins.pins.join(", ")} …`);
const services = contestants({ forest: flags.forest, python: await makePythonEnvironment(pins) });
const load = await measureLoad();
const firstAnswers = await measureStarts();
report();

interface ServiceLoad {
  readonly contestant: Contestant;
  readonly rounds: LoadResult[];
  /** Resident memory of the service's processes after its last round. */
  residentMiB: number;
}

async function measureLoad(): Promise<readonly ServiceLoad[]> {
  await using running = new AsyncDisposableStack();
  const open: Running[] = [];
  for (const service of services) open.push(running.use(await start(service)));
  const answers: (readonly string[])[] = [];
  for (const service of open) answers.push(await answersOf(service));
  assertSameAnswers(answers);
  const generator = fork(fileURLToPath(new URL("serve/load.ts", import.meta.url)), { stdio: "inherit" });
  running.defer(() => void generator.kill());
  const figures = open.map(({ contestant }): ServiceLoad => ({ contestant, rounds: [], residentMiB: 0 }));
  for (let round = -1; round < rounds; round++) {
    for (const [at, { contestant, port }] of open.entries()) {
      const texts = contestant.answers === "exact" ? answers[at]! : null;
      const warm = round < 0;
      const task = { port, connections, seconds: warm ? 1 : seconds, bodies: rides, answers: texts };
      const result = await runTask(generator, task);
      if (result.wrong + result.broken > 0) {
        throw new Error(`${contestant.name}: ${result.wrong} wrong answers, ${result.broken} broken connections`);
      }
      if (!warm) figures[at]!.rounds.push(result);
    }
    if (round >= 0) say(`round ${round + 1} of ${rounds}`);
  }
  for (const [at, { child }] of open.entries()) figures[at]!.residentMiB = residentMiB(child.pid ?? 0);
  return figures;
}

async function answersOf(service: Running): Promise<readonly string[]> {
  await firstAnswer(service, rides[0]!);
  const texts: string[] = [];
  for (const ride of rides) texts.push((await ask(service.port, ride)) ?? "");
  return texts;
}

/** Gunicorn with one worker is the reference; for the definition's own model the recorded numbers are held to as well. */
function assertSameAnswers(answers: readonly (readonly string[])[]): void {
  const durations = answers.map((texts) => texts.map((text) => (JSON.parse(text) as { duration: number }).duration));
  const expected = durations[services.findIndex(({ name }) => name.includes("1 worker"))]!;
  const recorded = readFileSync(`${root}examples/ride-duration/parity.ndjson`, "utf8").trim().split("\n");
  for (const [at, { name, answers: kind }] of services.entries()) {
    if (kind === "constant") continue;
    for (let ride = 0; ride < rides.length; ride++) {
      const [is, must] = [durations[at]![ride]!, expected[ride]!];
      const same = kind === "exact" ? Object.is(is, must) : Math.abs(is - must) <= 1e-12 * Math.abs(must);
      const parity = JSON.parse(recorded[ride]!) as { output: { duration: number } };
      if (!same || (!flags.forest && !Object.is(is, parity.output.duration))) {
        throw new Error(`${name}: ride ${ride} is answered with another number than Python's`);
      }
    }
  }
  say(`${rides.length} rides: every service answers Python's number to the last bit`);
}

async function runTask(generator: ChildProcess, task: LoadTask): Promise<LoadResult> {
  generator.send(task);
  const [result] = (await once(generator, "message")) as [LoadResult];
  return result;
}

/** ms from the start of the process to the first right answer, each start with nothing else running. */
async function measureStarts(): Promise<ReadonlyMap<Contestant, readonly number[]>> {
  const figures = new Map<Contestant, number[]>(services.map((service) => [service, []]));
  for (let round = 0; round < starts; round++) {
    for (const service of services) {
      const began = performance.now();
      await using running = await start(service);
      const text = await firstAnswer(running, rides[0]!);
      const ms = performance.now() - began;
      if (!text.includes('"duration"')) throw new Error(`${service.name} begins with another answer`);
      figures.get(service)!.push(ms);
    }
  }
  return figures;
}

function report(): void {
  const rates = load.map((service) => service.rounds.map((round) => round.requests / round.seconds));
  const gunicorn = rates[load.findIndex(({ contestant }) => contestant.name.includes("1 worker"))]!;
  const two = rates[load.findIndex(({ contestant }) => contestant.name.includes("2 workers"))]!;
  const bare = rates[load.findIndex(({ contestant }) => contestant.answers === "constant")]!;
  const figures = load.map(({ contestant, rounds: results, residentMiB: resident }, at) => ({
    name: contestant.name,
    requestsPerSecond: median(rates[at]!),
    p50Ms: median(results.map((result) => result.p50Ms)),
    p99Ms: median(results.map((result) => result.p99Ms)),
    timesGunicorn1: medianRatio(rates[at]!, gunicorn),
    timesGunicorn2: medianRatio(rates[at]!, two),
    ofBare: medianRatio(rates[at]!, bare),
    generatorCpu: median(results.map((result) => result.ownCpu)),
    residentMiB: resident,
    firstAnswerMs: median(firstAnswers.get(contestant)!),
  }));
  const model = flags.forest ? "forest" : "linear";
  if (flags.json) {
    console.log(
      JSON.stringify({ bench: "serve", model, connections, rounds, seconds, starts, services: figures }, null, 2),
    );
    return;
  }
  console.log(
    `\n${model} model, ${connections} connections, ${rounds} rounds of ${seconds} s in turn, one ride a request`,
  );
  console.log("medians of the rounds; ratios are medians of each round's own ratio\n");
  const head = [
    "",
    "req/s",
    "p50 ms",
    "p99 ms",
    "× Gunicorn 1",
    "× Gunicorn 2",
    "of bare",
    "generator",
    "MiB",
    "start ms",
  ];
  const lines = figures.map((row) => [
    row.name,
    Math.round(row.requestsPerSecond).toLocaleString("en"),
    ...[row.p50Ms, row.p99Ms, row.timesGunicorn1, row.timesGunicorn2].map(shown),
    `${Math.round(row.ofBare * 100)} %`,
    `${Math.round(row.generatorCpu * 100)} %`,
    shown(row.residentMiB),
    shown(row.firstAnswerMs),
  ]);
  console.log(tableText([head, ...lines]));
  console.log(`
generator: the share of one core that sending and reading took; where it is near 100 % the service may be faster than that
start: from the start of the process to its first right answer, median of ${starts} starts`);
}

/** A process with its children, as Linux counts them; NaN elsewhere. */
function residentMiB(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean);
    const own = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024;
    return children.reduce((sum, child) => sum + residentMiB(Number(child)), own);
  } catch {
    return Number.NaN;
  }
}
