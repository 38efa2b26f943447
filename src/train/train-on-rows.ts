// From a source of rows to a model that is measured: one pass to learn, one pass to ask it about the rows that it learnt from and
// those that were held back, each through the predictor that will serve it.
import { setImmediate as nextTurn } from "node:timers/promises";
import { isTrimaranError, trimaranError } from "../base/errors.ts";
import type { FeatureRow } from "../data/batch.ts";
import { LeftOut } from "./data/left-out.ts";
import { checkedRows, type RowSource } from "./data/row-source.ts";
import type { ClassificationMetrics, RegressionMetrics } from "./metrics.ts";
import type { ModelSpec } from "./model-spec.ts";
import { type ModelScore, type ModelScorer, modelScorer } from "./score-model.ts";
import { type TrainedModel, trainModel } from "./train-model.ts";
import type { TrainProgress } from "./train-options.ts";
import { type TrainingMatrix, trainingMatrixBuilder } from "./training-matrix.ts";

export interface TrainOnRowsOptions {
  readonly source: RowSource;
  /** Rows of their own to be measured by; or the share of the source's rows that is held back, 0 for none. */
  readonly validation: RowSource | number;
  readonly spec: ModelSpec;
  /** Chooses the rows that are held back. */
  readonly seed: number;
  readonly threads: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TrainingProgress) => void;
}

export type TrainingProgress =
  | { readonly step: "read" | "measure"; readonly rows: number }
  | ({ readonly step: "fit" } & TrainProgress);

export interface TrainedOnRows {
  readonly model: TrainedModel;
  readonly matrix: Pick<TrainingMatrix, "names" | "layout" | "classes">;
  readonly training: Measured;
  /** Null: nothing was held back. */
  readonly validation: Measured | null;
  readonly leftOut: LeftOut;
  /** Of the validation's own rows. */
  readonly validationLeftOut: LeftOut;
  readonly rows: RowCounts;
  /** The first feature rows. */
  readonly examples: readonly FeatureRow[];
  readonly fitMs: number;
}

export interface Measured {
  readonly rows: number;
  readonly metrics: RegressionMetrics | ClassificationMetrics;
  /** Rows whose class training did not see, or that the model refuses. */
  readonly notScored: number;
}

export interface RowCounts {
  readonly read: number;
  readonly filtered: number;
  readonly training: number;
  readonly validation: number;
}

const keptExamples = 5;

/** @throws TRAIN_NO_ROWS, TRAIN_ONE_CLASS, TRAIN_DATA, TABLE_*, DEFINITION_FEATURES; the signal's reason */
export async function trainOnRows(options: TrainOnRowsOptions): Promise<TrainedOnRows> {
  const { source, validation, spec, threads, signal, onProgress } = options;
  const isHeldBack = heldBack(options);
  const leftOut = new LeftOut();
  const examples: FeatureRow[] = [];
  const builder = trainingMatrixBuilder({ task: source.task, layout: source.layout });
  let given = 0;
  for await (const batch of checkedRows(source, leftOut)) {
    signal.throwIfAborted();
    const kept = batch.places.flatMap((place, at) => (isHeldBack(place) ? [] : [at]));
    const rows = kept.map((at) => batch.rows[at] as FeatureRow);
    builder.add({ rows, targets: kept.map((at) => batch.targets[at]) });
    for (const row of rows.slice(0, keptExamples - examples.length)) examples.push(row);
    given += batch.rows.length;
    onProgress({ step: "read", rows: given });
    await nextTurn();
  }
  const total = await source.total();
  const read = Math.max(total, given + leftOut.total);
  const filtered = read - given - leftOut.total;
  if (builder.rowCount === 0) {
    const { target } = source;
    if (leftOut.total > 0 && leftOut.reasons().every(({ code }) => code === "wrong_target")) {
      const problem = `none of its ${leftOut.total} values is what a ${source.task} learns`;
      throw trimaranError("TRAIN_TARGET", { target, problem }, { issues: leftOut.issues() });
    }
    const slots = { read, filtered, leftOut: leftOut.total, heldBack: given };
    throw trimaranError("TRAIN_NO_ROWS", slots, { issues: leftOut.issues() });
  }
  if (source.layout === "records") assertNames(examples);
  const matrix = finished(builder, source.target);
  const start = performance.now();
  const model = await trainModel(matrix, spec, {
    threads,
    signal,
    onProgress: (progress) => onProgress({ step: "fit", ...progress }),
  });
  const fitMs = performance.now() - start;
  const { names, layout, classes } = matrix;
  const validationLeftOut = new LeftOut();
  const measured = await measure(options, { model, matrix: { names, layout, classes }, isHeldBack, validationLeftOut });
  return {
    model,
    matrix: { names, layout, classes },
    ...measured,
    leftOut,
    validationLeftOut,
    rows: {
      read,
      filtered,
      training: matrix.targets.length,
      validation: typeof validation === "number" ? given - matrix.targets.length : (measured.validation?.rows ?? 0),
    },
    examples,
    fitMs,
  };
}

