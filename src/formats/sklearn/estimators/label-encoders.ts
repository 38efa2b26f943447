// LabelEncoder and LabelBinarizer: one column of labels → positions, or a column a label. Source: sklearn/preprocessing/_label.py.
import type { ModelInput } from "../../../data/model-input.ts";
import type { GraphBuilder } from "../../../model/graph-builder.ts";
import type { ValueId } from "../../../model/value.ts";
import { classList } from "../class-labels.ts";
import type { EstimatorRecord } from "../estimator.ts";
import { booleanOf, type Instance, integerOf } from "../instance.ts";
import { shortName } from "../tree-rules.ts";

const labelInput = (self: Instance): ModelInput => {
  const types = new Set(classList(self).map(({ type }) => (type === "float" || type === "integer" ? "number" : type)));
  const [type = "any"] = types.size === 1 ? types : [];
  return {
    kind: "table",
    named: false,
    columns: [{ name: "0", type: type === "number" ? "any" : type, nullable: false }],
  };
};

export const labelEncoder: EstimatorRecord = {
  name: "LabelEncoder",
  classes: ["sklearn.preprocessing._label.LabelEncoder", "sklearn.preprocessing.label.LabelEncoder"],
  fitted: ["classes_"],
  exactness: "exact",
  takesTables: true,
  input: labelInput,
  toOps: (self, input, { graph }) => ({
    transform: { value: positions(self, input, { graph, unknown: "refuse" }), scalar: true },
  }),
};

export const labelBinarizer: EstimatorRecord = {
  name: "LabelBinarizer",
  classes: ["sklearn.preprocessing._label.LabelBinarizer", "sklearn.preprocessing.label.LabelBinarizer"],
  fitted: ["classes_"],
  exactness: "exact",
  takesTables: true,
  input: labelInput,
  toOps(self, input, { graph }) {
    const categories = classList(self);
    const count = categories.length;
    const [low, high] = [integerOf(self, "neg_label", 0), integerOf(self, "pos_label", 1)];
    if (count > 2 && low === 0 && high === 1) {
      const found = positions(self, input, { graph, unknown: Number.NaN });
      const sparse = graph.add({ kind: "one_hot", inputs: [found], widths: [count], number: "i64" });
      const isSparse = booleanOf(self, "sparse_output", false);
      const value = isSparse ? sparse : graph.add({ kind: "densify", inputs: [sparse], repeated: "last" });
      return { transform: { value, scalar: false } };
    }
    // Two labels are one column, that of the second; a single label is a column of the lower number.
    const shown = count > 2 ? categories.map((_, at) => at) : [count === 2 ? 1 : -1];
    const tables = shown.map((own) => ({
      categories,
      numbers: Float64Array.from(categories, (_, at) => (at === own ? high : low)),
      missing: low,
      unknown: low,
    }));
    const columns = new Int32Array(tables.length);
    const cells = graph.add({ kind: "select", inputs: [input], columns });
    const estimator = shortName(self);
    const value = graph.add({ kind: "category_numbers", inputs: [cells], tables, number: "i64", estimator });
    return { transform: { value, scalar: false } };
  },
};

interface PositionOptions {
  readonly graph: GraphBuilder;
  readonly unknown: number | "refuse";
}

function positions(self: Instance, input: ValueId, { graph, unknown }: PositionOptions): ValueId {
  const categories = classList(self);
  const numbers = Float64Array.from(categories.keys());
  const tables = [{ categories, numbers, missing: "unknown" as const, unknown }];
  const number = unknown === "refuse" ? "i64" : "f64";
  return graph.add({ kind: "category_numbers", inputs: [input], tables, number, estimator: shortName(self) });
}
