// Fitting a model: ours beside scikit-learn's on the same rows, with the same parameters and as many threads.
//
//   npm run bench -- train [--only rides-forest,…] [--seeds 5] [--threads 2] [--quick] [--json]
//
// Two months of real rides (one to fit, one to validate) and made-up numbers. Every seed leaves out another tenth of the rows and
// seeds the forests. Both sides fit what lies in memory as compressed sparse rows, or dense where a row has no more than numbers; a
// fit is timed from there to the fitted model. Each side fits once beforehand, untimed. They take turns, and printed are the medians
// of the seeds' own ratios: times, and the errors on the validation rows (RMSE, of a classifier the log loss).
import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { makePythonEnvironment } from "../scripts/python-environment.ts";
import type { ModelSpec } from "../src/train/model-spec.ts";
import { modelScorer } from "../src/train/score-model.ts";
import { trainModel } from "../src/train/train-model.ts";
import { type TrainingMatrix, trainingMatrixBuilder } from "../src/train/training-matrix.ts";
import { waitForQuiet } from "./report/quiet.ts";
import { median, medianRatio, shown, tableText } from "./report/statistics.ts";
import { type Fitted, startTrainPeer, type TrainPeer, writePart } from "./train/peer.ts";
import { asClasses, madeNumbers, type Rows, realRides, type TrainAndValid, withoutTenth } from "./train/rows.ts";

