// The closed set of operations: mathematics, never a library's class. Each op is a file of `ops/`; everything that works
// on graphs answers this union by a total map, so that a new op does not compile until every back-end has answered.
import type { OpDefinition } from "./op-definition.ts";
import { graphError } from "./op-definition.ts";
import { type AffineOp, affineDefinition } from "./ops/affine.ts";
import { type BinsOp, binsDefinition } from "./ops/bins.ts";
import { type CastOp, castDefinition } from "./ops/cast.ts";
import { type CategoryNumbersOp, categoryNumbersDefinition } from "./ops/category-numbers.ts";
import { type ColumnwiseOp, columnwiseDefinition } from "./ops/columnwise.ts";
import { type CombineOp, combineDefinition } from "./ops/combine.ts";
import { type ConcatOp, concatDefinition } from "./ops/concat.ts";
import { type ConstantOp, constantDefinition } from "./ops/constant.ts";
import { type CountTermsOp, countTermsDefinition } from "./ops/count-terms.ts";
import { type CouplePairsOp, couplePairsDefinition } from "./ops/couple-pairs.ts";
import { type CustomOp, customDefinition } from "./ops/custom.ts";
import { type DensifyOp, densifyDefinition } from "./ops/densify.ts";
import { type DistancesOp, distancesDefinition } from "./ops/distances.ts";
import { type DivideOp, divideDefinition } from "./ops/divide.ts";
import { type FillMissingOp, fillMissingDefinition } from "./ops/fill-missing.ts";
import { type ForestOp, forestDefinition } from "./ops/forest.ts";
import { type HashFeaturesOp, hashFeaturesDefinition } from "./ops/hash-features.ts";
import { type HashTermsOp, hashTermsDefinition } from "./ops/hash-terms.ts";
import { type InterpolateOp, interpolateDefinition } from "./ops/interpolate.ts";
import { type JoinColumnsOp, joinColumnsDefinition } from "./ops/join-columns.ts";
import { type KernelOp, kernelDefinition } from "./ops/kernel.ts";
import { type LabelOp, labelDefinition } from "./ops/label.ts";
import { type LogSumExpOp, logSumExpDefinition } from "./ops/log-sum-exp.ts";
import { type LookupOp, lookupDefinition } from "./ops/lookup.ts";
import { type MapOp, mapDefinition } from "./ops/map.ts";
import { type MissingFlagsOp, missingFlagsDefinition } from "./ops/missing-flags.ts";
import { type NearestFillOp, nearestFillDefinition } from "./ops/nearest-fill.ts";
import { type NeighborSumsOp, neighborSumsDefinition } from "./ops/neighbor-sums.ts";
import { type NeighborsOp, neighborsDefinition } from "./ops/neighbors.ts";
import { type NormalizeRowsOp, normalizeRowsDefinition } from "./ops/normalize-rows.ts";
import { type NormalizeSumOp, normalizeSumDefinition } from "./ops/normalize-sum.ts";
import { type OneHotOp, oneHotDefinition } from "./ops/one-hot.ts";
import { type PowerOp, powerDefinition } from "./ops/power.ts";
import { type ProductsOp, productsDefinition } from "./ops/products.ts";
import { type QuantileRanksOp, quantileRanksDefinition } from "./ops/quantile-ranks.ts";
import { type RequireFiniteOp, requireFiniteDefinition } from "./ops/require-finite.ts";
import { type RowSumOp, rowSumDefinition } from "./ops/row-sum.ts";
import { type SelectOp, selectDefinition } from "./ops/select.ts";
import { type SoftmaxOp, softmaxDefinition } from "./ops/softmax.ts";
import { type SparsifyOp, sparsifyDefinition } from "./ops/sparsify.ts";
import { type SplinesOp, splinesDefinition } from "./ops/splines.ts";
import { type TableNumbersOp, tableNumbersDefinition } from "./ops/table-numbers.ts";
import { type TermWeightsOp, termWeightsDefinition } from "./ops/term-weights.ts";
import { type VectorizeOp, vectorizeDefinition } from "./ops/vectorize.ts";
import { type WeightedMedianOp, weightedMedianDefinition } from "./ops/weighted-median.ts";
import { type WeightedSumsOp, weightedSumsDefinition } from "./ops/weighted-sums.ts";
import type { ValueType } from "./value.ts";

