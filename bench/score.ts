// Batch jobs, Parquet to Parquet, from the start of the process to its end, beside the ways of Python.
//
//   npm run bench -- score [--only linear,forest,month,memory,resume] [--rows 5000000] [--rounds 3] [--quick] [--json]
//
// linear: DictVectorizer + LinearRegression over the pairs of zones (13,000 columns with the pairs of all months; those of one here),
// beside pandas as in the course, DuckDB → Arrow → scikit-learn, and DuckDB alone in SQL. forest: 100 trees of depth 20, beside DuckDB →
// Arrow → scikit-learn on 2 cores. month: 69,399 real rides. Every way derives the duration, keeps 1 to 60 minutes and writes the course's eight columns.
// memory: our peak over --rows and over ten times as many. resume: a job over ten times --rows is killed when 90 % of its shards are
// there, and goes on. The contestants take turns; printed are medians and the medians of the rounds' own ratios.
import { existsSync, mkdirSync, mkdtempDisposableSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { makePythonEnvironment, type PythonPins } from "../scripts/python-environment.ts";
import { waitForQuiet } from "./report/quiet.ts";
import { median, medianRatio, shown, tableText } from "./report/statistics.ts";
import { manyRides, ridesDefinition, scoredMonth, trainingMonth } from "./score/ride-files.ts";
import { type TimedProcess, timedProcess } from "./score/timed-process.ts";

const { values: flags } = parseArgs({
  options: {
    only: { type: "string", default: "linear,forest,month,memory,resume" },
    rows: { type: "string" },
    rounds: { type: "string" },
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const only = flags.only.split(",");
const rows = Number(flags.rows ?? (flags.quick ? 500_000 : 5_000_000));
const rounds = Number(flags.rounds ?? (flags.quick ? 1 : 3));
const root = fileURLToPath(new URL("..", import.meta.url));

const pins: PythonPins = {
  name: "bench-score",
  python: "3.12",
  pins: ["scikit-learn==1.5.1", "numpy==1.26.4", "scipy==1.14.0", "pandas==2.2.3", "pyarrow==18.1.0", "duckdb==1.2.2"],
};

type Way = "trimaran" | "pandas" | "arrow" | "sql";

const python = await makePythonEnvironment(pins);
using temporary = mkdtempDisposableSync(join(tmpdir(), "trimaran-bench-"));
const folder = temporary.path;
const at = (name: string): string => join(folder, name);
writeFileSync(at("deployment.yaml"), ridesDefinition);
const peer = (way: string, model: string, input: string, output: string): readonly string[] => [
  python,
  join(root, "bench/peers/score_peer.py"),
  way,
  model,
  input,
  output,
];
await timedProcess(peer("train", "-", trainingMonth, folder));

function ours(model: string, input: string, output: string): readonly string[] {
  const score = [process.execPath, join(root, "bin/trimaran"), "score", at("deployment.yaml"), "--model", model];
  return [...score, "-i", input, "-o", output, "--home", at("home"), "--log-level", "error", "--json"];
}

interface Outcome {
  readonly work: string;
  readonly way: string;
  readonly rows: number;
  readonly seconds: number;
  readonly peakMib: number;
  /** Their time by ours. */
  readonly ratio: number | null;
}

const outcomes: Outcome[] = [];

async function compare(
  work: string,
  model: string,
  { input, ways, count }: { input: string; ways: readonly Way[]; count: number },
): Promise<void> {
  const times = new Map<Way, TimedProcess[]>(ways.map((way) => [way, []]));
  // Once beforehand: what is prepared is kept, files are in memory.
  await timedProcess(ours(at(`${model}.pkl`), scoredMonth, at("warm.parquet")));
  for (let round = 0; round < rounds; round++) {
    for (const way of ways) {
      await waitForQuiet(20_000);
      const output = at(`${way}.parquet`);
      rmSync(output, { force: true });
      const command =
        way === "trimaran" ? ours(at(`${model}.pkl`), input, output) : peer(way, at(`${model}.pkl`), input, output);
      times.get(way)!.push(await timedProcess(command));
    }
  }
  const seconds = (way: Way): readonly number[] => times.get(way)!.map((each) => each.seconds);
  for (const way of ways) {
    outcomes.push({
      work,
      way,
      rows: count,
      seconds: median(seconds(way)),
      peakMib: median(times.get(way)!.map(({ peakMib }) => peakMib)),
      ratio: way === "trimaran" ? null : medianRatio(seconds(way), seconds("trimaran")),
    });
  }
}

const rides = only.some((work) => work !== "month") ? await manyRides(folder, rows) : scoredMonth;
if (only.includes("linear")) {
  await compare("linear", "linear", { input: rides, ways: ["trimaran", "pandas", "arrow", "sql"], count: rows });
}
if (only.includes("forest"))
  await compare("forest", "forest", { input: rides, ways: ["trimaran", "arrow"], count: rows });
if (only.includes("month")) {
  await compare("month", "linear", { input: scoredMonth, ways: ["trimaran", "pandas", "arrow", "sql"], count: 69_399 });
}

function ten(): string {
  mkdirSync(at("ten"), { recursive: true });
  for (let copy = 0; copy < 10; copy++) {
    if (!existsSync(at(`ten/${copy}.parquet`))) symlinkSync(rides, at(`ten/${copy}.parquet`));
  }
  return at("ten/*.parquet");
}

if (only.includes("memory")) {
  for (const [input, count] of [
    [rides, rows],
    [ten(), rows * 10],
  ] as const) {
    const runs: TimedProcess[] = [];
    for (let round = 0; round < rounds; round++)
      runs.push(await timedProcess(ours(at("linear.pkl"), input, at("memory.parquet"))));
    const [seconds, peakMib] = [median(runs.map((run) => run.seconds)), median(runs.map((run) => run.peakMib))];
    outcomes.push({ work: "memory", way: "trimaran", rows: count, seconds, peakMib, ratio: null });
  }
}
if (only.includes("resume")) {
  const command = ours(at("linear.pkl"), ten(), at("resumed.parquet"));
  const whole = await timedProcess(command);
  const { shards, rows: counts } = JSON.parse(whole.stdout) as { shards: { total: number }; rows: object };
  rmSync(at("resumed.parquet"));
  const kept = (): number => {
    const names = existsSync(at(".resumed.parquet.trimaran/staging"))
      ? readdirSync(at(".resumed.parquet.trimaran/staging"))
      : [];
    return names.filter((name) => /^shard-\d+\.json$/.test(name)).length;
  };
  await timedProcess(command, { killWhen: () => kept() >= 0.9 * shards.total });
  const before = kept();
  const rest = await timedProcess(command);
  const again = JSON.parse(rest.stdout) as { shards: { kept: number }; rows: object };
  if (again.shards.kept < before || JSON.stringify(again.rows) !== JSON.stringify(counts))
    throw new Error("shards were scored twice");
  outcomes.push({
    work: "whole job",
    way: "trimaran",
    rows: rows * 10,
    seconds: whole.seconds,
    peakMib: whole.peakMib,
    ratio: null,
  });
  outcomes.push({
    work: "rest after 90 %",
    way: "trimaran",
    rows: rows * 10,
    seconds: rest.seconds,
    peakMib: rest.peakMib,
    ratio: rest.seconds / whole.seconds,
  });
}

if (flags.json) console.log(JSON.stringify(outcomes));
else {
  const head = ["work", "way", "rows", "seconds", "rows/s", "peak MiB", "time by ours"];
  const lines = outcomes.map(({ work, way, rows: count, seconds, peakMib, ratio }) => [
    work,
    way,
    count.toLocaleString("en"),
    shown(seconds),
    Math.round(count / seconds).toLocaleString("en"),
    shown(peakMib),
    ratio === null ? "" : shown(ratio),
  ]);
  console.log(tableText([head, ...lines]));
}
