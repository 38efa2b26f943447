// SimpleImputer: a column's own value where a cell is missing, and columns that say where. MissingIndicator: only those.
// Source: sklearn/impute/_base.py.
import { trimaranError } from "../../../base/errors.ts";
import type { InputColumn, ModelInput } from "../../../data/model-input.ts";
import type { Label } from "../../../data/predictions.ts";
import type { ValueId } from "../../../model/value.ts";
import { readDType } from "../../numpy/dtype.ts";
import { type Category, categoryOf, toCategories } from "../../numpy/to-labels.ts";
import { checkedNumbers, denseNumbers } from "../checked-numbers.ts";
import { fittedCategories } from "../encoder-categories.ts";
import type { BuildContext, EstimatorRecord } from "../estimator.ts";
import {
  arrayOf,
  attribute,
  attributeError,
  booleanOf,
  has,
  type Instance,
  pathOf,
  stringOf,
  wrote,
} from "../instance.ts";
import { joined, missingFlags, missingLabel } from "../missing-flags.ts";
import { numericInput } from "../numeric-input.ts";
import { shortName } from "../tree-rules.ts";

export const simpleImputer: EstimatorRecord = {
  name: "SimpleImputer",
  classes: ["sklearn.impute._base.SimpleImputer", "sklearn.impute.SimpleImputer"],
  fitted: ["statistics_"],
  exactness: "exact",
  takesTables: true,
  input(self): ModelInput {
    const fills = statistics(self);
    const matrix = numericInput(self, { width: fills.length, nullable: true });
    if (matrix.kind === "records" || !holdsText(self, fills)) return matrix;
    const columns = matrix.columns.map((column, index): InputColumn => {
      const type = fills[index]?.type;
      return { ...column, type: type === "string" ? "string" : "any" };
    });
    return { kind: "table", named: matrix.named, columns };
  },
  toOps(self, input, context) {
    const { graph } = context;
    const fills = statistics(self);
    const cells = imputerCells(self, input, { context, text: holdsText(self, fills) });
    const kept = keptColumns(self, fills);
    const columns = Int32Array.from(kept);
    const chosen = kept.length === fills.length ? cells : graph.add({ kind: "select", inputs: [cells], columns });
    const missing = missingLabel(self);
    const left = noneColumns(self, context);
    const own = kept.map((column, at) => (left.has(at) ? null : labelOf(fills[column])));
    // Objects are looked through for NaN from 0.21 on.
    const refuses = missing !== null && wrote(self, 0, 21) ? { estimator: shortName(self) } : {};
    const filled = graph.add({ kind: "fill_missing", inputs: [chosen], missing, fills: own, ...refuses });
    const flags = missingFlags(self, cells, context);
    const both = flags === null ? filled : joined([filled, flags], graph);
    // What came sparse stays so.
    const isSparse = graph.typeOf(input).kind === "sparse";
    const value = isSparse ? graph.add({ kind: "sparsify", inputs: [both] }) : both;
    return { transform: { value, scalar: false } };
  },
};

/**
 * Columns, as they come out, whose None an imputer of NaN left alone when it was fitted: the encoder behind it has None
 * among their categories. A null in them is that None.
 */
function noneColumns(self: Instance, { behind }: BuildContext): ReadonlySet<number> {
  if (behind === undefined || behind.step !== self || !has(behind.next, "categories_")) return new Set();
  const columns = fittedCategories(behind.next);
  return new Set([...columns.keys()].filter((at) => columns[at]?.categories.some(({ type }) => type === "none")));
}

/** The cells that are looked at: text as it came, else dense numbers, with infinities refused. */
function imputerCells(
  self: Instance,
  input: ValueId,
  { context, text }: { readonly context: BuildContext; readonly text: boolean },
): ValueId {
  const { graph } = context;
  const type = graph.typeOf(input);
  if (type.kind === "table" && text) return input;
  const missing = missingLabel(self);
  if (type.kind === "sparse" && missing !== null && missing.value === 0) {
    const what = `${shortName(self)} of sparse input whose zeros are missing`;
    throw trimaranError("MODEL_UNSUPPORTED", { path: pathOf(self, "missing_values"), what, nearest: "" });
  }
  const numbers = type.kind === "table" ? graph.add({ kind: "table_numbers", inputs: [input] }) : input;
  return checkedNumbers(self, denseNumbers(self, numbers, graph), { graph, allowNaN: missing === null });
}

/** `statistics_` by column; NaN or None where the column was empty. */
function statistics(self: Instance): readonly Category[] {
  const fills = toCategories(arrayOf(self, "statistics_"));
  // From 1.8 on they are cast to the type of the rows that were fitted.
  if (!has(self, "_fill_dtype")) return fills;
  const { kind, itemsize } = readDType(attribute(self, "_fill_dtype"), pathOf(self, "_fill_dtype"));
  if (kind !== "f" || itemsize === 8) return fills;
  if (itemsize !== 4) {
    const what = `${shortName(self)} of floats of ${itemsize} bytes`;
    throw trimaranError("MODEL_UNSUPPORTED", { path: pathOf(self, "_fill_dtype"), what, nearest: "" });
  }
  return fills.map((fill) => (fill.type === "float" ? { ...fill, value: Math.fround(fill.value) } : fill));
}

/** Fitted on objects: then cells stay what they are. `_fit_dtype` came with 0.24. */
function holdsText(self: Instance, fills: readonly Category[]): boolean {
  if (has(self, "_fit_dtype")) return readDType(attribute(self, "_fit_dtype"), pathOf(self, "_fit_dtype")).kind === "O";
  if (fills.some(({ type }) => type === "string")) return true;
  const missing = categoryOf(attribute(self, "missing_values"));
  return missing?.type === "none" || missing?.type === "string" || arrayOf(self, "statistics_").objects !== null;
}

/** Columns without a statistic are left out, unless they are kept; "constant" kept all until 1.7. */
function keptColumns(self: Instance, fills: readonly Category[]): readonly number[] {
  const all = [...fills.keys()];
  if (stringOf(self, "strategy") === "constant" && !wrote(self, 1, 8)) return all;
  if (booleanOf(self, "keep_empty_features", false)) return all;
  return all.filter((column) => !isNaNStatistic(fills[column]));
}

function isNaNStatistic(fill: Category | undefined): boolean {
  return fill?.type === "float" && Number.isNaN(fill.value);
}

function labelOf(fill: Category | undefined): Label | null {
  return fill === undefined || fill.type === "none" || isNaNStatistic(fill) ? null : fill;
}

export const missingIndicator: EstimatorRecord = {
  name: "MissingIndicator",
  classes: ["sklearn.impute._base.MissingIndicator", "sklearn.impute.MissingIndicator"],
  fitted: ["features_"],
  exactness: "exact",
  takesTables: true,
  input: (self) => numericInput(self, { nullable: true }),
  toOps(self, input, context) {
    const cells = imputerCells(self, input, { context, text: missingLabel(self)?.type === "string" });
    const flags = missingFlags(self, cells, context);
    if (flags === null) throw attributeError(self, "features_", "an array was expected");
    const wanted = attribute(self, "sparse");
    const fromSparse = context.graph.typeOf(input).kind === "sparse";
    const isSparse = wanted === true || (wanted !== false && fromSparse);
    const value = isSparse ? context.graph.add({ kind: "sparsify", inputs: [flags] }) : flags;
    return { transform: { value, scalar: false } };
  },
};
