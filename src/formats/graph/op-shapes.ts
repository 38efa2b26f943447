// What each op looks like in a file. `custom` is a function, and no file holds one.
import type { Label } from "../../data/predictions.ts";
import type { OpKind, OpOf } from "../../model/op.ts";
import { graphError } from "../../model/op-definition.ts";
import type { CategoryTable } from "../../model/ops/category-numbers.ts";
import { mapFunctions } from "../../model/ops/map.ts";
import type { TextAnalyzer } from "../../model/text-analyzer.ts";
import {
  byMember,
  count,
  either,
  f64,
  flag,
  i32,
  listOf,
  type Members,
  number,
  oneOf,
  optional,
  orNull,
  record,
  type Shape,
  text,
  u8,
  u32,
} from "./shape.ts";

const labelOf = (value: Shape): Shape => record({ type: text, value });
export const labelShape: Shape = byMember("type", {
  string: labelOf(text),
  boolean: labelOf(flag),
  integer: labelOf(
    either(
      (value) => typeof value === "bigint",
      () => {},
      number,
    ),
  ),
  float: labelOf(number),
} satisfies { readonly [Type in Label["type"]]: Shape });

const numberType = oneOf("f64", "f32", "i64", "bool");
const float = oneOf("f64", "f32");
const neighborWeights = oneOf("uniform", "distance");
const analyzer = record({
  lowercase: flag,
  accents: oneOf("keep", "unicode", "ascii", "composed"),
  unit: oneOf("word", "char", "char_wb"),
  pattern: text,
  stopWords: listOf(text),
  least: count,
  most: count,
} satisfies Members<TextAnalyzer>);
const numberOr = (...words: readonly string[]): Shape =>
  either((value) => typeof value === "number", number, oneOf(...words));
const plainMetric = record({ name: text });

type OpMembers = { readonly [Kind in Exclude<OpKind, "custom">]: Omit<Members<OpOf<Kind>>, "kind" | "inputs"> };

