// Where cells are missing, as columns of 0 and 1: MissingIndicator, alone or inside an imputer.
// Source: sklearn/impute/_base.py.
import { trimaranError } from "../../base/errors.ts";
import type { Label } from "../../data/predictions.ts";
import type { GraphBuilder } from "../../model/graph-builder.ts";
import type { ValueId } from "../../model/value.ts";
import { categoryOf } from "../numpy/to-labels.ts";
import { toInt32 } from "../numpy/to-numbers.ts";
import { describeValue, isNode } from "../pickle/tree.ts";
import type { BuildContext } from "./estimator.ts";
import {
  arrayOf,
  attribute,
  attributeError,
  booleanOf,
  has,
  type Instance,
  instanceOf,
  pathOf,
  stringOf,
  wrote,
} from "./instance.ts";
import { shortName } from "./tree-rules.ts";

/** `missing_values`; null where it is NaN or None, which JSON writes the same. */
export function missingLabel(self: Instance): Label | null {
  const value = attribute(self, "missing_values");
  // Until 0.21 the deprecated word "NaN" stood for it, and pandas.NA counts as well.
  if (value === undefined || value === "NaN") return null;
  if (isNode(value) && value.kind === "global" && value.name === "NA") return null;
  const category = categoryOf(value);
  if (category === undefined) {
    throw attributeError(self, "missing_values", `a number or a string was expected, not ${describeValue(value)}`);
  }
  if (category.type === "none") return null;
  return category.type === "float" && Number.isNaN(category.value) ? null : category;
}

/** The flags of a MissingIndicator, or of the one inside an imputer; null where there are none. */
export function missingFlags(self: Instance, cells: ValueId, { graph }: BuildContext): ValueId | null {
  const inner = shortName(self) === "MissingIndicator" ? self : innerIndicator(self);
  if (inner === null) return null;
  const type = graph.typeOf(cells);
  const width = type.kind === "table" ? type.columns.length : type.kind === "dense" ? type.width : 0;
  const named = shownColumns(inner, width);
  const all = Array.from({ length: width }, (_, column) => column);
  const shown = named.length === 0 && inner === self && !wrote(self, 0, 21) ? all : named;
  // An imputer without flags is the imputer itself; an indicator without columns may still refuse.
  if (shown.length === 0 && inner !== self) return null;
  const missing = missingLabel(self);
  const flags = graph.add({
    kind: "missing_flags",
    inputs: [cells],
    missing,
    refused: refusedColumns(inner, width),
    estimator: shortName(inner),
  });
  return shown.length === width
    ? flags
    : graph.add({ kind: "select", inputs: [flags], columns: Int32Array.from(shown) });
}

function innerIndicator(self: Instance): Instance | null {
  if (!booleanOf(self, "add_indicator", false) || !has(self, "indicator_")) return null;
  const inner = instanceOf(attribute(self, "indicator_"), pathOf(self, "indicator_"), self);
  if (inner === undefined) throw attributeError(self, "indicator_", "a MissingIndicator was expected");
  return inner;
}

/** `features_`; a fitted indicator that met no missing cell shows nothing, before 0.21 everything. */
function shownColumns(inner: Instance, width: number): readonly number[] {
  const known = Array.from(toInt32(arrayOf(inner, "features_")));
  if (known.some((column) => column < 0 || column >= width)) {
    throw attributeError(inner, "features_", "it names columns that are not there");
  }
  return known;
}

/** Columns in which nothing was missing when it was fitted, and nothing may be. */
function refusedColumns(inner: Instance, width: number): readonly number[] {
  if (stringOf(inner, "features", "missing-only") !== "missing-only") return [];
  if (!booleanOf(inner, "error_on_new", true)) return [];
  const known = new Set(shownColumns(inner, width));
  return Array.from({ length: width }, (_, column) => column).filter((column) => !known.has(column));
}

/** Values side by side: numbers, or a table where one of them is. */
export function joined(values: readonly ValueId[], graph: GraphBuilder): ValueId {
  const [only] = values;
  if (only !== undefined && values.length === 1) return only;
  const kinds = values.map((value) => graph.typeOf(value).kind);
  if (!kinds.includes("table")) return graph.add({ kind: "concat", inputs: values });
  if (kinds.some((kind) => kind !== "table" && kind !== "dense")) {
    throw trimaranError("MODEL_UNSUPPORTED", { path: "", what: "sparse columns beside text", nearest: "" });
  }
  return graph.add({ kind: "join_columns", inputs: values });
}
