// Forests for the kernel bench, grown over random rows the way a forest learner grows them, but with random splits: what
// counts for speed is their shape (depth, fill, which features are asked), not what they predict.
import type { ForestArrays } from "../../src/engine/kernels/forest-arrays.ts";

export interface SyntheticRows {
  readonly rowCount: number;
  readonly width: number;
  readonly indptr: Int32Array;
  readonly indices: Int32Array;
  readonly data: Float32Array;
  /** Row-major; null where rows are too wide to be written out. */
  readonly dense: Float32Array | null;
}

export interface GrowOptions {
  readonly trees: number;
  readonly depth: number;
  readonly rows: SyntheticRows;
}

type Random = () => number;

export function randomFrom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Shape A: 20 normal numbers a row. */
export function denseRows(rowCount: number, seed: number): SyntheticRows {
  const random = randomFrom(seed);
  const width = 20;
  const dense = Float32Array.from({ length: rowCount * width }, () => normal(random));
  const indptr = Int32Array.from({ length: rowCount + 1 }, (_, row) => row * width);
  const indices = Int32Array.from({ length: rowCount * width }, (_, at) => at % width);
  return { rowCount, width, indptr, indices, data: dense, dense };
}

/** Shape B: 2 numbers and three keys of 12,480, 260 and 260 values, of which each row sets one. */
export function oneHotRows(rowCount: number, seed: number): SyntheticRows {
  const random = randomFrom(seed);
  const keys = [12480, 260, 260];
  const width = 2 + keys.reduce((sum, values) => sum + values, 0);
  const indices = new Int32Array(rowCount * 5);
  const data = new Float32Array(rowCount * 5).fill(1);
  for (let row = 0; row < rowCount; row++) {
    const at = row * 5;
    indices[at + 1] = 1;
    data[at] = -2 * Math.log(1 - random()) - 2 * Math.log(1 - random());
    data[at + 1] = Math.floor(random() * 24);
    // A few values are frequent, most are rare.
    let start = 2;
    keys.forEach((values, key) => {
      indices[at + 2 + key] = start + Math.floor(values * random() ** 3.3);
      start += values;
    });
  }
  const indptr = Int32Array.from({ length: rowCount + 1 }, (_, row) => row * 5);
  return { rowCount, width, indptr, indices, data, dense: null };
}

export function growForest({ trees, depth, rows }: GrowOptions, seed: number): ForestArrays {
  const random = randomFrom(seed);
  const feature: number[] = [];
  const threshold: number[] = [];
  const left: number[] = [];
  const right: number[] = [];
  const cover: number[] = [];
  const leaves: number[] = [];
  const roots = [0];
  const node = (count: number): number => {
    threshold.push(0);
    left.push(-1);
    right.push(-1);
    cover.push(count);
    return feature.push(-1) - 1;
  };
  for (let tree = 0; tree < trees; tree++) {
    const sample = Int32Array.from({ length: rows.rowCount }, () => Math.floor(random() * rows.rowCount));
    const open = [{ at: node(sample.length), from: 0, to: sample.length, level: 0 }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { at, from, to, level } = next;
      const split = level < depth && to - from > 1 ? bestOfSplits(rows, sample.subarray(from, to), random) : null;
      if (split === null) {
        left[at] = leaves.push(random() * 20) - 1;
        continue;
      }
      feature[at] = split.feature;
      threshold[at] = split.threshold;
      const middle = from + partition(rows, sample.subarray(from, to), split);
      const a = node(middle - from);
      const b = node(to - middle);
      left[at] = a;
      right[at] = b;
      open.push({ at: b, from: middle, to, level: level + 1 }, { at: a, from, to: middle, level: level + 1 });
    }
    roots.push(feature.length);
  }
  return {
    roots: Int32Array.from(roots),
    feature: Int32Array.from(feature),
    threshold: Float64Array.from(threshold),
    left: Int32Array.from(left),
    right: Int32Array.from(right),
    missingLeft: null,
    rule: "le",
    leaves: Float64Array.from(leaves),
    leafWidth: 1,
    targets: null,
    base: Float64Array.of(0),
    sum: "f64",
    cover: Float64Array.from(cover),
  };
}

interface Split {
  readonly feature: number;
  readonly threshold: number;
}

/** A feature that one of the rows has and a threshold between two rows; null where some tries split nothing. */
function bestOfSplits(rows: SyntheticRows, sample: Int32Array, random: Random): Split | null {
  const any = (): number => sample[Math.floor(random() * sample.length)] as number;
  for (let attempt = 0; attempt < 12; attempt++) {
    const one = any();
    const start = rows.indptr[one] as number;
    const slots = (rows.indptr[one + 1] as number) - start;
    // Learned one-hot forests ask about 17 indicators and 3 numbers on 20 levels.
    const asksNumber = rows.dense === null && random() < 0.15;
    const at =
      start +
      (rows.dense !== null ? 0 : asksNumber ? 0 : 2) +
      Math.floor(random() * (rows.dense !== null ? slots : asksNumber ? 2 : slots - 2));
    const feature = rows.indices[at] as number;
    if (rows.dense === null && feature >= 2) {
      if (countAbove(rows, sample, { feature, threshold: 0.5 }) < sample.length) return { feature, threshold: 0.5 };
      continue;
    }
    const other = readValue(rows, any(), feature);
    const threshold = ((rows.data[at] as number) + other) / 2;
    const above = countAbove(rows, sample, { feature, threshold });
    if (above > 0 && above < sample.length) return { feature, threshold };
  }
  return null;
}

function countAbove(rows: SyntheticRows, sample: Int32Array, { feature, threshold }: Split): number {
  let count = 0;
  for (const row of sample) if (readValue(rows, row, feature) > threshold) count++;
  return count;
}

/** Puts the rows that go left first; the answer is how many they are. */
function partition(rows: SyntheticRows, sample: Int32Array, { feature, threshold }: Split): number {
  let end = 0;
  for (let at = 0; at < sample.length; at++) {
    const row = sample[at] as number;
    if (readValue(rows, row, feature) > threshold) continue;
    sample[at] = sample[end] as number;
    sample[end++] = row;
  }
  return end;
}

function readValue({ indptr, indices, data, dense, width }: SyntheticRows, row: number, feature: number): number {
  if (dense !== null) return dense[row * width + feature] as number;
  for (let at = indptr[row] as number; at < (indptr[row + 1] as number); at++) {
    if (indices[at] === feature) return data[at] as number;
  }
  return 0;
}
