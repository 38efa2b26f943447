// The worked example's models on real rides: as good as scikit-learn's on rows that neither has seen.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { ModelSpec } from "../../src/train/model-spec.ts";
import { modelScorer } from "../../src/train/score-model.ts";
import { trainModel } from "../../src/train/train-model.ts";
import { trainingMatrixBuilder } from "../../src/train/training-matrix.ts";
import type { MadeRows } from "./made-rows.ts";
import { askPeer, type PeerCase, sklearnPeer } from "./sklearn-peer.ts";

const shared = process.env["TRIMARAN_SHARED"] ?? fileURLToPath(new URL("../../../shared", import.meta.url));
const files = ["rides", "truth"].map((name) => `${shared}/data/rides/${name}.csv`);
const python = files.every((file) => existsSync(file)) ? await sklearnPeer() : undefined;
const skip = python === undefined && "the rides or scikit-learn are not here";

/** Of every second ride, the worked example's features and filter. */
function realRides(odd: 0 | 1): MadeRows {
  const [rides, truth] = files.map((file) => {
    const [head = "", ...lines] = readFileSync(file, "utf8").trim().split("\n");
    const names = head.split(",");
    return lines.map((line) => Object.fromEntries(line.split(",").map((cell, at) => [names[at], cell])));
  });
  const made = (rides ?? []).map((ride, at) => ({
    features: {
      PU_DO: `${ride["PULocationID"]}_${ride["DOLocationID"]}`,
      trip_distance: Number(ride["trip_distance"]),
    },
    duration: Number(truth?.[at]?.["duration"]),
  }));
  const kept = made.filter(({ duration }, at) => at % 2 === odd && duration >= 1 && duration <= 60);
  return { rows: kept.map(({ features }) => features), targets: kept.map(({ duration }) => duration) };
}

const course = { maxDepth: 20, minSamplesLeaf: 10, trees: 12 } as const;
const courseParams = { max_depth: 20, min_samples_leaf: 10, n_estimators: 12 } as const;
const models: readonly { spec: ModelSpec; model: PeerCase["model"]; params: PeerCase["params"] }[] = [
  { spec: { kind: "linear" }, model: "LinearRegression", params: {} },
  { spec: { kind: "linear", alpha: 1 }, model: "Ridge", params: { alpha: 1 } },
  ...[0, 1, 2, 3, 4].map((seed) => ({
    spec: { kind: "forest", seed, ...course } as const,
    model: "RandomForestRegressor" as const,
    params: { random_state: seed, ...courseParams },
  })),
];

test("the error on rides that neither has seen is within 1 % of scikit-learn's", { skip }, async () => {
  const [train, valid] = [realRides(0), realRides(1)];
  const matrixFor = (made: MadeRows, names?: readonly string[]) => {
    const builder = trainingMatrixBuilder({ task: "regression", names });
    builder.add(made);
    return builder.finish();
  };
  const matrix = matrixFor(train);
  const seen = matrixFor(valid, matrix.names);
  const theirs = await askPeer(
    python ?? "",
    models.map(({ model, params }) => ({ model, params, dense: false, matrix, valid: seen })),
  );
  for (const [at, { spec }] of models.entries()) {
    const { graph } = await trainModel(matrix, spec, { threads: 2 });
    const scorer = modelScorer(graph, matrix);
    scorer.add(valid.rows, valid.targets);
    const { metrics } = scorer.finish();
    assert.ok("rmse" in metrics);
    const ratio = metrics.rmse / (theirs[at]?.rmse ?? 0);
    assert.ok(Math.abs(ratio - 1) <= 0.01, `${JSON.stringify(spec)}: ${metrics.rmse} is ${ratio} of theirs`);
  }
});
