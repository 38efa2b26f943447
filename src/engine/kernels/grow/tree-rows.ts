// The rows that one tree sees, each once and with its weight: drawn with replacement, a row weighs as often as it was drawn.
import type { GrowthRules, GrowthTable } from "./growth-table.ts";
import { NumpyRandom } from "./numpy-random.ts";

export interface TreeRows {
  /** Distinct rows; each is a sample, 0 to count − 1, in the order of the table. */
  readonly count: number;
  readonly rowOf: Int32Array;
  /** By row: its sample, or -1. */
  readonly sampleOf: Int32Array;
  readonly weight: Float64Array;
  /** Weight times target, of a regression. */
  readonly weighted: Float64Array;
  readonly target: Float64Array;
  /** Of a classification. */
  readonly label: Int32Array;
  /** values[slot * count + sample] */
  readonly values: Float32Array;
  /** For the splitter's own generator. */
  readonly splitSeed: number;
}

export function treeRows(table: GrowthTable, rules: GrowthRules, seed: number): TreeRows {
  const { rowCount } = table;
  const drawn = drawCounts(rowCount, rules, seed);
  let count = 0;
  for (let row = 0; row < rowCount; row++) if (drawn[row] > 0) count++;
  const rowOf = new Int32Array(count);
  const sampleOf = new Int32Array(rowCount).fill(-1);
  const weight = new Float64Array(count);
  const weighted = new Float64Array(table.classCount === 0 ? count : 0);
  const target = new Float64Array(count);
  const label = new Int32Array(table.classCount === 0 ? 0 : count);
  let sample = 0;
  for (let row = 0; row < rowCount; row++) {
    if (drawn[row] === 0) continue;
    rowOf[sample] = row;
    sampleOf[row] = sample;
    const own = table.weights === null ? drawn[row] : drawn[row] * table.weights[row];
    weight[sample] = own;
    target[sample] = table.targets[row];
    if (table.classCount === 0) weighted[sample] = own * table.targets[row];
    else label[sample] = table.targets[row];
    sample++;
  }
  const slots = table.slotColumn.length;
  const values = new Float32Array(slots * count);
  for (let slot = 0; slot < slots; slot++) {
    const from = slot * rowCount;
    const to = slot * count;
    for (let each = 0; each < count; each++) values[to + each] = table.values[from + rowOf[each]];
  }
  // A tree of scikit-learn makes its generator anew, so that its splitter's seed is the first number again.
  const splitSeed = new NumpyRandom(seed).upTo(2 ** 31 - 2);
  return { count, rowOf, sampleOf, weight, weighted, target, label, values, splitSeed };
}

function drawCounts(rowCount: number, { bootstrap, maxSamples }: GrowthRules, seed: number): Int32Array {
  const counts = new Int32Array(rowCount);
  if (!bootstrap) return counts.fill(1);
  const random = new NumpyRandom(seed);
  for (let draw = 0; draw < maxSamples; draw++) counts[random.upTo(rowCount - 1)]++;
  return counts;
}
