// What trees grow on: the columns of the training rows, laid out so that a node costs what its rows hold and not how many
// columns there are. One table serves every tree; its arrays may lie in memory that threads share.
//
//   ordered   any numbers; values[slot * rows + row] (float32), order[slot * rows + i] the rows by value, equal ones by number
//   flag      0, or one other value `level[column]`: a split is "0 or not", so that counts are enough
//   scattered mostly 0, several other values
//
// Cells of flag and scattered columns that are not 0 lie row by row: starts[row] up to starts[row + 1] in columns/ranks. A cell of
// a scattered column has a rank, its position among all such cells by column and value; rankColumn, rankValue and rankRow lead back.

export const columnKind: { readonly ordered: 0; readonly flag: 1; readonly scattered: 2 } = {
  ordered: 0,
  flag: 1,
  scattered: 2,
};

export interface GrowthTable {
  readonly rowCount: number;
  readonly columnCount: number;
  /** 0: the targets are numbers; else they are classes 0 to classCount − 1. */
  readonly classCount: number;
  readonly targets: Float64Array;
  /** Null: each row weighs 1. */
  readonly weights: Float64Array | null;
  /** By column. */
  readonly kind: Uint8Array;
  /** By column: the slot of an ordered one, else -1. */
  readonly slot: Int32Array;
  /** By column: the other value of a flag. */
  readonly level: Float32Array;
  readonly slotColumn: Int32Array;
  readonly values: Float32Array;
  readonly order: Int32Array;
  readonly starts: Int32Array;
  readonly columns: Int32Array;
  readonly ranks: Int32Array;
  readonly rankColumn: Int32Array;
  readonly rankValue: Float32Array;
  readonly rankRow: Int32Array;
}

export type Criterion = "mse" | "gini" | "entropy";

/** Every share and rule is a count already. */
export interface GrowthRules {
  readonly criterion: Criterion;
  readonly maxDepth: number;
  readonly minSamplesSplit: number;
  readonly minSamplesLeaf: number;
  readonly maxFeatures: number;
  /** Infinity: depth first. */
  readonly maxLeafNodes: number;
  readonly minImpurityDecrease: number;
  readonly bootstrap: boolean;
  /** Rows drawn with replacement. */
  readonly maxSamples: number;
}

/** Nodes in the order in which they were made. Of a leaf `feature` is -1, `left` its row in `leaves`, `right` -1. */
export interface GrownTree {
  readonly feature: Int32Array;
  readonly threshold: Float64Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly cover: Float64Array;
  readonly impurity: Float64Array;
  /** Row-major: a mean, or the share of each class. */
  readonly leaves: Float64Array;
  /** By column; sums to 1, or all 0. */
  readonly importances: Float64Array;
}
