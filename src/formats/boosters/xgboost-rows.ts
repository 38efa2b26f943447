// The rows as XGBoost's trees see them: float32, missing cells NaN, categories of data frames as their numbers.
import { trimaranError } from "../../base/errors.ts";
import type { Label } from "../../data/predictions.ts";
import type { GraphBuilder } from "../../model/graph-builder.ts";
import type { CategoryTable } from "../../model/ops/category-numbers.ts";
import type { ValueId } from "../../model/value.ts";
import { isSince, type XgboostParts } from "./xgboost-parts.ts";

export interface XgboostRowsOptions {
  readonly missing?: number;
  readonly inPlace: boolean;
}

/** @throws MODEL_UNSUPPORTED */
export function xgboostRows(
  parts: XgboostParts,
  { graph, input, options }: { graph: GraphBuilder; input: ValueId; options: XgboostRowsOptions },
): ValueId {
  const numbers = numbersOf(parts, graph, input);
  const type = graph.typeOf(numbers);
  const width = type.kind === "dense" || type.kind === "sparse" ? type.width : 0;
  if (width !== parts.width) {
    const problem = `the model has ${parts.width} features, what comes before it gives ${width}`;
    throw trimaranError("MODEL_ATTRIBUTE", { path: "num_feature", problem });
  }
  const rounded = graph.add({ kind: "cast", inputs: [numbers], number: "f32", repeated: "cast_then_sum" });
  const rows = takesInfinite(parts, options)
    ? rounded
    : graph.add({
        kind: "require_finite",
        inputs: [rounded],
        allowNaN: true,
        allowInfinite: false,
        estimator: "XGBoost",
      });
  const missing = Math.fround(options.missing ?? Number.NaN);
  if (Number.isNaN(missing)) return rows;
  // 0.90 refused a NaN where another number stands for missing.
  const known = isSince(parts, 1, 0) ? rows : withoutNaN(graph, rows);
  if (type.kind === "sparse") {
    throw trimaranError("MODEL_UNSUPPORTED", { path: "missing", what: "`missing` with sparse rows", nearest: "" });
  }
  const label: Label = { type: "float", value: missing };
  const fills = Array.from({ length: width }, () => null);
  return graph.add({ kind: "fill_missing", inputs: [known], missing: label, fills });
}

function withoutNaN(graph: GraphBuilder, rows: ValueId): ValueId {
  return graph.add({
    kind: "require_finite",
    inputs: [rows],
    allowNaN: false,
    allowInfinite: true,
    estimator: "XGBoost with `missing` set",
  });
}

/** From 1.4 on a DMatrix refuses what float32 does not hold; predicting in place never does. */
function takesInfinite(parts: XgboostParts, { inPlace }: XgboostRowsOptions): boolean {
  return inPlace || !isSince(parts, 1, 4);
}

function numbersOf({ categories }: XgboostParts, graph: GraphBuilder, input: ValueId): ValueId {
  const type = graph.typeOf(input);
  if (type.kind === "dense" || type.kind === "sparse") return input;
  if (type.kind !== "table") {
    throw trimaranError("MODEL_UNSUPPORTED", { path: "the rows", what: `${type.kind} input of XGBoost`, nearest: "" });
  }
  if (categories === null || type.columns.length !== categories.length) {
    return graph.add({ kind: "table_numbers", inputs: [input] });
  }
  const columns = categories.map((labels, index) => {
    const one = graph.add({ kind: "select", inputs: [input], columns: Int32Array.of(index) });
    if (labels === null) return graph.add({ kind: "table_numbers", inputs: [one] });
    const numbers = Float64Array.from(labels, (_, number) => number);
    // The library refuses a category that training did not see.
    const table: CategoryTable = { categories: labels, numbers, missing: Number.NaN, unknown: "refuse" };
    return graph.add({ kind: "category_numbers", inputs: [one], tables: [table], number: "f64", estimator: "XGBoost" });
  });
  return graph.add({ kind: "concat", inputs: columns });
}
