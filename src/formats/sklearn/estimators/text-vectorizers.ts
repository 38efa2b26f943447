// CountVectorizer, TfidfVectorizer, TfidfTransformer, HashingVectorizer: documents to terms, counted and weighed.
// Source: sklearn/feature_extraction/text.py.
import { trimaranError } from "../../../base/errors.ts";
import type { RowItems } from "../../../data/model-input.ts";
import type { GraphBuilder } from "../../../model/graph-builder.ts";
import type { ValueId } from "../../../model/value.ts";
import { isArray } from "../../numpy/ndarray.ts";
import { isSparse, readSparse } from "../../numpy/sparse.ts";
import { toFloat64 } from "../../numpy/to-numbers.ts";
import { describeValue, isNode } from "../../pickle/tree.ts";
import { summedEntries } from "../dense-matrix.ts";
import type { EstimatorRecord } from "../estimator.ts";
import {
  arrayOf,
  attribute,
  attributeError,
  booleanOf,
  has,
  type Instance,
  instanceOf,
  integerOf,
  pathOf,
  scalarOf,
  stringOf,
  wrote,
} from "../instance.ts";
import { finiteInput } from "../linear-scores.ts";
import { numericInput } from "../numeric-input.ts";
import { countType, textAnalyzer, textInput } from "../text-analyzer.ts";

export const countVectorizer: EstimatorRecord = {
  name: "CountVectorizer",
  classes: ["sklearn.feature_extraction.text.CountVectorizer"],
  fitted: ["vocabulary_"],
  exactness: "exact",
  takesTables: true,
  input: () => textInput,
  toOps: (self, input, { graph }) => ({ transform: { value: counts(graph, self, input), scalar: false } }),
};

export const tfidfVectorizer: EstimatorRecord = {
  name: "TfidfVectorizer",
  classes: ["sklearn.feature_extraction.text.TfidfVectorizer"],
  fitted: ["vocabulary_", "_tfidf"],
  exactness: "near",
  takesTables: true,
  input: () => textInput,
  toOps(self, input, { graph }) {
    const weights = instanceOf(attribute(self, "_tfidf"), pathOf(self, "_tfidf"), self);
    if (weights === undefined) throw attributeError(self, "_tfidf", "a TfidfTransformer was expected");
    return { transform: { value: weigh(graph, weights, counts(graph, self, input)), scalar: false } };
  },
};

export const tfidfTransformer: EstimatorRecord = {
  name: "TfidfTransformer",
  classes: ["sklearn.feature_extraction.text.TfidfTransformer"],
  fitted: [],
  exactness: "near",
  input: (self) => {
    const frequencies = documentFrequencies(self);
    return numericInput(self, frequencies === null ? {} : { width: frequencies.length });
  },
  toOps: (self, input, context) => ({
    transform: { value: weigh(context.graph, self, finiteInput(self, input, context)), scalar: false },
  }),
};

export const hashingVectorizer: EstimatorRecord = {
  name: "HashingVectorizer",
  classes: [
    "sklearn.feature_extraction.text.HashingVectorizer",
    "sklearn.feature_extraction.hashing.HashingVectorizer",
  ],
  fitted: ["n_features"],
  exactness: "near",
  note: "exact without a norm",
  takesTables: true,
  input: () => textInput,
  toOps(self, input, { graph }) {
    const number = countType(self);
    const value = graph.add({
      kind: "hash_terms",
      inputs: [input],
      analyzer: textAnalyzer(self),
      width: integerOf(self, "n_features"),
      signed: booleanOf(self, "alternate_sign"),
      binary: booleanOf(self, "binary"),
      number,
    });
    const norm = normOf(self);
    if (norm === "none") return { transform: { value, scalar: false } };
    const weighed = graph.add({ kind: "term_weights", inputs: [value], sublinear: false, factors: null, norm });
    return { transform: { value: weighed, scalar: false } };
  },
};

export const featureHasher: EstimatorRecord = {
  name: "FeatureHasher",
  classes: ["sklearn.feature_extraction._hash.FeatureHasher", "sklearn.feature_extraction.hashing.FeatureHasher"],
  fitted: ["n_features", "input_type"],
  exactness: "exact",
  note: "a row is a dictionary, an array of strings or an array of [name, value] pairs, as input_type says",
  input: (self) => ({ kind: "records", features: [], ...itemsOfRows(self) }),
  toOps(self, input, { graph }) {
    if (has(self, "non_negative") && booleanOf(self, "non_negative")) {
      throw unsupported(self, "non_negative", "FeatureHasher(non_negative=True)");
    }
    const value = graph.add({
      kind: "hash_features",
      inputs: [input],
      width: integerOf(self, "n_features"),
      signed: booleanOf(self, "alternate_sign"),
      number: countType(self),
      ...itemsOfRows(self),
    });
    return { transform: { value, scalar: false } };
  },
};

