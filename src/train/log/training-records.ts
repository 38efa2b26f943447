// What a run says of a training: its parameters, metrics and files, as plain records.
import type { ColumnImportance } from "../train-model.ts";
import type { Measured, TrainedOnRows } from "../train-on-rows.ts";
import type { ModelFolder } from "./model-folder.ts";

export interface Trained {
  readonly trained: TrainedOnRows;
  readonly folder: ModelFolder;
}

export interface TrainingFacts {
  readonly algorithm: "linear" | "forest";
  readonly task: string;
  readonly target: string;
  /** As the user wrote them. */
  readonly data: readonly string[];
  readonly validation: string;
  readonly seed: number;
}

export function trainingParams({ model }: TrainedOnRows, facts: TrainingFacts): Readonly<Record<string, string>> {
  const { algorithm, task, target, data, validation, seed } = facts;
  const own = { algorithm, estimator: model.estimator, task, target, data: data.join(" "), validation, seed };
  const all = { ...own, ...model.params };
  return Object.fromEntries(Object.entries(all).map(([key, value]) => [key, value === null ? "None" : String(value)]));
}

/** The validation's under their own names, as whoever compares runs expects; those of the training rows with a prefix. */
export function trainingMetrics(trained: TrainedOnRows): Readonly<Record<string, number>> {
  const { training, validation, rows, leftOut, fitMs } = trained;
  const counts = {
    rows_training: rows.training,
    rows_validation: rows.validation,
    rows_filtered: rows.filtered,
    rows_left_out: leftOut.total,
    fit_seconds: fitMs / 1000,
  };
  return { ...named(validation, ""), ...named(training, "training_"), ...counts };
}

function named(measured: Measured | null, prefix: string): Readonly<Record<string, number>> {
  const metrics: Readonly<Record<string, number | null>> = { ...measured?.metrics };
  return Object.fromEntries(
    Object.entries(metrics).flatMap(([name, value]) => (value === null ? [] : [[prefix + name, value]])),
  );
}

/** The artifacts beside the model: name → JSON text. */
export function trainingFiles({ model, leftOut, validationLeftOut }: TrainedOnRows): Readonly<Record<string, string>> {
  return {
    "importance.json": jsonText(importanceOf(model)),
    "left_out_rows.json": jsonText({ training: leftOut.reasons(), validation: validationLeftOut.reasons() }),
  };
}

/** Of a forest how much each column, and each feature over all its categories, took away of the impurity; else coefficients. */
function importanceOf({ importances, coefficients }: TrainedOnRows["model"]): unknown {
  if (importances === null) return { kind: "coefficient", columns: sorted(coefficients ?? []) };
  return { kind: "impurity", features: featureImportance(importances), columns: sorted(importances) };
}

export function featureImportance(columns: readonly ColumnImportance[]): readonly ColumnImportance[] {
  const sums = new Map<string, number>();
  for (const { name, value } of columns) {
    const at = name.indexOf("=");
    const feature = at < 0 ? name : name.slice(0, at);
    sums.set(feature, (sums.get(feature) ?? 0) + value);
  }
  return sorted([...sums].map(([name, value]) => ({ name, value })));
}

function sorted(columns: readonly ColumnImportance[]): readonly ColumnImportance[] {
  return [...columns].sort((left, right) => Math.abs(right.value) - Math.abs(left.value));
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
