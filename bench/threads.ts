// One model on several threads, and models that are loaded in a thread: what it brings and what it costs.
//
//   npm run bench -- threads [--rounds 9] [--quiet-ms 3000] [--file MODEL]
//
// A RandomForest of 100 trees of depth 20 over 20 numbers, a forest over records and a linear model over 13,000 one-hot columns,
// each asked by the calling thread alone and through 1 and 2 worker threads. The ways take turns, and a round begins when the processors
// are idle, if they are so within --quiet-ms; printed are medians of the
// rounds, and the medians of each round's own ratios. The batches that the rule of threaded-predictor.ts leaves on the calling
// thread are shared here all the same, to show why it does. Then a large model (--file, or random trees of 60 MB) is loaded on
// the calling thread and in a worker: how long it takes, and for how long the calling thread answers nobody.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Batch } from "../src/data/batch.ts";
import { compilePrepared, prepareGraph } from "../src/engine/prepare.ts";
import { loadPredictor } from "../src/loaders/load-predictor.ts";
import { openThreads } from "../src/loaders/predict-threads.ts";
import type { ModelGraph } from "../src/model/graph.ts";
import { graphBuilder } from "../src/model/graph-builder.ts";
import type { ForestOp } from "../src/model/ops/forest.ts";
import type { Predictor } from "../src/model/predictor.ts";
import { rowCost } from "../src/model/row-cost.ts";
import { threadedPredictor } from "../src/model/threaded-predictor.ts";
import { writeRandomForest } from "../test/loaders/random-lightgbm.ts";
import { denseRows, growForest, oneHotRows, randomFrom, type SyntheticRows } from "./kernels/synthetic-forest.ts";
import { waitForQuiet } from "./report/quiet.ts";
import { median, medianRatio } from "./report/statistics.ts";

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "9" },
    "quiet-ms": { type: "string", default: "3000" },
    file: { type: "string" },
  },
});
const rounds = Number(flags.rounds);
/** How long a round waits for idle processors before it runs beside other programs. */
const quietMs = Number(flags["quiet-ms"]);

interface Work {
  readonly name: string;
  readonly graph: ModelGraph;
  readonly batch: (rowCount: number) => Batch;
  readonly rowCounts: readonly number[];
}

const oneHotNames = ["distance", "hour", ...keyNames("pair", 12480), ...keyNames("from", 260), ...keyNames("to", 260)];

for (const work of [denseForest(20), denseForest(10), recordForest(), oneHotLinear()]) await measureWork(work);
await measureLoads();

async function measureWork({ name, graph, batch, rowCounts }: Work): Promise<void> {
  const prepared = prepareGraph(graph);
  const alone = compilePrepared(prepared);
  const shared = [1, 2].map((size) => {
    const pool = openThreads(prepared, size);
    return threadedPredictor({ predictor: alone, pool, rowCost: Number.POSITIVE_INFINITY });
  });
  console.log(`\n${name}; a row costs ${rowCost(graph).toFixed(0)}`);
  for (const rowCount of rowCounts) {
    const rows = batch(rowCount);
    const ways: readonly Predictor[] = [alone, ...shared];
    const times = ways.map((): number[] => []);
    let busy = 0;
    for (let round = -2; round < rounds; round++) {
      if (!(await waitForQuiet(quietMs))) busy++;
      for (const [at, way] of ways.entries()) {
        const start = performance.now();
        await way.predict(rows);
        if (round >= 0) times[at]?.push(performance.now() - start);
      }
    }
    const [own = [], one = [], two = []] = times;
    const figures = times.map((each) => `${median(each).toFixed(2).padStart(8)} ms`).join("");
    console.log(
      `  ${String(rowCount).padStart(7)} rows: alone, 1 thread, 2 threads ${figures}; two are ${medianRatio(own, two).toFixed(2)} × alone, ${medianRatio(one, two).toFixed(2)} × one${busy === 0 ? "" : `  (${busy} rounds beside other programs)`}`,
    );
  }
  for (const each of shared) each.close();
}

function keyNames(key: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `${key}=${String(at).padStart(5, "0")}`);
}

interface Shape {
  readonly rows: SyntheticRows;
  readonly depth: number;
}

function forestOf({ rows, depth }: Shape, input: number): ForestOp {
  return { kind: "forest", inputs: [input], ...growForest({ trees: 100, depth, rows }, 3) };
}

