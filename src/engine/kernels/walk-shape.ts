// What a walking kernel is made for, and what it then offers. The WebAssembly kernels and their plain twins both answer it,
// over the same memory: the packed forest from address 0, then rows, then sums.
import type { FloatType } from "./forest-arrays.ts";
import type { NodeLayout } from "./packed-forest.ts";
import type { Comparison } from "./wasm-emitter.ts";

/** Walks over nodes, or over the blocks of packed-chain.ts. */
export type WalkShape =
  | (WalkConstants & { readonly kind: "nodes"; readonly layout: NodeLayout; readonly columnBits: number })
  | (WalkConstants & { readonly kind: "chain"; readonly hitsAt: number; readonly hits: number });

export interface WalkConstants {
  readonly comparison: Comparison;
  /** Bytes from one row to the next. */
  readonly stride: number;
  readonly sum: FloatType;
  readonly outputs: number;
  readonly leafWidth: number;
  /** How many rows a batch walks at once; divides `rowMultiple`. */
  readonly batchLanes: number;
  /** How many trees one row walks at once. */
  readonly groupSize: number;
}

/** All positions are byte addresses. WebAssembly functions take numbers only, hence no options objects. */
export interface Walk {
  /**
   * Adds every tree's leaf to the sums of each row from `rows` up to `rowsEnd`, a multiple of `rowMultiple` rows. `scan` is 1
   * to read each tree through first.
   */
  readonly batch: (rows: number, rowsEnd: number, sums: number, table: number, trees: number, scan: number) => void;
  /** Adds the trees of `groups` groups to the sums of the row at `row`. */
  readonly single: (row: number, sums: number, table: number, groups: number) => void;
}

/** Batches are filled up to a multiple of so many rows. */
export const rowMultiple = 8;
