// `categories_` of encoders, one list a column, and what of them concerns cells that are missing or of no category.
// pandas has NaN from CSV and None from JSON, so a null is the marker that the fitted categories hold.
// Source: sklearn/preprocessing/_encoders.py, sklearn/utils/_encode.py.
import { trimaranError } from "../../base/errors.ts";
import type { InputColumn, InputType, ModelInput } from "../../data/model-input.ts";
import type { Label } from "../../data/predictions.ts";
import type { GraphBuilder } from "../../model/graph-builder.ts";
import type { CategoryTable } from "../../model/ops/category-numbers.ts";
import type { NumberType, ValueId } from "../../model/value.ts";
import { isArray, readArray } from "../numpy/ndarray.ts";
import { type Category, toCategories } from "../numpy/to-labels.ts";
import { toFloat64 } from "../numpy/to-numbers.ts";
import { isNode } from "../pickle/tree.ts";
import { denseNumbers } from "./checked-numbers.ts";
import { attribute, attributeError, booleanOf, has, type Instance, itemsOf, pathOf, wrote } from "./instance.ts";
import { featureCount, numericInput } from "./numeric-input.ts";
import { shortName } from "./tree-rules.ts";

export interface ColumnCategories {
  readonly categories: readonly Category[];
  /** The position of None or else of NaN among them; -1 where there is neither. */
  readonly missing: number;
  /** NaN itself, which OrdinalEncoder encodes apart. */
  readonly missingIsNaN: boolean;
}

export function fittedCategories(self: Instance): readonly ColumnCategories[] {
  const items = itemsOf(self, "categories_");
  const columns = items.map((item, index) => {
    const path = `${pathOf(self, "categories_")}[${index}]`;
    if (!isArray(item)) throw trimaranError("MODEL_ATTRIBUTE", { path, problem: "an array was expected" });
    const categories = toCategories(readArray(item, path));
    const none = categories.findIndex(({ type }) => type === "none");
    const nan = categories.findIndex(isNaNCategory);
    return { categories, missing: none >= 0 ? none : nan, missingIsNaN: none < 0 && nan >= 0 };
  });
  assertColumns(self, items.length);
  return columns;
}

/** Whatever else counts the columns agrees: the number of features, and the lists of categories that were asked for. */
function assertColumns(self: Instance, count: number): void {
  const { kind } = Object(attribute(self, "categories")) as { readonly kind?: unknown };
  const asked = kind === "list" || kind === "tuple" ? itemsOf(self, "categories").length : count;
  const features = has(self, "n_features_in_") ? featureCount(self) : count;
  if (asked !== count || features !== count) {
    throw attributeError(
      self,
      "categories_",
      `it does not fit the columns that the encoder was fitted on (lists: ${count})`,
    );
  }
}

function isNaNCategory(category: Category): boolean {
  return category.type === "float" && Number.isNaN(category.value);
}

/**
 * The position of each category after rare ones were put together (1.1+), and where the rare ones are; null where the
 * column has none. A NaN that was left out of the count keeps its position.
 */
export function groupedPositions(
  self: Instance,
  columns: readonly ColumnCategories[],
): { readonly positions: readonly Float64Array[]; readonly rare: readonly (number | null)[] } {
  const plain = columns.map(({ categories }) => Float64Array.from(categories.keys()));
  if (!booleanOf(self, "_infrequent_enabled", false)) return { positions: plain, rare: columns.map(() => null) };
  const name = "_default_to_infrequent_mappings";
  const mappings = itemsOf(self, name);
  if (mappings.length !== columns.length) throw attributeError(self, name, "it does not fit categories_");
  const rare: (number | null)[] = [];
  const positions = plain.map((own, column) => {
    const item = mappings[column];
    if (item === undefined || item === null) {
      rare.push(null);
      return own;
    }
    const mapping = toFloat64(readArray(item, `${pathOf(self, name)}[${column}]`));
    if (mapping.length !== own.length && mapping.length !== own.length - 1) {
      throw attributeError(self, name, `column ${column} does not fit categories_`);
    }
    rare.push(mapping.reduce((most, each) => Math.max(most, each), 0));
    return own.map((position, at) => mapping[at] ?? position);
  });
  return { positions, rare };
}

export interface EncodedOptions {
  readonly tables: readonly CategoryTable[];
  readonly number: NumberType;
  readonly graph: GraphBuilder;
}

/** Each cell as the number that its column's table holds. */
export function encodedCells(self: Instance, input: ValueId, { tables, number, graph }: EncodedOptions): ValueId {
  const isTable = graph.typeOf(input).kind === "table";
  const value = isTable ? input : finite(self, denseNumbers(self, input, graph), graph);
  return graph.add({ kind: "category_numbers", inputs: [value], tables, number, estimator: shortName(self) });
}

function finite(self: Instance, input: ValueId, graph: GraphBuilder): ValueId {
  const estimator = shortName(self);
  return graph.add({ kind: "require_finite", inputs: [input], allowNaN: true, allowInfinite: false, estimator });
}

/** Labels for a table: None and NaN have no label that a cell could equal. */
export function tableOf(
  { categories }: ColumnCategories,
  numbers: ArrayLike<number>,
  rest: Pick<CategoryTable, "missing" | "unknown">,
): CategoryTable {
  const labels: Label[] = [];
  const kept: number[] = [];
  for (const [at, category] of categories.entries()) {
    if (category.type === "none" || isNaNCategory(category)) continue;
    labels.push(category);
    kept.push(numbers[at] as number);
  }
  return { categories: labels, numbers: Float64Array.from(kept), ...rest };
}

/** A missing cell that is no category: until 0.23 (OrdinalEncoder until 0.24) refused, later like any unknown cell. */
export function missingRule(self: Instance): "unknown" | "refuse" {
  const allowed = shortName(self) === "OrdinalEncoder" ? wrote(self, 1, 0) : wrote(self, 0, 24);
  return allowed ? "unknown" : "refuse";
}

/** A matrix where all categories are numbers, else a table with a type a column. */
export function encoderInput(self: Instance): ModelInput {
  const columns = fittedCategories(self);
  const types = columns.map(({ categories }) => categoryType(categories));
  const matrix = numericInput(self, { width: columns.length });
  if (matrix.kind === "records" || types.every((type) => type === "number")) return matrix;
  const typed = matrix.columns.map(
    (column, index): InputColumn => ({
      ...column,
      type: types[index] ?? "any",
      nullable: (columns[index]?.missing ?? -1) >= 0,
    }),
  );
  return { kind: "table", named: matrix.named, columns: typed };
}

function categoryType(categories: readonly Category[]): InputType {
  const types = new Set(
    categories
      .filter((category) => category.type !== "none" && !isNaNCategory(category))
      .map(({ type }) => (type === "integer" || type === "float" ? "number" : type)),
  );
  if (types.size !== 1) return "any";
  const [type] = types;
  return type === "string" || type === "boolean" || type === "number" ? type : "any";
}

/** The `dtype` option of an encoder. */
export function encoderNumber(self: Instance): NumberType {
  const dtype = attribute(self, "dtype");
  const name = isNode(dtype) && dtype.kind === "global" ? dtype.name : "";
  if (name === "float64" || name === "float") return "f64";
  if (name === "float32") return "f32";
  if (name === "int" || /^u?int(8|16|32|64)$/.test(name)) return "i64";
  if (name === "bool" || name === "bool_") return "bool";
  throw attributeError(self, "dtype", "a numpy type of numbers was expected");
}