/** Of features that become inputs of their own in ONNX, and columns called `feature=category`. @throws TRAIN_NAME */
function assertNames(examples: readonly FeatureRow[]): void {
  for (const name of new Set(examples.flatMap((row) => Object.keys(row)))) {
    const problem = name.includes("=")
      ? "`=` stands between a feature and its category"
      : /^predict(_|$)/.test(name)
        ? "the model's answers are called so"
        : /^(value|constant)_\d+(_second)?$/.test(name) || name === ""
          ? "an ONNX file needs that name for something else"
          : null;
    if (problem !== null) throw trimaranError("TRAIN_NAME", { name: JSON.stringify(name), problem });
  }
}

function finished(builder: ReturnType<typeof trainingMatrixBuilder>, target: string): TrainingMatrix {
  try {
    return builder.finish();
  } catch (cause) {
    const isOneClass = isTrimaranError(cause) && cause.code === "TRAIN_DATA" && /same class/.test(cause.message);
    throw isOneClass ? trimaranError("TRAIN_ONE_CLASS", { target }, { cause }) : cause;
  }
}

interface ToMeasure extends Pick<TrainedOnRows, "model" | "matrix" | "validationLeftOut"> {
  readonly isHeldBack: (place: number) => boolean;
}

async function measure(
  { source, validation, signal, onProgress }: TrainOnRowsOptions,
  { model, matrix, isHeldBack, validationLeftOut }: ToMeasure,
): Promise<Pick<TrainedOnRows, "training" | "validation">> {
  const own = modelScorer(model.graph, matrix);
  const held = modelScorer(model.graph, matrix);
  let asked = 0;
  let heldRows = 0;
  const ask = async (from: RowSource, scorerOf: (place: number) => ModelScorer, leftOut: LeftOut): Promise<void> => {
    for await (const { rows, targets, places } of checkedRows(from, leftOut)) {
      signal.throwIfAborted();
      for (const scorer of [own, held]) {
        const chosen = places.flatMap((place, at) => (scorerOf(place) === scorer ? [at] : []));
        if (chosen.length === 0) continue;
        if (scorer === held) heldRows += chosen.length;
        scorer.add(
          chosen.map((at) => rows[at] as FeatureRow),
          chosen.map((at) => targets[at]),
        );
      }
      asked += rows.length;
      onProgress({ step: "measure", rows: asked });
      await nextTurn();
    }
  };
  await ask(source, (place) => (isHeldBack(place) ? held : own), new LeftOut());
  if (typeof validation !== "number") await ask(validation, () => held, validationLeftOut);
  const isMeasured = heldRows > 0;
  return { training: measuredBy(own.finish()), validation: isMeasured ? measuredBy(held.finish()) : null };
}

function measuredBy({ metrics, rows, leftOut }: ModelScore): Measured {
  return { rows, metrics, notScored: leftOut.missingTarget + leftOut.unfitTarget + leftOut.refused };
}

/** The same rows for the same seed, wherever they stand in batches. */
function heldBack({ validation, seed }: TrainOnRowsOptions): (place: number) => boolean {
  if (typeof validation !== "number" || validation === 0) return () => false;
  const limit = validation * 2 ** 32;
  return (place) => mixed(place, seed) < limit;
}

/** Scatters whole numbers over 32 bits (the finalizer of MurmurHash3, by Austin Appleby, public domain). */
function mixed(place: number, seed: number): number {
  let hash = Math.imul(place + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
