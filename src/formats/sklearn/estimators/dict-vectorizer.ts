// DictVectorizer: dictionaries to one column a known name. Source: sklearn/feature_extraction/_dict_vectorizer.py.
import type { RecordFeature } from "../../../data/model-input.ts";
import type { VectorizeOp } from "../../../model/ops/vectorize.ts";
import { describeValue, isNode } from "../../pickle/tree.ts";
import type { EstimatorRecord } from "../estimator.ts";
import {
  attribute,
  attributeError,
  booleanOf,
  type Instance,
  itemsOf,
  scalarOf,
  stringOf,
  wrote,
} from "../instance.ts";

export const dictVectorizer: EstimatorRecord = {
  name: "DictVectorizer",
  classes: [
    "sklearn.feature_extraction._dict_vectorizer.DictVectorizer",
    "sklearn.feature_extraction.dict_vectorizer.DictVectorizer",
  ],
  fitted: ["feature_names_", "vocabulary_"],
  exactness: "exact",
  input: (self) => ({ kind: "records", features: recordFeatures(namesOf(self), stringOf(self, "separator")) }),
  toOps(self, input, { graph }) {
    const sparse = graph.add({
      kind: "vectorize",
      inputs: [input],
      names: namesOf(self),
      separator: stringOf(self, "separator"),
      lists: listRule(self),
      number: numberType(self),
    });
    if (booleanOf(self, "sparse")) return { transform: { value: sparse, scalar: false } };
    // Until 1.0 the dense path wrote each value into its cell, so that the last of two equal names counted.
    const repeated = wrote(self, 1, 0) ? "sum" : "last";
    return { transform: { value: graph.add({ kind: "densify", inputs: [sparse], repeated }), scalar: false } };
  },
};

/** The names by column. `vocabulary_` decides; `feature_names_` only lists what it holds. */
function namesOf(self: Instance): readonly string[] {
  const vocabulary = attribute(self, "vocabulary_");
  if (!isNode(vocabulary) || vocabulary.kind !== "dict") {
    throw attributeError(self, "vocabulary_", `a dict was expected, not ${describeValue(vocabulary)}`);
  }
  const width = itemsOf(self, "feature_names_").length;
  const columns = new Map<string, number>();
  for (const [index, name] of vocabulary.keys.entries()) {
    const column = scalarOf(vocabulary.values[index]);
    if (typeof name !== "string") throw attributeError(self, "vocabulary_", "its keys must be strings");
    if (typeof column !== "number" || !Number.isInteger(column) || column < 0 || column >= width) {
      throw attributeError(self, "vocabulary_", `its columns must be whole numbers from 0 to ${width - 1}`);
    }
    columns.set(name, column);
  }
  const names = new Array<string>(width);
  for (const [name, column] of columns) {
    if (names[column] !== undefined) throw attributeError(self, "vocabulary_", `two names share column ${column}`);
    names[column] = name;
  }
  if (columns.size !== width) throw attributeError(self, "vocabulary_", `${columns.size} names for ${width} columns`);
  return names;
}

/** Lists are several values from 0.24 on, but on its dense path only from 1.0. */
function listRule(self: Instance): VectorizeOp["lists"] {
  if (booleanOf(self, "sparse")) return wrote(self, 0, 24) ? "split" : "ignore";
  return wrote(self, 1, 0) ? "split" : "array";
}

function numberType(self: Instance): VectorizeOp["number"] {
  const dtype = attribute(self, "dtype");
  const name = isNode(dtype) && dtype.kind === "global" ? `${dtype.module}.${dtype.name}` : describeValue(dtype);
  if (name === "numpy.float64" || name === "builtins.float") return "f64";
  if (name === "numpy.float32") return "f32";
  if (name === "numpy.int64" || name === "builtins.int") return "i64";
  throw attributeError(self, "dtype", `numpy.float64, float32 or int64 was expected, not ${name}`);
}

/** Splits names at their first separator, as a person would read them; a name without one is numeric. */
function recordFeatures(names: readonly string[], separator: string): readonly RecordFeature[] {
  const features = new Map<string, { numeric: boolean; categories: string[] }>();
  for (const name of names) {
    const at = separator === "" ? -1 : name.indexOf(separator);
    const key = at < 0 ? name : name.slice(0, at);
    const feature = features.get(key) ?? { numeric: false, categories: [] };
    if (at < 0) feature.numeric = true;
    else feature.categories.push(name.slice(at + separator.length));
    features.set(key, feature);
  }
  return [...features].map(([name, feature]) => ({ name, ...feature }));
}
