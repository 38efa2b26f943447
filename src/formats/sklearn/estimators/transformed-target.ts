// TransformedTargetRegressor: the inner model's answer through the inverse of what was done to the target.
// Source: sklearn/compose/_target.py.
import { trimaranError } from "../../../base/errors.ts";
import type { ValueId } from "../../../model/value.ts";
import { applyEstimator } from "../apply-estimator.ts";
import type { BuildContext, EstimatorRecord, OpenedEstimator, Opener } from "../estimator.ts";
import { attribute, has, type Instance, instanceOf, pathOf } from "../instance.ts";
import { shortName } from "../tree-rules.ts";
import { isFunctionTransformer, namedFunction } from "./function-transformer.ts";
import { powerInverse, powerTransformer } from "./power-transformer.ts";
import { quantileInverse, quantileTransformer } from "./quantile-transformer.ts";
import { isScaler, unscaled } from "./scalers.ts";

export const transformedTargetRegressor: EstimatorRecord = {
  name: "TransformedTargetRegressor",
  classes: ["sklearn.compose._target.TransformedTargetRegressor"],
  fitted: ["regressor_", "transformer_"],
  exactness: "near",
  note: "inverses of numpy's functions, of scalers, PowerTransformer and QuantileTransformer; loose (1e-10) after a PowerTransformer, which multiplies what BLAS leaves open",
  takesTables: true,
  input(self, opener, next) {
    const { instance, record } = regressor(self, opener);
    return record.input(instance, opener, next);
  },
  toOps(self, input, context) {
    const answer = applyEstimator(regressor(self, context), input, context).predict;
    if (answer === undefined) throw targetError(self, "regressor_", "a model that cannot predict");
    const value = has(self, "transformer_") ? inverse(self, answer.value, context) : answer.value;
    // The shape is that of the target: flat where it was, whatever the model inside answers.
    return { predict: { value, scalar: answer.scalar } };
  },
};

function regressor(self: Instance, opener: Opener): OpenedEstimator {
  return opener.open(attribute(self, "regressor_"), pathOf(self, "regressor_"), self);
}

function inverse(self: Instance, value: ValueId, context: BuildContext): ValueId {
  const { graph } = context;
  const path = pathOf(self, "transformer_");
  const transformer = instanceOf(attribute(self, "transformer_"), path, self);
  if (transformer === undefined) throw targetError(self, "transformer_", "a target that no transformer made");
  if (isFunctionTransformer(transformer)) return namedFunction(transformer, value, { graph, name: "inverse_func" });
  if (isScaler(transformer)) return unscaled(transformer, value, graph);
  if (powerTransformer.classes.includes(transformer.className)) {
    return powerInverse(transformer, value, { graph, opener: context });
  }
  if (quantileTransformer.classes.includes(transformer.className)) return quantileInverse(transformer, value, graph);
  throw targetError(self, "transformer_", `the inverse of ${shortName(transformer)}`);
}

function targetError(self: Instance, name: string, what: string): Error {
  return trimaranError("MODEL_UNSUPPORTED", { path: pathOf(self, name), what, nearest: "" });
}
