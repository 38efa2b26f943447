// The total map from op kinds to their plain kernels.
import type { OpKind } from "../../model/op.ts";
import type { KernelMaker } from "../kernel.ts";
import { affine } from "./affine.ts";
import { bins } from "./bins.ts";
import { cast } from "./cast.ts";
import { categoryNumbers } from "./category-numbers.ts";
import { columnwise } from "./columnwise.ts";
import { combine } from "./combine.ts";
import { concat } from "./concat.ts";
import { constant } from "./constant.ts";
import { countTerms } from "./count-terms.ts";
import { couplePairs } from "./couple-pairs.ts";
import { custom } from "./custom.ts";
import { densify } from "./densify.ts";
import { distances } from "./distances.ts";
import { divide } from "./divide.ts";
import { fillMissing } from "./fill-missing.ts";
import { forest } from "./forest.ts";
import { hashFeatures } from "./hash-features.ts";
import { hashTerms } from "./hash-terms.ts";
import { interpolate } from "./interpolate.ts";
import { joinColumns } from "./join-columns.ts";
import { kernel } from "./kernel.ts";
import { label } from "./label.ts";
import { logSumExp } from "./log-sum-exp.ts";
import { lookup } from "./lookup.ts";
import { map } from "./map.ts";
import { missingFlags } from "./missing-flags.ts";
import { nearestFill } from "./nearest-fill.ts";
import { neighborSums } from "./neighbor-sums.ts";
import { neighbors } from "./neighbors.ts";
import { normalizeRows } from "./normalize-rows.ts";
import { normalizeSum } from "./normalize-sum.ts";
import { oneHot } from "./one-hot.ts";
import { power } from "./power.ts";
import { products } from "./products.ts";
import { quantileRanks } from "./quantile-ranks.ts";
import { requireFinite } from "./require-finite.ts";
import { rowSum } from "./row-sum.ts";
import { select } from "./select.ts";
import { softmax } from "./softmax.ts";
import { sparsify } from "./sparsify.ts";
import { splines } from "./splines.ts";
import { tableNumbers } from "./table-numbers.ts";
import { termWeights } from "./term-weights.ts";
import { vectorize } from "./vectorize.ts";
import { weightedMedian } from "./weighted-median.ts";
import { weightedSums } from "./weighted-sums.ts";

export const referenceKernels: { readonly [Kind in OpKind]: KernelMaker<Kind> } = {
  missing_flags: missingFlags,
  nearest_fill: nearestFill,
  splines,
  normalize_rows: normalizeRows,
  products,
  bins,
  quantile_ranks: quantileRanks,
  power,
  join_columns: joinColumns,
  sparsify,
  fill_missing: fillMissing,
  one_hot: oneHot,
  category_numbers: categoryNumbers,
  custom,
  kernel,
  weighted_sums: weightedSums,
  couple_pairs: couplePairs,
  log_sum_exp: logSumExp,
  distances,
  neighbors,
  neighbor_sums: neighborSums,
  interpolate,
  count_terms: countTerms,
  hash_terms: hashTerms,
  hash_features: hashFeatures,
  term_weights: termWeights,
  weighted_median: weightedMedian,
  row_sum: rowSum,
  lookup,
  constant,
  combine,
  vectorize,
  densify,
  require_finite: requireFinite,
  cast,
  affine,
  divide,
  forest,
  select,
  concat,
  table_numbers: tableNumbers,
  columnwise,
  map,
  softmax,
  label,
  normalize_sum: normalizeSum,
};
