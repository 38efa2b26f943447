// Which numbers a packed row holds, and how a split reads as one comparison that is false for NaN.
//
// A walk step goes to the second child when its comparison holds, so a NaN always takes the first child:
//
//   every NaN goes left:   first = left,   second when  x > t   (rule "lt":  x >= t)
//   every NaN goes right:  first = right,  second when  x <= t  (rule "lt":  x < t)
//   both occur:            first = left,   second when  x > t (x >= t); a split that sends NaN right reads a second
//                          column of its feature in which NaN is written as +infinity. `x > infinity` would keep that
//                          left, so the split "missing or not" reads a third column: 1 where the value is NaN, else 0.
//
// Columns are the features that splits read, ascending; an unused feature is left out unless nearly all are used (identity).
import { ceilFloat32, floorFloat32 } from "./float32-bound.ts";
import type { ForestArrays, RowShape } from "./forest-arrays.ts";
import type { Comparison } from "./wasm-emitter.ts";

/** How a column is written from its feature's value: 0 as it is, 1 NaN as +infinity, 2 whether it is NaN. */
export const columnKind: { readonly plain: 0; readonly missingHigh: 1; readonly missingFlag: 2 } = {
  plain: 0,
  missingHigh: 1,
  missingFlag: 2,
};

export interface Columns {
  /** The feature of each column, ascending. */
  readonly source: Int32Array;
  readonly kind: Uint8Array;
  /** Column i is feature i as it is: rows are copied in one piece. */
  readonly identity: boolean;
  /** A column's kinds are all plain. */
  readonly plain: boolean;
}

export interface SplitPlan {
  readonly columns: Columns;
  readonly comparison: Comparison;
  /** The first child is the right one. */
  readonly swapped: boolean;
  /** Of each node: its column, -1 for a leaf. */
  readonly column: Int32Array;
  /** Of each split: its threshold as the row's number type compares it. */
  readonly bound: Float64Array;
}

export function planSplits(forest: ForestArrays, row: RowShape): SplitPlan {
  const directions = missingDirections(forest);
  const mixed = directions === "both";
  const swapped = directions === "right";
  const used = usedKinds(forest, row.width, mixed);
  const { columns, first } = listColumns(used, row.width);
  const count = forest.feature.length;
  const column = new Int32Array(count).fill(-1);
  const bound = new Float64Array(count);
  const round = row.number === "f64" ? null : forest.rule === "le" ? floorFloat32 : ceilFloat32;
  for (let node = 0; node < count; node++) {
    const feature = forest.feature[node];
    if (feature < 0) continue;
    const kind = mixed ? kindOf(forest, node) : columnKind.plain;
    column[node] = first[feature] + bitsBelow(used[feature], kind);
    // A bound of NaN leaves the choice to the set.
    const threshold = isSet(forest, node) ? NaN : forest.threshold[node];
    bound[node] = kind === columnKind.missingFlag ? 0.5 : round === null ? threshold : round(threshold);
  }
  const comparison = forest.rule === "le" ? (swapped ? "le" : "gt") : swapped ? "lt" : "ge";
  return { columns, comparison, swapped, column, bound };
}

function isSet({ sets }: ForestArrays, node: number): boolean {
  return sets !== undefined && sets !== null && sets.first[node] >= 0;
}

function missingDirections(forest: ForestArrays): "left" | "right" | "both" {
  const { feature, missingLeft } = forest;
  if (missingLeft === null) return "right";
  let left = false;
  let right = false;
  for (let node = 0; node < feature.length; node++) {
    if (feature[node] < 0 || isSet(forest, node)) continue;
    if (missingLeft[node] === 1) left = true;
    else right = true;
  }
  return left && right ? "both" : left ? "left" : "right";
}

/** The kind of column that a split reads in a forest that sends NaN both ways. */
function kindOf(forest: ForestArrays, node: number): 0 | 1 | 2 {
  const { missingLeft, rule, threshold } = forest;
  if (isSet(forest, node)) return columnKind.plain;
  if (missingLeft !== null && missingLeft[node] === 1) return columnKind.plain;
  return rule === "le" && threshold[node] === Infinity ? columnKind.missingFlag : columnKind.missingHigh;
}

/** A feature's bit k says that some split reads its column of kind k. */
function usedKinds(forest: ForestArrays, width: number, mixed: boolean): Uint8Array {
  const used = new Uint8Array(width);
  for (let node = 0; node < forest.feature.length; node++) {
    const feature = forest.feature[node];
    if (feature >= 0) used[feature] |= 1 << (mixed ? kindOf(forest, node) : columnKind.plain);
  }
  return used;
}

function listColumns(used: Uint8Array, width: number): { columns: Columns; first: Int32Array } {
  let count = 0;
  let plain = true;
  for (const kinds of used) {
    count += bitsBelow(kinds, 3);
    if (kinds > 1) plain = false;
  }
  const identity = plain && (width <= 64 || count * 4 >= width * 3);
  const source = new Int32Array(identity ? width : count);
  const kind = new Uint8Array(source.length);
  const first = new Int32Array(width);
  let column = 0;
  for (let feature = 0; feature < width; feature++) {
    first[feature] = column;
    for (let k = 0; k < 3; k++) {
      if (((used[feature] >> k) & 1) === 0 && !(identity && k === 0)) continue;
      source[column] = feature;
      kind[column] = k;
      column++;
    }
  }
  return { columns: { source, kind, identity, plain }, first };
}

/** How many of the lowest `end` bits are set. */
function bitsBelow(bits: number, end: number): number {
  let count = 0;
  for (let bit = 0; bit < end; bit++) count += (bits >> bit) & 1;
  return count;
}
