// Rows that are made: dense numbers, one-hot rides and scattered counts, the same on every run.
import type { FeatureRow } from "../../src/data/batch.ts";
import { type TrainingMatrix, type TrainingTask, trainingMatrixBuilder } from "../../src/train/training-matrix.ts";

/** Uniform in [0, 1). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface MadeRows {
  readonly rows: readonly FeatureRow[];
  readonly targets: readonly unknown[];
}

/** Eight numbers, half of them on a grid, and one that never varies. */
export function denseNumbers(count: number, classCount = 0): MadeRows {
  const random = randomFrom(count + classCount);
  const rows = Array.from({ length: count }, () => {
    const cells: Record<string, number> = { constant: 3 };
    for (let at = 0; at < 8; at++) cells[`x${at}`] = at % 2 === 0 ? random() * 10 - 5 : Math.floor(random() * 12);
    return cells;
  });
  const targets = rows.map((row) => {
    const value = (row["x0"] ?? 0) ** 2 + 3 * (row["x1"] ?? 0) - 2 * (row["x2"] ?? 0) + random() * 4;
    return classCount === 0 ? value : Math.floor((Math.abs(value) * 1.7) % classCount);
  });
  return { rows, targets };
}

/** A number and two categories. */
export function rides(count: number, classCount = 0): MadeRows {
  const random = randomFrom(count * 3 + classCount);
  const rows = Array.from({ length: count }, () => ({
    pair: `${Math.floor(random() ** 2 * 30)}_${Math.floor(random() ** 2 * 12)}`,
    day: `d${Math.floor(random() * 7)}`,
    distance: Math.round(random() ** 3 * 3000) / 100,
  }));
  const targets = rows.map(({ pair, day, distance }) => {
    const value = distance * 3 + (pair.length % 5) + Number(day.slice(1)) * 0.7 + random() * 5;
    return classCount === 0 ? value : `class ${Math.floor(value) % classCount}`;
  });
  return { rows, targets };
}

/** Many columns that are mostly 0, with several values of either sign. */
export function counts(count: number, classCount = 0): MadeRows {
  const random = randomFrom(count * 7 + classCount);
  const rows = Array.from({ length: count }, () => {
    const cells: Record<string, number> = {};
    for (let at = 0; at < 5; at++) cells[`w${Math.floor(random() * 60)}`] = Math.floor(random() * 9) - 3;
    return cells;
  });
  const targets = rows.map((row) => {
    const value = (row["w1"] ?? 0) * 3 - (row["w2"] ?? 0) * 2 + (row["w7"] ?? 0) + random() * 3;
    return classCount === 0 ? value : Math.floor(Math.abs(value)) % classCount;
  });
  return { rows, targets };
}

export function matrixOf(made: MadeRows, task: TrainingTask = "regression"): TrainingMatrix {
  const builder = trainingMatrixBuilder({ task });
  builder.add(made);
  return builder.finish();
}
