// Rows a second of each way through the forest kernels, against the naive walk over the model's own arrays in the same run:
//
//   node bench/kernels.ts [A10-100 A20-100 B20-100 …]     (shape A: 20 numbers; B: one-hot; then depth, trees)
//
// Runs of all ways take turns; the median of each way's runs is printed, and its ratio to the naive walk. Ratios within one
// run are what may be quoted. All answers are compared with the naive walk's first.

import type { ForestArrays } from "../src/engine/kernels/forest-arrays.ts";
import { type ForestKernelOptions, openForestKernel } from "../src/engine/kernels/forest-kernel.ts";
import { packForest } from "../src/engine/kernels/pack-forest.ts";
import { denseRows, growForest, oneHotRows, type SyntheticRows } from "./kernels/synthetic-forest.ts";

const batchRows = 4096;
const rounds = 7;
const roundMs = 150;

interface Way {
  readonly name: string;
  readonly unit: "batch" | "row";
  /** Predicts rows `from` to `from + count`, which lie within the rows. */
  readonly run: (from: number, count: number) => void;
}

for (const name of process.argv.length > 2 ? process.argv.slice(2) : ["A10-100", "A20-100", "B20-100"]) {
  const [, shape, depth, trees] = /^([AB])(\d+)-(\d+)$/.exec(name) ?? [];
  if (shape === undefined) throw new TypeError(`not a forest: ${name}`);
  const rowsOf = shape === "A" ? denseRows : oneHotRows;
  const forest = growForest({ trees: Number(trees), depth: Number(depth), rows: rowsOf(20000, 1) }, 2);
  benchForest(name, forest, rowsOf(4 * batchRows, 99));
}

function benchForest(name: string, forest: ForestArrays, rows: SyntheticRows): void {
  const start = performance.now();
  const packed = packForest(forest, { width: rows.width, number: "f32" });
  const packMs = performance.now() - start;
  if (packed === null) throw new TypeError(`does not fit: ${name}`);
  const out = new Float64Array(rows.rowCount);
  const expected = new Float64Array(rows.rowCount);
  naive(forest, rows, expected)(0, rows.rowCount);
  const ways: Way[] = [
    { name: "naive walk", unit: "batch", run: naive(forest, rows, out) },
    { name: "naive walk", unit: "row", run: naive(forest, rows, out) },
  ];
  const add = (label: string, options: ForestKernelOptions): void => {
    const kernel = openForestKernel(packed, options);
    const { width, dense, indptr, indices, data } = rows;
    const one = new Float64Array(1);
    const entries = { columns: new Int32Array(8), values: new Float32Array(8), length: 0 };
    ways.push({
      name: label,
      unit: "batch",
      run: (from, count) => {
        const part = out.subarray(from, from + count);
        if (dense !== null) kernel.predictDense(dense.subarray(from * width), count, part);
        else kernel.predictSparse({ rowCount: count, indptr: indptr.subarray(from), indices, data }, part);
      },
    });
    const rowOf =
      dense === null
        ? []
        : Array.from({ length: rows.rowCount }, (_, row) => dense.subarray(row * width, (row + 1) * width));
    ways.push({
      name: label,
      unit: "row",
      run: (from, count) => {
        for (let row = from; row < from + count; row++) {
          const values = rowOf[row];
          if (values !== undefined) kernel.predictRow(values, one);
          else {
            const first = indptr[row] as number;
            entries.length = (indptr[row + 1] as number) - first;
            for (let k = 0; k < entries.length; k++) {
              entries.columns[k] = indices[first + k] as number;
              entries.values[k] = data[first + k] as number;
            }
            kernel.predictSparseRow(entries, one);
          }
          out[row] = one[0] as number;
        }
      },
    });
  };
  add("plain twin", { engine: "plain", chain: false });
  add("nodes", { engine: "wasm", chain: false });
  if (packed.chain !== null) {
    add("chain, plain twin", { engine: "plain" });
    add("chain", { engine: "wasm" });
  }
  const mib = (packed.bytes.length / 2 ** 20).toFixed(1);
  const nodes = forest.feature.length.toLocaleString("en");
  console.log(
    `\n${name}: ${nodes} nodes, packed in ${packMs.toFixed(0)} ms to ${mib} MiB (${packed.layout}), groups of ${packed.groupSize}`,
  );
  for (const way of ways) {
    out.fill(Number.NaN);
    way.run(0, rows.rowCount);
    for (let row = 0; row < rows.rowCount; row++) {
      if (!Object.is(out[row], expected[row])) throw new Error(`${way.name}, ${way.unit}: row ${row} differs`);
    }
  }
  report(ways, rows.rowCount);
}

/** Rows in turn, and for wide rows a scratch row that is set and cleared. */
function naive(forest: ForestArrays, rows: SyntheticRows, out: Float64Array): (from: number, count: number) => void {
  const { feature, threshold, left, right, leaves, roots } = forest;
  const { width, dense, indptr, indices, data } = rows;
  const scratch = new Float32Array(width);
  return (from, count) => {
    for (let row = from; row < from + count; row++) {
      const x = dense ?? scratch;
      const start = dense === null ? 0 : row * width;
      const end = indptr[row + 1] as number;
      if (dense === null)
        for (let k = indptr[row] as number; k < end; k++) scratch[indices[k] as number] = data[k] as number;
      let sum = 0;
      for (let tree = 0; tree + 1 < roots.length; tree++) {
        let node = roots[tree] as number;
        for (let at = feature[node] as number; at >= 0; at = feature[node] as number) {
          node = ((x[start + at] as number) <= (threshold[node] as number) ? left[node] : right[node]) as number;
        }
        sum += leaves[left[node] as number] as number;
      }
      out[row] = sum;
      if (dense === null) for (let k = indptr[row] as number; k < end; k++) scratch[indices[k] as number] = 0;
    }
  };
}

function report(ways: readonly Way[], rowCount: number): void {
  const figures = ways.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    ways.forEach((way, at) => {
      const step = way.unit === "batch" ? batchRows : 256;
      const start = performance.now();
      let done = 0;
      do {
        way.run((done % rowCount) as number, step);
        done += step;
      } while (performance.now() - start < roundMs);
      figures[at]?.push((done / (performance.now() - start)) * 1000);
    });
  }
  const medians = figures.map((runs) => runs.sort((a, b) => a - b)[runs.length >> 1] as number);
  for (const unit of ["batch", "row"] as const) {
    const base = medians[ways.findIndex((way) => way.unit === unit)] as number;
    console.log(unit === "batch" ? `  batches of ${batchRows}` : "  one row a call");
    ways.forEach((way, at) => {
      const median = medians[at] as number;
      if (way.unit !== unit) return;
      const time =
        unit === "batch"
          ? `${(median / 1000).toFixed(1).padStart(8)} krow/s`
          : `${(1e6 / median).toFixed(2).padStart(8)} µs   `;
      console.log(`    ${way.name.padEnd(20)} ${time} ${(median / base).toFixed(2).padStart(7)} ×`);
    });
  }
}