function itemsOfRows(self: Instance): { readonly items?: RowItems } {
  const type = stringOf(self, "input_type");
  if (type === "dict") return {};
  if (type === "string") return { items: "strings" };
  if (type === "pair") return { items: "pairs" };
  throw attributeError(self, "input_type", "dict, pair or string was expected");
}

function counts(graph: GraphBuilder, self: Instance, input: ValueId): ValueId {
  return graph.add({
    kind: "count_terms",
    inputs: [input],
    analyzer: textAnalyzer(self),
    terms: termsOf(self),
    binary: booleanOf(self, "binary"),
    number: countType(self),
  });
}

/** The terms by column, from `vocabulary_`. */
function termsOf(self: Instance): readonly string[] {
  const vocabulary = attribute(self, "vocabulary_");
  if (!isNode(vocabulary) || vocabulary.kind !== "dict") {
    throw attributeError(self, "vocabulary_", `a dict was expected, not ${describeValue(vocabulary)}`);
  }
  const columns = new Map<string, number>();
  for (const [at, term] of vocabulary.keys.entries()) {
    const column = Number(scalarOf(vocabulary.values[at]));
    if (typeof term !== "string") throw attributeError(self, "vocabulary_", "its keys must be strings");
    columns.set(term, column);
  }
  const terms = new Array<string | undefined>(columns.size).fill(undefined);
  for (const [term, column] of columns) {
    if (!Number.isInteger(column) || column < 0 || column >= terms.length || terms[column] !== undefined) {
      throw attributeError(self, "vocabulary_", `its columns must be the whole numbers from 0 to ${terms.length - 1}`);
    }
    terms[column] = term;
  }
  return terms as string[];
}

function weigh(graph: GraphBuilder, self: Instance, input: ValueId): ValueId {
  const sublinear = booleanOf(self, "sublinear_tf");
  const factors = documentFrequencies(self);
  const norm = normOf(self);
  if (factors === null || isArray(attribute(self, "idf_"))) {
    return graph.add({ kind: "term_weights", inputs: [input], sublinear, factors, norm });
  }
  // The product with a diagonal matrix adds up what stands twice in a row.
  const logs = sublinear
    ? graph.add({ kind: "term_weights", inputs: [input], sublinear, factors: null, norm: "none" })
    : input;
  return graph.add({
    kind: "term_weights",
    inputs: [summedEntries(graph, logs)],
    sublinear: false,
    factors,
    norm,
  });
}

/** `idf_` from 1.5 on, before the diagonal of a sparse matrix; null where it is not used. */
function documentFrequencies(self: Instance): Float64Array | null {
  if (isArray(attribute(self, "idf_"))) return toFloat64(arrayOf(self, "idf_"));
  const diagonal = attribute(self, "_idf_diag");
  if (isSparse(diagonal)) {
    if (!booleanOf(self, "use_idf")) return null;
    const { shape, indptr, indices, data } = readSparse(diagonal, pathOf(self, "_idf_diag"));
    const factors = new Float64Array(shape[0]);
    for (let row = 0; row < shape[0]; row++) {
      for (let at = indptr[row] as number; at < (indptr[row + 1] as number); at++) {
        if (indices[at] !== row) throw attributeError(self, "_idf_diag", "it is no diagonal matrix");
        factors[row] = data[at] as number;
      }
    }
    return factors;
  }
  if (!booleanOf(self, "use_idf")) return null;
  const name = wrote(self, 1, 5) ? "idf_" : "_idf_diag";
  throw trimaranError("MODEL_UNFITTED", { path: pathOf(self, name), estimator: "TfidfTransformer", attribute: name });
}

function normOf(self: Instance): "none" | "l1" | "l2" {
  if (!has(self, "norm")) return "none";
  const norm = stringOf(self, "norm");
  if (norm === "l1" || norm === "l2") return norm;
  throw unsupported(self, "norm", `the norm ${norm}`);
}

function unsupported(self: Instance, name: string, what: string): Error {
  return trimaranError("MODEL_UNSUPPORTED", { path: pathOf(self, name), what, nearest: "" });
}
