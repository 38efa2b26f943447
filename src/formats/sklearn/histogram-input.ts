// What histogram boosting does to rows before its trees see them. From 1.4, models with categories hold a preprocessor:
// the categorical columns, each as the position of its category (unknown and missing: NaN), then all others in order.
// Source: `_preprocess_X` in sklearn/ensemble/_hist_gradient_boosting/gradient_boosting.py.
import { trimaranError } from "../../base/errors.ts";
import type { ModelInput } from "../../data/model-input.ts";
import type { Label } from "../../data/predictions.ts";
import type { GraphBuilder } from "../../model/graph-builder.ts";
import type { CategoryTable } from "../../model/ops/category-numbers.ts";
import type { ValueId } from "../../model/value.ts";
import { isArray, type NdArray, readArray } from "../numpy/ndarray.ts";
import { toCategories } from "../numpy/to-labels.ts";
import { toFloat64 } from "../numpy/to-numbers.ts";
import { isNode, type PyValue } from "../pickle/tree.ts";
import { arrayOf, attribute, attributeError, has, type Instance, instanceOf, itemsOf, pathOf } from "./instance.ts";
import { featureCount, numericInput } from "./numeric-input.ts";
import { shortName } from "./tree-rules.ts";

export function histogramInput(self: Instance): ModelInput {
  const width = featureCount(self);
  const matrix = numericInput(self, { width, nullable: true });
  const encoder = preprocessor(self);
  if (
    encoder === null ||
    matrix.kind === "records" ||
    !encoder.arrays.some((array) => array.objects !== null || array.dtype.kind === "U")
  ) {
    return matrix;
  }
  const columns = matrix.columns.map((column, index) => {
    const place = encoder.columns.indexOf(index);
    return place < 0 ? column : { ...column, type: encoder.isText(place) ? ("string" as const) : ("any" as const) };
  });
  return { kind: "table", named: matrix.named, columns };
}

/** The rows as the trees see them. */
export function histogramRows(self: Instance, input: ValueId, graph: GraphBuilder): ValueId {
  const encoder = preprocessor(self);
  const type = graph.typeOf(input);
  if (type.kind === "sparse" || type.kind === "records") {
    throw trimaranError("MODEL_UNSUPPORTED", {
      path: self.path,
      what: `${type.kind} input of ${shortName(self)}`,
      nearest: "",
    });
  }
  if (encoder === null) return type.kind === "table" ? graph.add({ kind: "table_numbers", inputs: [input] }) : input;
  const parts = encoder.columns.map((column, place) => {
    const one = graph.add({ kind: "select", inputs: [input], columns: Int32Array.of(column) });
    const isNumber = type.kind !== "table" || type.columns[column]?.kind === "number";
    const cells = isNumber ? finite(one, self, graph) : one;
    return graph.add({
      kind: "category_numbers",
      inputs: [cells],
      tables: [{ ...positions(encoder.categories(place)), textOnly: !isNumber && encoder.isText(place) }],
      number: "f64",
      estimator: shortName(self),
    });
  });
  const others = Array.from({ length: featureCount(self) }, (_, column) => column).filter(
    (column) => !encoder.columns.includes(column),
  );
  if (others.length > 0) {
    const rest = graph.add({ kind: "select", inputs: [input], columns: Int32Array.from(others) });
    parts.push(type.kind === "table" ? graph.add({ kind: "table_numbers", inputs: [rest] }) : rest);
  }
  return graph.add({ kind: "concat", inputs: parts });
}

/** Each category's position; whatever else there is counts as missing. */
function positions(categories: readonly (Label | null)[]): CategoryTable {
  const known = categories.flatMap((label, position) =>
    label === null || isMissing(label) ? [] : [{ label, position }],
  );
  return {
    categories: known.map(({ label }) => label),
    numbers: Float64Array.from(known, ({ position }) => position),
    missing: Number.NaN,
    unknown: Number.NaN,
  };
}

/** The encoder takes NaN and no infinity. */
function finite(value: ValueId, self: Instance, graph: GraphBuilder): ValueId {
  const type = graph.typeOf(value);
  const numbers = type.kind === "table" ? graph.add({ kind: "table_numbers", inputs: [value] }) : value;
  return graph.add({
    kind: "require_finite",
    inputs: [numbers],
    allowNaN: true,
    allowInfinite: false,
    estimator: shortName(self),
  });
}

interface Encoder {
  /** The categorical columns of the input, in order. */
  readonly columns: readonly number[];
  /** `categories_` of each. */
  readonly arrays: readonly NdArray[];
  categories(place: number): readonly (Label | null)[];
  isText(place: number): boolean;
}

function preprocessor(self: Instance): Encoder | null {
  if (!has(self, "_preprocessor")) return null;
  const path = pathOf(self, "_preprocessor");
  const transformer = instanceOf(attribute(self, "_preprocessor"), path, self);
  if (transformer === undefined) throw attributeError(self, "_preprocessor", "an estimator was expected");
  const [first] = itemsOf(transformer, "transformers_");
  const parts = isNode(first) && first.kind === "tuple" ? first.items : [];
  const encoder = instanceOf(parts[1], `${path}.transformers_[0]`, transformer);
  if (parts[0] !== "encoder" || encoder === undefined) {
    throw attributeError(transformer, "transformers_", "the encoder of histogram boosting was expected");
  }
  const mask = toFloat64(arrayOf(self, "is_categorical_"));
  const columns = [...mask.keys()].filter((column) => mask[column] !== 0);
  const items = itemsOf(encoder, "categories_");
  if (items.length !== columns.length || mask.length !== featureCount(self)) {
    throw attributeError(encoder, "categories_", `${columns.length} lists were expected, not ${items.length}`);
  }
  const arrays = items.map((item, index) => categoryArray(item, `${pathOf(encoder, "categories_")}[${index}]`));
  const categories = arrays.map((array) => toCategories(array).map((each) => (each.type === "none" ? null : each)));
  return {
    columns,
    arrays,
    categories: (place) => categories[place] ?? [],
    isText: (place) =>
      (categories[place] ?? []).every((each) => each === null || each.type === "string" || isMissing(each)),
  };
}

function isMissing(label: Label): boolean {
  return label.type === "float" && Number.isNaN(label.value);
}

function categoryArray(item: PyValue, path: string): NdArray {
  if (!isArray(item)) throw trimaranError("MODEL_ATTRIBUTE", { path, problem: "an array was expected" });
  return readArray(item, path);
}
