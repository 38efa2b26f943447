// What a forest is to the kernels: plain arrays, laid out as the model's forest op lays them out.
//
//   node n of tree t:  roots[t] <= n < roots[t + 1];  roots[t] is the tree's root
//   split:  feature[n] >= 0; goes to left[n] when  x[feature[n]] <= threshold[n]  (rule "lt": <), else to right[n];
//           a NaN goes left where missingLeft[n] is 1 (without missingLeft it goes right)
//   set:    where sets.first[n] >= 0 the column holds places, whole numbers p written as p × 2^-1074 (so that p is the low
//           half of the float64's bits): left when bit p % 32 of sets.words[sets.first[n] + (p >> 5)] is 1, else right
//   leaf:   feature[n] < 0; left[n] is its row in `leaves`
//
// Whoever hands these over has checked them: walks end, and indices are in range.

export type FloatType = "f32" | "f64";

export interface ForestSets {
  /** Of each node the first word of its set; -1 where the threshold decides, and for a leaf. */
  readonly first: Int32Array;
  readonly words: Uint32Array;
}

export interface ForestArrays {
  /** Only over rows of float64. Every place that a row holds is within its column's sets. */
  readonly sets?: ForestSets | null;
  readonly roots: Int32Array;
  readonly feature: Int32Array;
  readonly threshold: Float64Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly missingLeft: Uint8Array | null;
  readonly rule: "le" | "lt";
  /** Row-major, `leafCount × leafWidth`. */
  readonly leaves: Float64Array;
  readonly leafWidth: number;
  /** Tree t adds its leaf (of width 1) to output `targets[t]`; null: a leaf holds one number an output. */
  readonly targets: Int32Array | null;
  /** What each output starts from. */
  readonly base: Float64Array;
  /** Sums are kept in this type: each addition is made in float64 and rounded to it. */
  readonly sum: FloatType;
  /** Training weight a node; decides only which nodes lie close together. */
  readonly cover: Float64Array | null;
}

/** The rows that a forest is packed for. */
export interface RowShape {
  readonly width: number;
  /** The type in which values are compared. */
  readonly number: FloatType;
}
