// OneHotEncoder: a column a category. Source: sklearn/preprocessing/_encoders.py.
import { trimaranError } from "../../../base/errors.ts";
import { isArray } from "../../numpy/ndarray.ts";
import { toFloat64 } from "../../numpy/to-numbers.ts";
import {
  type ColumnCategories,
  encodedCells,
  encoderInput,
  encoderNumber,
  fittedCategories,
  groupedPositions,
  missingRule,
  tableOf,
} from "../encoder-categories.ts";
import type { EstimatorRecord } from "../estimator.ts";
import {
  arrayOf,
  attribute,
  attributeError,
  booleanOf,
  firstOf,
  has,
  type Instance,
  pathOf,
  scalarOf,
  stringOf,
  wrote,
} from "../instance.ts";

export const oneHotEncoder: EstimatorRecord = {
  name: "OneHotEncoder",
  classes: ["sklearn.preprocessing._encoders.OneHotEncoder"],
  fitted: ["categories_"],
  exactness: "exact",
  takesTables: true,
  input: encoderInput,
  toOps(self, input, { graph }) {
    if (booleanOf(self, "_legacy_mode", false)) {
      const what = "the way of OneHotEncoder before 0.20 (integers from 0, or categorical_features)";
      throw trimaranError("MODEL_UNSUPPORTED", { path: pathOf(self, "_legacy_mode"), what, nearest: "" });
    }
    const columns = fittedCategories(self);
    const { places, widths, unknown } = outputPlaces(self, columns);
    assertPlaces(self, places, widths);
    const number = encoderNumber(self);
    const tables = columns.map((column, index) => {
      const own = places[index] ?? new Float64Array(0);
      const missing = column.missing >= 0 ? (own[column.missing] as number) : missingRule(self);
      return tableOf(column, own, { missing, unknown: unknown[index] ?? "refuse" });
    });
    const positions = encodedCells(self, input, { tables, number: "f64", graph });
    const sparse = graph.add({ kind: "one_hot", inputs: [positions], widths, number });
    const isSparse = booleanOf(self, attribute(self, "sparse_output") === undefined ? "sparse" : "sparse_output", true);
    const value = isSparse ? sparse : graph.add({ kind: "densify", inputs: [sparse], repeated: "last" });
    return { transform: { value, scalar: false } };
  },
};

/** A mapping or a dropped position of its own making may not lead into another column's places. */
function assertPlaces(self: Instance, places: readonly Float64Array[], widths: readonly number[]): void {
  for (const [column, own] of places.entries()) {
    const width = widths[column] ?? 0;
    const fits = (place: number): boolean =>
      Number.isNaN(place) || (Number.isInteger(place) && place >= 0 && place < width);
    if (!own.every(fits)) throw attributeError(self, "categories_", `column ${column} has places outside of its own`);
  }
}

interface OutputPlaces {
  /** Of each category; NaN where it is dropped. */
  readonly places: readonly Float64Array[];
  readonly widths: readonly number[];
  readonly unknown: readonly (number | "refuse")[];
}

/** Where each category ends up once rare ones are together and a dropped one is gone. */
function outputPlaces(self: Instance, columns: readonly ColumnCategories[]): OutputPlaces {
  const { positions, rare } = groupedPositions(self, columns);
  const dropped = droppedPositions(self, columns.length);
  const rule = stringOf(self, "handle_unknown", "error");
  const after = (position: number, column: number): number => {
    const drop = dropped[column] ?? null;
    if (drop === null || position < drop) return position;
    return position === drop ? Number.NaN : position - 1;
  };
  return {
    places: positions.map((own, column) => own.map((position) => after(position, column))),
    widths: positions.map((own, column) => new Set(own).size - ((dropped[column] ?? null) === null ? 0 : 1)),
    unknown: columns.map((_, column): number | "refuse" => {
      const group = rare[column] ?? null;
      switch (rule) {
        case "error":
          return "refuse";
        case "ignore":
          return Number.NaN;
        case "infrequent_if_exist":
          return group === null ? Number.NaN : after(group, column);
        case "warn":
          // Meant to be the same, but until 1.7 the group of rare categories was forgotten.
          return group === null || !wrote(self, 1, 8) ? Number.NaN : after(group, column);
        default:
          throw attributeError(self, "handle_unknown", "it is none of the library's rules");
      }
    }),
  };
}

/** From 1.3 `drop_idx_` counts before rare categories are put together, and another attribute after it. */
function droppedPositions(self: Instance, width: number): readonly (number | null)[] {
  const name = firstOf(self, ["_drop_idx_after_grouping", "drop_idx_"]);
  if (attribute(self, "_drop_idx_after_grouping") === null || !has(self, name)) {
    return Array.from({ length: width }, () => null);
  }
  if (!isArray(attribute(self, name))) throw attributeError(self, name, "an array was expected");
  const array = arrayOf(self, name);
  const found =
    array.objects === null
      ? Array.from(toFloat64(array))
      : array.objects.map((item) => {
          const scalar = scalarOf(item);
          if (scalar === null || typeof scalar === "number") return scalar;
          throw attributeError(self, name, "positions were expected");
        });
  if (found.length !== width) throw attributeError(self, name, `${width} positions were expected`);
  return found;
}
