// OrdinalEncoder: a category's position. Source: sklearn/preprocessing/_encoders.py.
import {
  encodedCells,
  encoderInput,
  encoderNumber,
  fittedCategories,
  groupedPositions,
  missingRule,
  tableOf,
} from "../encoder-categories.ts";
import type { EstimatorRecord } from "../estimator.ts";
import { numberOf, stringOf } from "../instance.ts";

export const ordinalEncoder: EstimatorRecord = {
  name: "OrdinalEncoder",
  classes: ["sklearn.preprocessing._encoders.OrdinalEncoder"],
  fitted: ["categories_"],
  exactness: "exact",
  takesTables: true,
  input: encoderInput,
  toOps(self, input, { graph }) {
    const columns = fittedCategories(self);
    const { positions } = groupedPositions(self, columns);
    const known = stringOf(self, "handle_unknown", "error") === "use_encoded_value";
    const unknown = known ? numberOf(self, "unknown_value") : "refuse";
    const encodedMissing = numberOf(self, "encoded_missing_value", Number.NaN);
    const tables = columns.map((column, index) => {
      const own = positions[index] ?? new Float64Array(0);
      const position = column.missingIsNaN ? encodedMissing : (own[column.missing] ?? missingRule(self));
      return tableOf(column, own, { missing: position, unknown });
    });
    return {
      transform: { value: encodedCells(self, input, { tables, number: encoderNumber(self), graph }), scalar: false },
    };
  },
};