function finish(graph: ReturnType<typeof graphBuilder>, value: number, shape: Shape): ModelGraph {
  const cast = graph.add({ kind: "cast", inputs: [value], number: "f32", repeated: "cast_then_sum" });
  const finite = { kind: "require_finite", inputs: [cast], allowNaN: false, allowInfinite: false } as const;
  const checked = graph.add({ ...finite, estimator: "RandomForestRegressor" });
  const forest = graph.add(forestOf(shape, checked));
  const mean = graph.add({ kind: "divide", inputs: [forest], divisor: 100 });
  return graph.finish({ predict: { value: mean, scalar: true } }, "predict");
}

function denseForest(depth: number): Work {
  const graph = graphBuilder({
    kind: "matrix",
    named: false,
    columns: Array.from({ length: 20 }, (_, at) => ({ name: `x${at}`, type: "number" as const, nullable: false })),
  });
  const batch = (rowCount: number): Batch => {
    const { dense, width } = denseRows(rowCount, 77);
    return { kind: "matrix", rowCount, width, values: Float64Array.from(dense ?? []) };
  };
  const rowCounts = [1000, 2000, 4096, 20_000, 100_000];
  return {
    name: `RandomForest, 100 × depth ${depth}, dense`,
    graph: finish(graph, 0, { rows: denseRows(10_000, 5), depth }),
    batch,
    rowCounts,
  };
}

function recordBatch(rowCount: number): Batch {
  const random = randomFrom(9);
  const key = (count: number): string => String(Math.floor(count * random() ** 3.3)).padStart(5, "0");
  const rows = Array.from({ length: rowCount }, () => ({
    distance: random() * 8,
    hour: Math.floor(random() * 24),
    pair: key(12480),
    from: key(260),
    to: key(260),
  }));
  return { kind: "records", rows };
}

function recordForest(): Work {
  const graph = graphBuilder({ kind: "records", features: [] });
  const value = graph.add({
    kind: "vectorize",
    inputs: [0],
    names: oneHotNames,
    separator: "=",
    lists: "split",
    number: "f64",
  });
  const name = "RandomForest, 100 × depth 20, records of 13,000 one-hot columns";
  const rowCounts = [1000, 4096, 20_000];
  return { name, graph: finish(graph, value, { rows: oneHotRows(4000, 5), depth: 20 }), batch: recordBatch, rowCounts };
}

function oneHotLinear(): Work {
  const graph = graphBuilder({ kind: "records", features: [] });
  const names = oneHotNames;
  const value = graph.add({ kind: "vectorize", inputs: [0], names, separator: "=", lists: "split", number: "f64" });
  const random = randomFrom(2);
  const weights = Float64Array.from(names, () => random());
  const sum = graph.add({ kind: "affine", inputs: [value], weights, intercept: Float64Array.of(1) });
  const model = graph.finish({ predict: { value: sum, scalar: true } }, "predict");
  return { name: "linear, 13,000 one-hot columns, records", graph: model, batch: recordBatch, rowCounts: [10_000] };
}

async function measureLoads(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "trimaran-threads-"));
  try {
    const file = flags.file ?? join(folder, "forest.txt");
    if (flags.file === undefined) writeRandomForest(file, { trees: 150, leaves: 6000, features: 20 });
    console.log(`\nloading ${flags.file ?? "random trees"}, ${(statSync(file).size / 2 ** 20).toFixed(0)} MiB`);
    const places = ["here", "worker"] as const;
    const figures = places.map((): { times: number[]; pauses: number[] } => ({ times: [], pauses: [] }));
    for (let round = -1; round < Math.min(rounds, 5); round++) {
      for (const [at, place] of places.entries()) {
        const { time, pause } = await loadOnce(file, place);
        if (round < 0) continue;
        figures[at]?.times.push(time);
        figures[at]?.pauses.push(pause);
      }
    }
    for (const [at, { times, pauses }] of figures.entries()) {
      const pause = `longest pause ${median(pauses).toFixed(0)} ms (at worst ${Math.max(...pauses).toFixed(0)})`;
      console.log(
        `  ${places[at]?.padEnd(6)} ${median(times).toFixed(0).padStart(6)} ms to the first answer; ${pause}`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function loadOnce(file: string, place: "here" | "worker"): Promise<{ time: number; pause: number }> {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  await sleep(20);
  delays.reset();
  const start = performance.now();
  const { predictor } = await loadPredictor([file], { place });
  const { input } = predictor;
  const width = input.kind === "records" ? 0 : input.columns.length;
  if (input.kind === "matrix") {
    await predictor.predict({ kind: "matrix", rowCount: 1, width, values: new Float64Array(width) });
  }
  const time = performance.now() - start;
  await sleep(20);
  delays.disable();
  predictor.close();
  return { time, pause: delays.max / 1e6 };
}
