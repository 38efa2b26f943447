// QuantileTransformer: a number's place among the quantiles of its column, uniform or as a normal distribution has it.
// Source: sklearn/preprocessing/_data.py.
import { trimaranError } from "../../../base/errors.ts";
import type { GraphBuilder } from "../../../model/graph-builder.ts";
import type { ValueId } from "../../../model/value.ts";
import { toFloat64 } from "../../numpy/to-numbers.ts";
import { checkedNumbers, numbersType } from "../checked-numbers.ts";
import type { EstimatorRecord } from "../estimator.ts";
import { arrayOf, attributeError, type Instance, stringOf, wrote } from "../instance.ts";
import { numericInput } from "../numeric-input.ts";
import { step } from "../probabilities.ts";

/** Places nearer to 0 or 1 than this are moved there, and not beyond what a normal distribution can show. */
const threshold = 1e-7;

export const quantileTransformer: EstimatorRecord = {
  name: "QuantileTransformer",
  classes: ["sklearn.preprocessing._data.QuantileTransformer", "sklearn.preprocessing.data.QuantileTransformer"],
  fitted: ["quantiles_", "references_"],
  exactness: "near",
  note: "loose (1e-11) where the output is a normal distribution, whose quantile function scipy computes in its own way",
  input: (self) => numericInput(self, { width: arrayOf(self, "quantiles_").shape[1] ?? 0 }),
  toOps(self, input, { graph }) {
    const normal = isNormal(self);
    // The library ranks stored numbers only, and refuses negative ones.
    if (numbersType(self, input, graph).kind === "sparse") {
      const what = "QuantileTransformer of sparse input";
      throw trimaranError("MODEL_UNSUPPORTED", { path: self.path, what, nearest: "DictVectorizer(sparse=False)" });
    }
    const checked = checkedNumbers(self, input, { graph, allowNaN: wrote(self, 0, 20) });
    const places = ranks(self, checked, { graph, inverse: false });
    const spread = normal ? graph.add({ kind: "map", inputs: [places], function: "normal_quantile" }) : places;
    // The smallest place that is shown, as the library writes it.
    const edge = threshold - 2 ** -52;
    const [low, high] = normal ? normalEdges : [edge, 1 - edge];
    const clips = normal || oldUniform(self);
    const steps = [step("maximum", low), step("minimum", high)];
    const value = clips ? graph.add({ kind: "columnwise", inputs: [spread], steps, number: "f64" }) : spread;
    return { transform: { value, scalar: false } };
  },
};

/** scipy.stats.norm.ppf of 1e-7 − 2^-52, and of 1 minus that, which is no exact mirror. */
const normalEdges: readonly [number, number] = [-5.199337582605575, 5.19933758270342];

/** `inverse_transform`. */
export function quantileInverse(self: Instance, value: ValueId, graph: GraphBuilder): ValueId {
  const places = isNormal(self) ? graph.add({ kind: "map", inputs: [value], function: "normal_probability" }) : value;
  return ranks(self, places, { graph, inverse: true });
}

interface RankOptions {
  readonly graph: GraphBuilder;
  readonly inverse: boolean;
}

function ranks(self: Instance, input: ValueId, { graph, inverse }: RankOptions): ValueId {
  return graph.add({
    kind: "quantile_ranks",
    inputs: [input],
    quantiles: toFloat64(arrayOf(self, "quantiles_")),
    places: toFloat64(arrayOf(self, "references_")),
    tolerance: isNormal(self) || oldUniform(self) ? threshold : 0,
    inverse,
  });
}

/** Until 0.20 a uniform output was treated like a normal one. */
function oldUniform(self: Instance): boolean {
  return !wrote(self, 0, 21);
}

function isNormal(self: Instance): boolean {
  const output = stringOf(self, "output_distribution", "uniform");
  if (output !== "uniform" && output !== "normal") throw attributeError(self, "output_distribution", "it is unknown");
  return output === "normal";
}