export type Op =
  | MissingFlagsOp
  | NearestFillOp
  | SplinesOp
  | NormalizeRowsOp
  | ProductsOp
  | BinsOp
  | QuantileRanksOp
  | PowerOp
  | JoinColumnsOp
  | SparsifyOp
  | FillMissingOp
  | OneHotOp
  | CategoryNumbersOp
  | CustomOp
  | KernelOp
  | WeightedSumsOp
  | CouplePairsOp
  | LogSumExpOp
  | DistancesOp
  | NeighborsOp
  | NeighborSumsOp
  | InterpolateOp
  | CountTermsOp
  | HashTermsOp
  | HashFeaturesOp
  | TermWeightsOp
  | WeightedMedianOp
  | RowSumOp
  | LookupOp
  | ConstantOp
  | CombineOp
  | VectorizeOp
  | DensifyOp
  | RequireFiniteOp
  | CastOp
  | AffineOp
  | DivideOp
  | ForestOp
  | SelectOp
  | ConcatOp
  | TableNumbersOp
  | ColumnwiseOp
  | MapOp
  | SoftmaxOp
  | LabelOp
  | NormalizeSumOp;
export type OpKind = Op["kind"];
export type OpOf<Kind extends OpKind> = Extract<Op, { readonly kind: Kind }>;

export const opDefinitions: { readonly [Kind in OpKind]: OpDefinition<OpOf<Kind>> } = {
  missing_flags: missingFlagsDefinition,
  nearest_fill: nearestFillDefinition,
  splines: splinesDefinition,
  normalize_rows: normalizeRowsDefinition,
  products: productsDefinition,
  bins: binsDefinition,
  quantile_ranks: quantileRanksDefinition,
  power: powerDefinition,
  join_columns: joinColumnsDefinition,
  sparsify: sparsifyDefinition,
  fill_missing: fillMissingDefinition,
  one_hot: oneHotDefinition,
  category_numbers: categoryNumbersDefinition,
  custom: customDefinition,
  kernel: kernelDefinition,
  weighted_sums: weightedSumsDefinition,
  couple_pairs: couplePairsDefinition,
  log_sum_exp: logSumExpDefinition,
  distances: distancesDefinition,
  neighbors: neighborsDefinition,
  neighbor_sums: neighborSumsDefinition,
  interpolate: interpolateDefinition,
  count_terms: countTermsDefinition,
  hash_terms: hashTermsDefinition,
  hash_features: hashFeaturesDefinition,
  term_weights: termWeightsDefinition,
  weighted_median: weightedMedianDefinition,
  row_sum: rowSumDefinition,
  lookup: lookupDefinition,
  constant: constantDefinition,
  combine: combineDefinition,
  vectorize: vectorizeDefinition,
  densify: densifyDefinition,
  require_finite: requireFiniteDefinition,
  cast: castDefinition,
  affine: affineDefinition,
  divide: divideDefinition,
  forest: forestDefinition,
  select: selectDefinition,
  concat: concatDefinition,
  table_numbers: tableNumbersDefinition,
  columnwise: columnwiseDefinition,
  map: mapDefinition,
  softmax: softmaxDefinition,
  label: labelDefinition,
  normalize_sum: normalizeSumDefinition,
};

/** @throws MODEL_GRAPH when the op does not fit */
export function resultTypeOf<Kind extends OpKind>(op: OpOf<Kind>, inputs: readonly ValueType[]): ValueType {
  const type = definitionOf(op).resultType(op, inputs);
  const isOpen = ({ kind, ...rest }: ValueType): boolean => kind === "dense" && "anyWidth" in rest;
  // Only an op that treats each number or row by itself can do without knowing how many there are.
  if (inputs.some(isOpen) && !isOpen(type)) throw graphError(`${op.kind} takes a known number of columns`);
  return type;
}

export function describeOp<Kind extends OpKind>(op: OpOf<Kind>): string {
  return definitionOf(op).describe(op);
}

function definitionOf<Kind extends OpKind>(op: OpOf<Kind>): OpDefinition<OpOf<Kind>> {
  return opDefinitions[op.kind as Kind] as OpDefinition<OpOf<Kind>>;
}
