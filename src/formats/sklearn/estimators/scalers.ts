// StandardScaler, MinMaxScaler, MaxAbsScaler, RobustScaler: a shift and a factor a column. Each statement of the library
// rounds on its own: division is no multiplication by the reciprocal, but for sparse input.
// Source: sklearn/preprocessing/_data.py.
import { trimaranError } from "../../../base/errors.ts";
import type { ModelInput } from "../../../data/model-input.ts";
import type { GraphBuilder } from "../../../model/graph-builder.ts";
import type { ColumnStep } from "../../../model/ops/columnwise.ts";
import type { ValueId } from "../../../model/value.ts";
import { toFloat64 } from "../../numpy/to-numbers.ts";
import { checkedNumbers, numbersType, passedInput } from "../checked-numbers.ts";
import type { EstimatorRecord, NextInput } from "../estimator.ts";
import { arrayOf, attributeError, booleanOf, has, type Instance, itemsOf, scalarOf, wrote } from "../instance.ts";
import { featureCount, numericInput } from "../numeric-input.ts";
import { step } from "../probabilities.ts";

type StepKind = ColumnStep["step"];

/** The statements of `transform`; those of `inverse_transform` undo them. */
type Statements = (self: Instance) => readonly ColumnStep[];

const statements: Readonly<Record<string, Statements>> = {
  StandardScaler: (self) => [
    ...(booleanOf(self, "with_mean") ? [column(self, "subtract", "mean_")] : []),
    ...(has(self, "scale_") ? [column(self, "divide", "scale_")] : []),
  ],
  MinMaxScaler: (self) => [column(self, "multiply", "scale_"), column(self, "add", "min_"), ...clipToRange(self)],
  MaxAbsScaler: (self) => [
    column(self, "divide", "scale_"),
    ...(booleanOf(self, "clip", false) ? [step("maximum", -1), step("minimum", 1)] : []),
  ],
  RobustScaler: (self) => [
    ...(booleanOf(self, "with_centering") ? [column(self, "subtract", "center_")] : []),
    ...(booleanOf(self, "with_scaling") ? [column(self, "divide", "scale_")] : []),
  ],
};

export const scalers: readonly EstimatorRecord[] = Object.entries(statements).map(
  ([name, stepsOf]): EstimatorRecord => ({
    name,
    classes: [`sklearn.preprocessing._data.${name}`, `sklearn.preprocessing.data.${name}`],
    fitted: [],
    exactness: "exact",
    input: (self, _opener, next) => scalerInput(self, next),
    toOps(self, input, { graph }) {
      const type = numbersType(self, input, graph);
      const checked = checkedNumbers(self, input, { graph, allowNaN: wrote(self, 0, 20) });
      const steps = stepsOf(self).map((each) => (type.kind === "sparse" ? sparseStep(self, each) : each));
      const number = type.number === "f32" ? "f32" : "f64";
      return { transform: { value: scaled(self, checked, { graph, steps, number }), scalar: false } };
    },
  }),
);

/** Whether a class is one of the scalers, whose statements can be undone. */
export function isScaler(self: Instance): boolean {
  return scalers.some((record) => record.classes.includes(self.className));
}

/** `inverse_transform` of a scaler. */
export function unscaled(self: Instance, value: ValueId, graph: GraphBuilder): ValueId {
  const opposite: Readonly<Partial<Record<StepKind, StepKind>>> = {
    add: "subtract",
    subtract: "add",
    multiply: "divide",
    divide: "multiply",
  };
  const name = self.className.slice(self.className.lastIndexOf(".") + 1);
  const steps = (statements[name]?.(self) ?? []).toReversed().flatMap(({ step: kind, values }) => {
    const inverse = opposite[kind];
    return inverse === undefined ? [] : [{ step: inverse, values }];
  });
  return graph.add({ kind: "columnwise", inputs: [value], steps, number: "f64" });
}

interface Scaling {
  readonly graph: GraphBuilder;
  readonly steps: readonly ColumnStep[];
  readonly number: "f64" | "f32";
}

/** float32 input: until 1.7 each statement computes in float64 and rounds; from 1.8 StandardScaler's numbers are float32 too. */
function scaled(self: Instance, input: ValueId, { graph, steps, number }: Scaling): ValueId {
  const single = number === "f32" && self.className.endsWith(".StandardScaler") && wrote(self, 1, 8);
  const kept = single ? steps.map(({ step: kind, values }) => ({ step: kind, values: rounded(values) })) : steps;
  return graph.add({ kind: "columnwise", inputs: [input], steps: kept, number });
}

function rounded(values: Float64Array): Float64Array {
  return values.map(Math.fround);
}

/** Sparse rows are multiplied by the reciprocal; a shift would fill their zeros. */
function sparseStep(self: Instance, { step: kind, values }: ColumnStep): ColumnStep {
  if (kind === "divide") {
    const { itemsize } = arrayOf(self, "scale_").dtype;
    return { step: "multiply", values: values.map((value) => (itemsize === 4 ? Math.fround(1 / value) : 1 / value)) };
  }
  throw trimaranError("MODEL_UNSUPPORTED", {
    path: self.path === "" ? "the root" : self.path,
    what: `${self.className.slice(self.className.lastIndexOf(".") + 1)} that would fill the zeros of sparse input`,
    nearest: "",
  });
}

function column(self: Instance, kind: StepKind, name: string): ColumnStep {
  const values = toFloat64(arrayOf(self, name));
  if (has(self, "n_features_in_") && values.length !== featureCount(self)) {
    throw attributeError(self, name, `${featureCount(self)} numbers were expected`);
  }
  return { step: kind, values };
}

function clipToRange(self: Instance): readonly ColumnStep[] {
  if (!booleanOf(self, "clip", false)) return [];
  const [low, high] = itemsOf(self, "feature_range").map(scalarOf);
  if (typeof low !== "number" || typeof high !== "number") {
    throw attributeError(self, "feature_range", "two numbers were expected");
  }
  return [step("maximum", low), step("minimum", high)];
}

/** `n_features_in_` came with 0.24; before, the width is that of the arrays. */
function scalerInput(self: Instance, next: NextInput | undefined): ModelInput {
  const fitted = ["scale_", "mean_", "min_", "center_", "var_"].find((name) => has(self, name));
  return fitted === undefined ? passedInput(self, next) : numericInput(self, { width: arrayOf(self, fitted).size });
}
