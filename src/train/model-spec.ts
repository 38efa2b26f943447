// What is to be fitted, in scikit-learn's own names for what it means.

export interface LinearSpec {
  readonly kind: "linear";
  /**
   * The weight of the squared coefficients: 0 is least squares (`LinearRegression`), more is `Ridge`.
   *
   * @default 0
   */
  readonly alpha?: number;
  /**
   * How near the steps over sparse rows come to the solution. Rows of numbers only are solved outright.
   *
   * @default scikit-learn's: 1e-6 for least squares, 1e-4 for ridge
   */
  readonly tolerance?: number;
}

export interface ForestSpec {
  readonly kind: "forest";
  /** @default 100 */
  readonly trees?: number;
  /** `mse` for a regression, `gini` or `entropy` for a classification. @default "mse" or "gini" */
  readonly criterion?: "mse" | "gini" | "entropy";
  /** Splits from the root to the deepest leaf. @default no limit */
  readonly maxDepth?: number;
  /** Rows that a node needs to be split; below 1 a share of all rows. @default 2 */
  readonly minSamplesSplit?: number;
  /** Rows that a leaf keeps; below 1 a share of all rows. @default 1 */
  readonly minSamplesLeaf?: number;
  /** Columns looked at for a split: a count, a share (1.0 is all; write `"all"`), or a rule. @default "all" for a regression, else "sqrt" */
  readonly maxFeatures?: number | "sqrt" | "log2" | "all";
  /** Trees grow best split first up to so many leaves. @default no limit, depth first */
  readonly maxLeafNodes?: number;
  /** A split must take away so much impurity, weighted by its share of the rows. @default 0 */
  readonly minImpurityDecrease?: number;
  /** Every tree sees rows drawn with replacement. @default true */
  readonly bootstrap?: boolean;
  /** Rows that are drawn for a tree: a count, or below 1 a share of all rows. @default as many as there are */
  readonly maxSamples?: number;
  /** The same seed and rows give the same forest, with any number of threads. 0 to 4294967295. @default 0 */
  readonly seed?: number;
}

export type ModelSpec = LinearSpec | ForestSpec;
