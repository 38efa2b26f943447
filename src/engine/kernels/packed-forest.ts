// A forest as one run of bytes that a kernel walks: made once when a model is loaded, the same on every machine, free of
// pointers into anything else. It may be stored, sent to another thread, or read straight to address 0 of a memory
// (placed-forest.ts). Kernels trust it: only what packForest made
// of checked arrays may be opened, since a walk over anything else need not end.
//
//   bytes  = sink, tree*, table, words of sets?, chain (packed-chain.ts)?; addresses count from 0, numbers are little-endian
//   sink   = a chain block of 64 bytes that leads back to itself; zeros where there is no chain
//   tree   = node[slots] (siblings adjacent, see pack-order.ts), leaf[leaves] of leafWidth × f64; begins a line of 64 bytes
//   near   = f32 bound, u32 (delta << columnBits | column × 4)                  8 bytes, f32 rows
//   far    = f32 bound, u32 leaf, u32 delta × 16, u32 column × 4               16 bytes, f32 rows
//   double = f64 bound, u32 delta × 16, u32 column × 8                         16 bytes, f64 rows
//   sets   = f64 bound, u32 delta × 32, u32 column × 8,
//            u32 address of the set's words, u32 mask, 8 bytes unused          32 bytes, f64 rows
//            a set's bound is NaN and its mask -4; a bit that is 1 leads to the second child. Where the bound decides the
//            address and the mask are 0: the bit is one of the sink's
//   a step = node += (delta + (x[column] compared with bound ? 1 : 0)) × node size
//   a leaf = a bound that is NaN, delta and column 0: a walk that has arrived stays. The leaf's number in its tree stands
//            in the NaN's lowest 22 bits (near), the second word (far), the first word (double)
//   table  = u32[8] a tree: root, trips, tail, leaves, target, group trips, group tail, end
//            `trips` steps are made unasked; with `tail` = 1 more follow until all lanes have arrived; `group` speaks of the
//            groupSize trees that begin here; `target` is in bytes; `end` is where the tree's leaves end.
//            Entries are filled up to a multiple of groupSize with trees that add -0, which changes no sum.
import type { FloatType, RowShape } from "./forest-arrays.ts";
import type { Columns } from "./pack-columns.ts";
import type { PackedChain } from "./packed-chain.ts";
import type { Comparison } from "./wasm-emitter.ts";

export type NodeLayout = "near" | "far" | "double" | "sets";

export interface PackedForest {
  readonly bytes: Uint8Array;
  readonly layout: NodeLayout;
  readonly columnBits: number;
  /** Which comparison of a value with a bound leads to the second child. */
  readonly comparison: Comparison;
  readonly row: RowShape;
  readonly columns: Columns;
  readonly trees: number;
  /** How many trees one row walks at once. */
  readonly groupSize: 8 | 16;
  readonly tableAt: number;
  readonly sum: FloatType;
  readonly leafWidth: number;
  readonly base: Float64Array;
  /** With at least so many rows a tree is read from end to end before they walk it. */
  readonly scanRows: number;
  /** The same trees for rows of indicators, where the forest has many. */
  readonly chain: PackedChain | null;
}

export const sinkBytes = 64;
export const tableEntryBytes = 32;
export const tableEntryWords = 8;

/** The words of a table entry. */
export const entry: {
  readonly root: 0;
  readonly trips: 1;
  readonly tail: 2;
  readonly leaves: 3;
  readonly target: 4;
  readonly groupTrips: 5;
  readonly groupTail: 6;
  readonly end: 7;
} = { root: 0, trips: 1, tail: 2, leaves: 3, target: 4, groupTrips: 5, groupTail: 6, end: 7 };

export function nodeBytes(layout: NodeLayout): number {
  if (layout === "near") return 8;
  return layout === "sets" ? 32 : 16;
}

export function toLine(address: number): number {
  return Math.ceil(address / 64) * 64;
}

/** Of the table: with the entries that fill up the last group. */
export function tableEntries(trees: number, groupSize: number): number {
  return Math.ceil(trees / groupSize) * groupSize;
}

/** Bytes of one number of a sum. */
export function sumBytes(sum: FloatType): number {
  return sum === "f32" ? 4 : 8;
}
