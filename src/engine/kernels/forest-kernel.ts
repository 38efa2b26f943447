// Opens a packed forest for predicting: rows in, sums out, the same bits whichever way the rows come and whichever engine
// walks. One kernel serves one thread: it owns the memory that it writes rows to.

import { ChainWalker, chainRowBytes } from "./chain-walker.ts";
import { NodeWalker, nodeRowBytes, type SparseRow } from "./node-walker.ts";
import type { PackedForest } from "./packed-forest.ts";
import { RowMemo } from "./row-memo.ts";
import type { Numbers, SparseRows } from "./row-writer.ts";
import { Thresholds } from "./thresholds.ts";
import { openSpace, type SpaceOptions } from "./walk-space.ts";

export interface ForestKernelOptions extends SpaceOptions {
  /** Whether rows of indicators may be walked by blocks where the forest has them. @default true */
  readonly chain?: boolean;
}

/** Values are rounded to the packed row's number type; `out` takes a number for each row and output. */
export interface ForestKernel {
  readonly engine: "wasm" | "plain";
  predictDense(values: Numbers, rowCount: number, out: Numbers): void;
  predictRow(row: Numbers, out: Numbers): void;
  predictSparse(rows: SparseRows, out: Numbers): void;
  predictSparseRow(row: SparseRow, out: Numbers): void;
  /** A memo for sparse rows of up to `entries` entries; null where walking them is as fast. */
  openMemo(entries: number): RowMemo | null;
}

/** A batch of fewer rows is walked row by row: a walk of eight would be half empty. */
const fewRows = 5;

/** Rows of fewer trees are not worth remembering. */
const fewestTrees = 16;

export function openForestKernel(packed: PackedForest, options: ForestKernelOptions = {}): ForestKernel {
  const chain = options.chain === false ? null : packed.chain;
  const rowBytes = Math.max(nodeRowBytes(packed), chain === null ? 0 : chainRowBytes(chain));
  const space = openSpace(packed, rowBytes, options);
  const nodes = new NodeWalker(packed, space);
  const chains = chain === null ? null : new ChainWalker(packed, chain, { space, others: nodes });
  const outputs = packed.base.length;
  const { width } = packed.row;
  return {
    engine: space.engine,
    predictDense(values, rowCount, out) {
      if (rowCount === 1) {
        nodes.predictRow(values, out);
        return;
      }
      if (rowCount >= fewRows) {
        nodes.predictDense(values, rowCount, out);
        return;
      }
      for (let row = 0; row < rowCount; row++) {
        const start = row * width;
        const to = row * outputs;
        nodes.predictRow(values.subarray(start, start + width), out.subarray(to, to + outputs));
      }
    },
    predictRow: (row, out) => nodes.predictRow(row, out),
    predictSparse(rows, out) {
      if (chains === null) nodes.predictSparse(rows, out, { from: 0, count: rows.rowCount });
      else chains.predictSparse(rows, out);
    },
    predictSparseRow(row, out) {
      if (chains === null) nodes.predictSparseRow(row, out, 0);
      else chains.predictSparseRow(row, out);
    },
    openMemo(entries) {
      const { trees, layout } = packed;
      if (trees < fewestTrees || layout === "sets") return null;
      return new RowMemo({ thresholds: new Thresholds(packed, space.buffer), trees, outputs, entries });
    },
  };
}
