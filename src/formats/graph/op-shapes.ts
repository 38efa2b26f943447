// What each op looks like in a file. `custom` is a function, and no file holds one.
import type { Label } from "../../data/predictions.ts";
import type { OpKind, OpOf } from "../../model/op.ts";
import { graphError } from "../../model/op-definition.ts";
import type { CategoryTable } from "../../model/ops/category-numbers.ts";
import { mapFunctions } from "../../model/ops/map.ts";
import type { TextAnalyzer } from "../../model/text-analyzer.ts";
import type { NumberType } from "../../model/value.ts";
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
  words,
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

const numberType = words<NumberType>({ f64: true, f32: true, i64: true, bool: true });
const float = words<OpOf<"cast">["number"]>({ f64: true, f32: true });
const neighborWeights = words<OpOf<"nearest_fill">["weights"]>({ uniform: true, distance: true });
const analyzer = record({
  lowercase: flag,
  accents: words<TextAnalyzer["accents"]>({ keep: true, unicode: true, ascii: true, composed: true }),
  unit: words<TextAnalyzer["unit"]>({ word: true, char: true, char_wb: true }),
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
    outside: words<OpOf<"splines">["outside"]>({
      constant: true,
      linear: true,
      continue: true,
      refuse: true,
      periodic: true,
    }),
    estimator: text,
  },
  normalize_rows: {
    norm: words<OpOf<"normalize_rows">["norm"]>({ l1: true, l2: true, max: true, largest: true }),
    smallest: optional(number),
  },
  products: { terms: listOf(i32) },
  bins: { edges: listOf(f64), rule: words<OpOf<"bins">["rule"]>({ plain: true, nudged: true }) },
  quantile_ranks: { quantiles: f64, places: f64, tolerance: number, inverse: flag },
  power: {
    family: words<OpOf<"power">["family"]>({ box_cox: true, yeo_johnson: true, yeo_johnson_by_logarithm: true }),
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
    } satisfies { readonly [Name in OpOf<"kernel">["function"]["name"]]: Shape }),
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
    } satisfies { readonly [Name in OpOf<"distances">["metric"]["name"]]: Shape }),
  },
  neighbors: { count },
  neighbor_sums: {
    table: f64,
    width: count,
    weights: neighborWeights,
    mean: flag,
    nobody: words<OpOf<"neighbor_sums">["nobody"]>({ nan: true, zero: true, refuse: true }),
  },
  interpolate: {
    x: f64,
    y: f64,
    outside: words<OpOf<"interpolate">["outside"]>({ clip: true, nan: true, refuse: true }),
    estimator: text,
  },
  count_terms: {
    analyzer,
    terms: listOf(text),
    binary: flag,
    number: words<OpOf<"count_terms">["number"]>({ i64: true, f64: true, f32: true }),
  },
  hash_terms: {
    analyzer,
    width: count,
    signed: flag,
    binary: flag,
    number: words<OpOf<"hash_terms">["number"]>({ i64: true, f64: true, f32: true }),
  },
  hash_features: {
    width: count,
    signed: flag,
    number: words<OpOf<"hash_features">["number"]>({ i64: true, f64: true, f32: true }),
    items: optional(words<NonNullable<OpOf<"hash_features">["items"]>>({ strings: true, pairs: true })),
  },
  term_weights: {
    sublinear: flag,
    factors: orNull(f64),
    norm: words<OpOf<"term_weights">["norm"]>({ none: true, l1: true, l2: true }),
  },
  weighted_median: { weights: f64 },
  row_sum: {},
  lookup: {
    width: count,
    table: f64,
    number: optional(words<NonNullable<OpOf<"lookup">["number"]>>({ f64: true, i64: true })),
  },
  constant: { numbers: f64, number: numberType },
  combine: {
    function: words<OpOf<"combine">["function"]>({
      add: true,
      subtract: true,
      multiply: true,
      divide: true,
      logaddexp: true,
    }),
  },
  vectorize: {
    names: listOf(text),
    separator: text,
    lists: words<OpOf<"vectorize">["lists"]>({ split: true, ignore: true, array: true }),
    number: words<OpOf<"vectorize">["number"]>({ f64: true, f32: true, i64: true }),
  },
  densify: { repeated: words<OpOf<"densify">["repeated"]>({ sum: true, last: true }) },
  require_finite: { allowNaN: flag, allowInfinite: flag, estimator: text },
  cast: {
    number: float,
    repeated: words<OpOf<"cast">["repeated"]>({ sum_then_cast: true, cast_then_sum: true, refuse: true }),
  },
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
          number: words<NonNullable<OpOf<"forest">["categories"]>["number"]>({ integer: true, byte: true }),
          negative: words<NonNullable<OpOf<"forest">["categories"]>["negative"]>({
            missing: true,
            outside: true,
            convert: true,
          }),
        }),
      ),
    ),
    linear: optional(orNull(record({ constants: f64, offsets: i32, features: i32, coefficients: f64 }))),
    absent: optional(words<NonNullable<OpOf<"forest">["absent"]>>({ zero: true, missing: true })),
    rule: words<OpOf<"forest">["rule"]>({ le: true, lt: true }),
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
        step: words<OpOf<"columnwise">["steps"][number]["step"]>({
          add: true,
          subtract: true,
          multiply: true,
          divide: true,
          maximum: true,
          minimum: true,
          replace_zero: true,
          greater: true,
        }),
        values: f64,
      }),
    ),
    number: float,
  },
  map: { function: oneOf(...mapFunctions) },
  softmax: {},
  label: {
    rule: words<OpOf<"label">["rule"]>({ argmax: true, positive: true, not_negative: true, index: true }),
    labels: listOf(listOf(labelShape)),
  },
  normalize_sum: { zero: words<OpOf<"normalize_sum">["zero"]>({ nan: true, uniform: true }) },
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
