// The total map from op kinds to SQL. `unsupported` is an answer too: it says why there is none.
import type { OpKind } from "../../model/op.ts";
import {
  writeAffine,
  writeCast,
  writeColumnwise,
  writeCombine,
  writeDivide,
  writeMap,
  writeNormalizeSum,
  writeProducts,
  writeRequireFinite,
  writeRowSum,
  writeSoftmax,
} from "./arithmetic.ts";
import {
  writeCategoryNumbers,
  writeFillMissing,
  writeJoinColumns,
  writeMissingFlags,
  writeOneHot,
  writeTableNumbers,
  writeVectorize,
} from "./categories.ts";
import { writeForest } from "./forest.ts";
import { writeLabel, writeLookup } from "./labels.ts";
import { type SqlWriter, unsupported } from "./op-writer.ts";
import { exportError } from "./sql-builder.ts";
import { constantCell, type NumberCell, numbersValue, type SqlCell, type SqlValue } from "./sql-value.ts";

/** Dense and sparse are one in SQL. */
const asItIs = (_op: unknown, { inputs }: { readonly inputs: readonly SqlValue[] }): SqlValue =>
  numbersValue(inputs[0], "densify");

const text = "SQL has no tokens, n-grams and hashes as scikit-learn has them";
const points = "it compares a row with points; that is no work for SQL";
const other = "SQL export is for linear and logistic models, trees and small ensembles";

export const opWriters: { readonly [Kind in OpKind]: SqlWriter<Kind> } = {
  affine: writeAffine,
  bins: unsupported(other),
  cast: writeCast,
  category_numbers: writeCategoryNumbers,
  columnwise: writeColumnwise,
  combine: writeCombine,
  concat: (_op, { inputs, result }) => ({
    kind: "numbers",
    cells: inputs.flatMap((input) => numbersValue(input, "concat").cells),
    number: result.kind === "dense" || result.kind === "sparse" ? result.number : "f64",
  }),
  constant: (op, { builder }) => ({
    kind: "numbers",
    cells: Array.from(op.numbers, (number) => constantCell(number, builder)),
    number: op.number,
  }),
  count_terms: unsupported(text),
  couple_pairs: unsupported("it iterates until it settles"),
  custom: unsupported("it is a function of your own"),
  densify: asItIs,
  distances: unsupported(points),
  divide: writeDivide,
  fill_missing: writeFillMissing,
  forest: writeForest,
  hash_features: unsupported(text),
  hash_terms: unsupported(text),
  interpolate: unsupported(other),
  join_columns: writeJoinColumns,
  kernel: unsupported(points),
  label: writeLabel,
  log_sum_exp: unsupported(other),
  lookup: writeLookup,
  map: writeMap,
  missing_flags: writeMissingFlags,
  nearest_fill: unsupported(points),
  neighbor_sums: unsupported(points),
  neighbors: unsupported(points),
  normalize_rows: unsupported(other),
  normalize_sum: writeNormalizeSum,
  one_hot: writeOneHot,
  power: unsupported(other),
  products: writeProducts,
  quantile_ranks: unsupported(other),
  require_finite: writeRequireFinite,
  row_sum: writeRowSum,
  select: (op, { inputs, result }) => {
    const [input] = inputs;
    if (input?.kind === "cells") {
      return { kind: "cells", cells: [...op.columns].map((column) => input.cells[column] as SqlCell) };
    }
    const { cells, number } = numbersValue(input, "select");
    if (result.kind === "table") throw exportError("select", "it takes no numbers here");
    return { kind: "numbers", cells: [...op.columns].map((column) => cells[column] as NumberCell), number };
  },
  softmax: writeSoftmax,
  sparsify: asItIs,
  splines: unsupported(other),
  table_numbers: writeTableNumbers,
  term_weights: unsupported(text),
  vectorize: writeVectorize,
  weighted_median: unsupported(other),
  weighted_sums: unsupported(other),
};