const { values: flags } = parseArgs({
  options: {
    only: { type: "string" },
    seeds: { type: "string" },
    threads: { type: "string", default: "2" },
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const seeds = Number(flags.seeds ?? (flags.quick ? 2 : 5));
const threads = Number(flags.threads);
const trees = flags.quick ? 40 : 100;
/** What the course's forest has. */
const course = { maxDepth: 20, minSamplesLeaf: 10 } as const;
const courseParams = { max_depth: 20, min_samples_leaf: 10 } as const;

interface Work {
  readonly name: string;
  readonly data: "rides" | "numbers" | "classes";
  readonly model: "LinearRegression" | "Ridge" | "RandomForestRegressor" | "RandomForestClassifier";
  readonly spec: (seed: number) => ModelSpec;
  readonly params: (seed: number) => Readonly<Record<string, unknown>>;
}

const works: readonly Work[] = [
  linear("rides-linear", "rides", 0),
  linear("rides-ridge", "rides", 1),
  forest("rides-forest", "rides"),
  linear("numbers-linear", "numbers", 0),
  linear("numbers-ridge", "numbers", 1),
  forest("numbers-forest", "numbers"),
  forest("numbers-classifier", "classes"),
];

interface Outcome {
  readonly work: string;
  readonly rows: number;
  readonly columns: number;
  readonly oursMs: number;
  readonly theirsMs: number;
  readonly timeRatio: number;
  readonly ourError: number;
  readonly theirError: number;
  readonly errorRatio: number;
}

const wanted = flags.only?.split(",") ?? works.map(({ name }) => name);
const unknown = wanted.filter((name) => !works.some((work) => work.name === name));
if (unknown.length > 0) throw new TypeError(`no such work: ${unknown.join(", ")}`);
const rides = await realRides();
const numbers = madeNumbers(flags.quick ? 5000 : 20_000, 20);
const say = (text: string): void => (flags.json ? undefined : console.log(text));
if (rides === null) say("the rides are not here: only made-up numbers are fitted to");
const python = await makePythonEnvironment({
  name: "train-peer",
  python: "3.12",
  pins: ["scikit-learn==1.6.1", "numpy==2.2.6", "scipy==1.15.3"],
});
const outcomes: Outcome[] = [];
let version = "";
{
  using scratch = mkdtempDisposableSync(join(tmpdir(), "trimaran-bench-"));
  await using peer = await startTrainPeer(python, threads);
  ({ version } = peer);
  for (const work of works) {
    const data = dataOf(work);
    if (wanted.includes(work.name) && data !== null)
      outcomes.push(await measure(work, data, { peer, folder: scratch.path }));
  }
}
if (flags.json) console.log(JSON.stringify({ sklearn: version, threads, seeds, trees, outcomes }));
else report();

function linear(name: string, data: Work["data"], alpha: number): Work {
  return {
    name,
    data,
    model: alpha === 0 ? "LinearRegression" : "Ridge",
    spec: () => ({ kind: "linear", alpha }),
    params: () => (alpha === 0 ? {} : { alpha }),
  };
}

function forest(name: string, data: Work["data"]): Work {
  return {
    name,
    data,
    model: data === "classes" ? "RandomForestClassifier" : "RandomForestRegressor",
    spec: (seed) => ({ kind: "forest", trees, seed, ...course }),
    params: (seed) => ({ n_estimators: trees, random_state: seed, n_jobs: threads, ...courseParams }),
  };
}

function dataOf({ data }: Work): TrainAndValid | null {
  if (data === "rides") return rides;
  if (data === "numbers") return numbers;
  const sorted = numbers.train.targets.toSorted((a, b) => a - b);
  const third = Math.floor(sorted.length / 3);
  const bounds = [sorted[third] ?? 0, sorted[2 * third] ?? 0] as const;
  return { train: asClasses(numbers.train, bounds), valid: asClasses(numbers.valid, bounds) };
}

async function measure(
  work: Work,
  { train, valid }: TrainAndValid,
  { peer, folder }: { peer: TrainPeer; folder: string },
): Promise<Outcome> {
  const ours: Fitted[] = [];
  const theirs: Fitted[] = [];
  let size: readonly [number, number] = [0, 0];
  for (let seed = -1; seed < seeds; seed++) {
    const matrix = matrixOf(work, withoutTenth(train, seed + 10), undefined);
    size = [matrix.targets.length, matrix.names.length];
    const place = join(folder, work.name);
    writePart(join(place, "train"), matrix);
    writePart(join(place, "valid"), matrixOf(work, valid, matrix.names));
    await peer.ask({ do: "load", name: work.name, folder: place, dense: work.data !== "rides" });
    await waitForQuiet(3000);
    const own = await fitOurs(work, { matrix, valid, seed: Math.max(0, seed) });
    await waitForQuiet(3000);
    const params = work.params(Math.max(0, seed));
    const other = await peer.ask({ do: "fit", name: work.name, model: work.model, params });
    if (seed < 0) continue;
    ours.push(own);
    theirs.push({ seconds: Number(other["seconds"]), score: Number(other["score"]) });
  }
  const [ourTimes, theirTimes] = [ours, theirs].map((each) => each.map(({ seconds }) => seconds * 1000));
  const [ourErrors, theirErrors] = [ours, theirs].map((each) => each.map(({ score }) => score));
  return {
    work: work.name,
    rows: size[0],
    columns: size[1],
    oursMs: median(ourTimes ?? []),
    theirsMs: median(theirTimes ?? []),
    timeRatio: medianRatio(ourTimes ?? [], theirTimes ?? []),
    ourError: median(ourErrors ?? []),
    theirError: median(theirErrors ?? []),
    errorRatio: medianRatio(ourErrors ?? [], theirErrors ?? []),
  };
}

function matrixOf({ data }: Work, given: Rows, names: readonly string[] | undefined): TrainingMatrix {
  const task = data === "classes" ? "classification" : "regression";
  const layout = data === "rides" ? "records" : "matrix";
  const builder = trainingMatrixBuilder({ task, layout, names });
  builder.add(given);
  return builder.finish();
}

async function fitOurs(
  { spec }: Work,
  { matrix, valid, seed }: { matrix: TrainingMatrix; valid: Rows; seed: number },
): Promise<Fitted> {
  const start = performance.now();
  const { graph } = await trainModel(matrix, spec(seed), { threads });
  const seconds = (performance.now() - start) / 1000;
  const scorer = modelScorer(graph, matrix);
  scorer.add(valid.rows, valid.targets);
  const { metrics } = scorer.finish();
  return { seconds, score: "rmse" in metrics ? metrics.rmse : metrics.log_loss };
}

function report(): void {
  const head = [
    "",
    "rows × columns",
    "ours ms",
    "theirs ms",
    "time ratio",
    "our error",
    "their error",
    "error ratio",
    "",
  ];
  const lines = outcomes.map((each) => [
    each.work,
    `${each.rows} × ${each.columns}`,
    shown(each.oursMs),
    shown(each.theirsMs),
    each.timeRatio.toFixed(3),
    each.ourError.toFixed(4),
    each.theirError.toFixed(4),
    each.errorRatio.toFixed(4),
    each.timeRatio <= 1 && each.errorRatio <= 1.01 ? "" : "missed",
  ]);
  const text = tableText([head, ...lines]);
  console.log(`scikit-learn ${version}, ${threads} threads, ${seeds} seeds, forests of ${trees} trees\n\n${text}`);
  console.log("\nTargets: a time ratio of at most 1, an error ratio of at most 1.01.");
}
