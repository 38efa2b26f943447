// The total map from op kinds to ONNX nodes. `unsupported` is an answer too: it says why there are none.
import type { OpKind } from "../../model/op.ts";
import {
  writeAffine,
  writeBins,
  writeCast,
  writeColumnwise,
  writeCombine,
  writeDivide,
  writeLogSumExp,
  writeNormalizeRows,
  writeNormalizeSum,
  writeProducts,
  writeRowSum,
  writeSoftmax,
  writeWeightedSums,
} from "./arithmetic.ts";
import { writeCategoryNumbers, writeFillMissing, writeMissingFlags, writeOneHot } from "./categories.ts";
import {
  writeConcat,
  writeConstant,
  writeJoinColumns,
  writeSelect,
  writeTableNumbers,
  writeVectorize,
} from "./columns.ts";
import { writeForest } from "./forest.ts";
import { writeLabel, writeLookup } from "./labels.ts";
import { writeInterpolate, writeQuantileRanks } from "./lines.ts";
import { writeMap } from "./maps.ts";
import { writeNearestFill, writeNeighborSums, writeNeighbors, writeWeightedMedian } from "./nearest.ts";
import { type OpWriter, tensor, tensorInput, unsupported, type WriteContext } from "./op-writer.ts";
import { writeDistances, writeKernel } from "./points.ts";
import { writePower } from "./power.ts";
import { writeSplines } from "./splines.ts";

/** Dense and sparse are one in ONNX, and ONNX refuses no row. */
const asItIs = (_op: unknown, context: WriteContext): ReturnType<typeof tensor> => tensor(tensorInput(context));

const text = "ONNX has no tokens, n-grams and hashes as scikit-learn has them";

export const opWriters: { readonly [Kind in OpKind]: OpWriter<Kind> } = {
  affine: writeAffine,
  bins: writeBins,
  cast: writeCast,
  category_numbers: writeCategoryNumbers,
  columnwise: writeColumnwise,
  combine: writeCombine,
  concat: writeConcat,
  constant: writeConstant,
  count_terms: unsupported(text),
  couple_pairs: unsupported("it iterates until it settles"),
  custom: unsupported("it is a function of your own"),
  densify: asItIs,
  distances: writeDistances,
  divide: writeDivide,
  fill_missing: writeFillMissing,
  forest: writeForest,
  hash_features: unsupported(text),
  hash_terms: unsupported(text),
  interpolate: writeInterpolate,
  join_columns: writeJoinColumns,
  kernel: writeKernel,
  label: writeLabel,
  log_sum_exp: writeLogSumExp,
  lookup: writeLookup,
  map: writeMap,
  missing_flags: writeMissingFlags,
  nearest_fill: writeNearestFill,
  neighbor_sums: writeNeighborSums,
  neighbors: writeNeighbors,
  normalize_rows: writeNormalizeRows,
  normalize_sum: writeNormalizeSum,
  one_hot: writeOneHot,
  power: writePower,
  products: writeProducts,
  quantile_ranks: writeQuantileRanks,
  require_finite: asItIs,
  row_sum: writeRowSum,
  select: writeSelect,
  softmax: writeSoftmax,
  sparsify: asItIs,
  splines: writeSplines,
  table_numbers: writeTableNumbers,
  term_weights: unsupported(text),
  vectorize: writeVectorize,
  weighted_median: writeWeightedMedian,
  weighted_sums: writeWeightedSums,
};