const members: OpMembers = {
  missing_flags: { missing: orNull(labelShape), refused: listOf(count), estimator: text },
  nearest_fill: { points: f64, neighbors: count, weights: neighborWeights },
  splines: {
    columns: listOf(record({ knots: f64, coefficients: f64 })),
    degree: count,
    splines: count,
    outside: oneOf("constant", "linear", "continue", "refuse", "periodic"),
    estimator: text,
  },
  normalize_rows: { norm: oneOf("l1", "l2", "max", "largest"), smallest: optional(number) },
  products: { terms: listOf(i32) },
  bins: { edges: listOf(f64), rule: oneOf("plain", "nudged") },
  quantile_ranks: { quantiles: f64, places: f64, tolerance: number, inverse: flag },
  power: {
    family: oneOf("box_cox", "yeo_johnson", "yeo_johnson_by_logarithm"),
    inverse: flag,
    exponents: f64,
    estimator: text,
  },
  join_columns: {},
  sparsify: {},
  fill_missing: { missing: orNull(labelShape), fills: listOf(orNull(labelShape)), estimator: optional(text) },
  one_hot: { widths: listOf(count), number: numberType },
  category_numbers: {
    tables: listOf(
      record({
        categories: listOf(labelShape),
        numbers: f64,
        missing: numberOr("unknown", "refuse"),
        unknown: numberOr("refuse"),
        textOnly: optional(flag),
      } satisfies Members<CategoryTable>),
    ),
    number: numberType,
    estimator: text,
  },
  kernel: {
    points: f64,
    count,
    function: byMember("name", {
      linear: record({ name: text }),
      poly: record({ name: text, gamma: number, constant: number, degree: number }),
      sigmoid: record({ name: text, gamma: number, constant: number }),
      rbf: record({ name: text, gamma: number }),
    }),
  },
  weighted_sums: { starts: i32, columns: i32, weights: f64, constants: f64 },
  couple_pairs: { classes: count, margin: number },
  log_sum_exp: {},
  distances: {
    points: f64,
    count,
    metric: byMember("name", {
      euclidean: plainMetric,
      manhattan: plainMetric,
      chebyshev: plainMetric,
      canberra: plainMetric,
      cosine: plainMetric,
      squared: record({ name: text, scales: optional(f64) }),
      minkowski: record({ name: text, power: number }),
    }),
  },
  neighbors: { count },
  neighbor_sums: {
    table: f64,
    width: count,
    weights: neighborWeights,
    mean: flag,
    nobody: oneOf("nan", "zero", "refuse"),
  },
  interpolate: { x: f64, y: f64, outside: oneOf("clip", "nan", "refuse"), estimator: text },
  count_terms: { analyzer, terms: listOf(text), binary: flag, number: oneOf("i64", "f64", "f32") },
  hash_terms: { analyzer, width: count, signed: flag, binary: flag, number: oneOf("i64", "f64", "f32") },
  hash_features: {
    width: count,
    signed: flag,
    number: oneOf("i64", "f64", "f32"),
    items: optional(oneOf("strings", "pairs")),
  },
  term_weights: { sublinear: flag, factors: orNull(f64), norm: oneOf("none", "l1", "l2") },
  weighted_median: { weights: f64 },
  row_sum: {},
  lookup: { width: count, table: f64, number: optional(oneOf("f64", "i64")) },
  constant: { numbers: f64, number: numberType },
  combine: { function: oneOf("add", "subtract", "multiply", "divide", "logaddexp") },
  vectorize: {
    names: listOf(text),
    separator: text,
    lists: oneOf("split", "ignore", "array"),
    number: oneOf("f64", "f32", "i64"),
  },
  densify: { repeated: oneOf("sum", "last") },
  require_finite: { allowNaN: flag, allowInfinite: flag, estimator: text },
  cast: { number: float, repeated: oneOf("sum_then_cast", "cast_then_sum", "refuse") },
  affine: { weights: f64, intercept: f64, number: optional(float) },
  divide: { divisor: number },
  forest: {
    roots: i32,
    feature: i32,
    threshold: f64,
    left: i32,
    right: i32,
    missingLeft: orNull(u8),
    zeroMissing: optional(orNull(u8)),
    categories: optional(
      orNull(
        record({
          left: i32,
          right: i32,
          offsets: i32,
          words: u32,
          number: oneOf("integer", "byte"),
          negative: oneOf("missing", "outside", "convert"),
        }),
      ),
    ),
    linear: optional(orNull(record({ constants: f64, offsets: i32, features: i32, coefficients: f64 }))),
    absent: optional(oneOf("zero", "missing")),
    rule: oneOf("le", "lt"),
    leaves: f64,
    leafWidth: count,
    targets: orNull(i32),
    base: f64,
    sum: float,
    cover: orNull(f64),
  },
  select: { columns: i32 },
  concat: {},
  table_numbers: {},
  columnwise: {
    steps: listOf(
      record({
        step: oneOf("add", "subtract", "multiply", "divide", "maximum", "minimum", "replace_zero", "greater"),
        values: f64,
      }),
    ),
    number: float,
  },
  map: { function: oneOf(...mapFunctions) },
  softmax: {},
  label: { rule: oneOf("argmax", "positive", "not_negative", "index"), labels: listOf(listOf(labelShape)) },
  normalize_sum: { zero: oneOf("nan", "uniform") },
};

const shapes = Object.fromEntries(
  Object.entries(members).map(([kind, rest]) => [kind, record({ kind: text, inputs: listOf(count), ...rest })]),
);

/** How many values an op reads; the others read exactly one. */
const inputCounts: Readonly<Record<string, readonly [number, number]>> = {
  combine: [2, 2],
  forest: [1, 2],
  concat: [1, Number.POSITIVE_INFINITY],
  join_columns: [1, Number.POSITIVE_INFINITY],
};

/** @throws MODEL_GRAPH */
export const opShape: Shape = (value, path) => {
  byMember("kind", shapes)(value, path);
  const { kind, inputs } = value as { readonly kind: string; readonly inputs: readonly number[] };
  const [least, most] = inputCounts[kind] ?? [1, 1];
  if (inputs.length < least || inputs.length > most) throw graphError(`${path} reads ${inputs.length} values`);
};
