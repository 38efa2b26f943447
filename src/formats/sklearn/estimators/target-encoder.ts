// TargetEncoder: what the target was on average in a category; for several classes once a class.
// Source: sklearn/preprocessing/_target_encoder.py.

import { isArray, readArray } from "../../numpy/ndarray.ts";
import { toFloat64 } from "../../numpy/to-numbers.ts";
import { encodedCells, encoderInput, fittedCategories, missingRule, tableOf } from "../encoder-categories.ts";
import type { EstimatorRecord } from "../estimator.ts";
import { arrayOf, attribute, attributeError, type Instance, itemsOf, numberOf, pathOf, stringOf } from "../instance.ts";

export const targetEncoder: EstimatorRecord = {
  name: "TargetEncoder",
  classes: ["sklearn.preprocessing._target_encoder.TargetEncoder"],
  fitted: ["categories_", "encodings_"],
  exactness: "exact",
  takesTables: true,
  input: encoderInput,
  toOps(self, input, { graph }) {
    const columns = fittedCategories(self);
    const encodings = itemsOf(self, "encodings_").map((item, index) =>
      toFloat64(readArray(item, `${pathOf(self, "encodings_")}[${index}]`)),
    );
    const means = isArray(attribute(self, "target_mean_"))
      ? toFloat64(arrayOf(self, "target_mean_"))
      : Float64Array.of(numberOf(self, "target_mean_"));
    const outputs = stringOf(self, "target_type_", "continuous") === "multiclass" ? means.length : 1;
    if (encodings.length !== columns.length * outputs) throw encodingError(self, `${columns.length * outputs} arrays`);
    const tables = encodings.map((encoding, index) => {
      const column = columns[Math.floor(index / outputs)];
      if (column === undefined || encoding.length !== column.categories.length)
        throw encodingError(self, "one a category");
      const missing = column.missing >= 0 ? (encoding[column.missing] as number) : missingRule(self);
      return tableOf(column, encoding, { missing, unknown: means[index % outputs] as number });
    });
    const repeated = Int32Array.from(encodings.keys(), (index) => Math.floor(index / outputs));
    const cells = outputs === 1 ? input : graph.add({ kind: "select", inputs: [input], columns: repeated });
    return { transform: { value: encodedCells(self, cells, { tables, number: "f64", graph }), scalar: false } };
  },
};

function encodingError(self: Instance, expected: string): Error {
  return attributeError(self, "encodings_", `${expected} was expected`);
}
