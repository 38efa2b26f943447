// PowerTransformer: Box–Cox or Yeo–Johnson with an exponent a column, then standardized. Source: sklearn/preprocessing/_data.py.
import type { GraphBuilder } from "../../../model/graph-builder.ts";
import type { PowerOp } from "../../../model/ops/power.ts";
import type { ValueId } from "../../../model/value.ts";
import { toFloat64 } from "../../numpy/to-numbers.ts";
import { applyEstimator } from "../apply-estimator.ts";
import { checkedNumbers } from "../checked-numbers.ts";
import type { EstimatorRecord, Opener } from "../estimator.ts";
import { arrayOf, attribute, attributeError, booleanOf, type Instance, pathOf, stringOf, wrote } from "../instance.ts";
import { numericInput } from "../numeric-input.ts";
import { shortName } from "../tree-rules.ts";
import { unscaled } from "./scalers.ts";

export const powerTransformer: EstimatorRecord = {
  name: "PowerTransformer",
  classes: ["sklearn.preprocessing._data.PowerTransformer", "sklearn.preprocessing.data.PowerTransformer"],
  fitted: ["lambdas_"],
  exactness: "near",
  input: (self) => numericInput(self, { width: arrayOf(self, "lambdas_").size }),
  toOps(self, input, context) {
    const { graph } = context;
    const checked = checkedNumbers(self, input, { graph, allowNaN: true });
    const powers = graph.add({ ...powerOp(self, checked), inverse: false });
    if (!booleanOf(self, "standardize", true)) return { transform: { value: powers, scalar: false } };
    const opened = context.open(attribute(self, "_scaler"), pathOf(self, "_scaler"), self);
    const output = applyEstimator(opened, powers, context).transform;
    if (output === undefined) throw attributeError(self, "_scaler", "a scaler was expected");
    return { transform: output };
  },
};

/** `inverse_transform`. */
export function powerInverse(
  self: Instance,
  value: ValueId,
  { graph, opener }: { readonly graph: GraphBuilder; readonly opener: Opener },
): ValueId {
  const standardized = booleanOf(self, "standardize", true);
  const scaler = standardized ? opener.open(attribute(self, "_scaler"), pathOf(self, "_scaler"), self).instance : null;
  const powers = scaler === null ? value : unscaled(scaler, value, graph);
  return graph.add({ ...powerOp(self, powers), inverse: true });
}

/** From 1.9 scipy computes Yeo–Johnson, by way of logarithms. */
function powerOp(self: Instance, input: ValueId): Omit<PowerOp, "inverse"> {
  const method = stringOf(self, "method");
  if (method !== "box-cox" && method !== "yeo-johnson")
    throw attributeError(self, "method", "it is none of the library's");
  return {
    kind: "power",
    inputs: [input],
    family: method === "box-cox" ? "box_cox" : wrote(self, 1, 9) ? "yeo_johnson_by_logarithm" : "yeo_johnson",
    exponents: toFloat64(arrayOf(self, "lambdas_")),
    estimator: shortName(self),
  };
}
