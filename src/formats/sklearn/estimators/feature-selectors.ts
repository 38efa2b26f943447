// Transformers that keep some columns: by scores, p-values, variances, another model's weights, or a stored mask.
// Source: sklearn/feature_selection/*.py.
import { trimaranError } from "../../../base/errors.ts";
import { toFloat64 } from "../../numpy/to-numbers.ts";
import { applyEstimator } from "../apply-estimator.ts";
import { checkedNumbers, numbersType } from "../checked-numbers.ts";
import { summedEntries } from "../dense-matrix.ts";
import type { EstimatorRecord, OpenedEstimator, Opener } from "../estimator.ts";
import {
  arrayOf,
  attribute,
  attributeError,
  firstOf,
  has,
  type Instance,
  instanceOf,
  numberOf,
  pathOf,
  stringOf,
  wrote,
} from "../instance.ts";
import { importances, importanceThreshold, takesNaN } from "../model-importances.ts";
import { featureCount, numericInput } from "../numeric-input.ts";
import { fewestErrors, lowestErrors, lowestRates, mostOf, percentileOf } from "../score-masks.ts";

type Mask = (self: Instance, opener: Opener) => readonly boolean[];

interface SelectorFamily {
  readonly name: string;
  /** Under `sklearn.feature_selection.`. */
  readonly modules: readonly string[];
  readonly fitted: readonly string[];
  readonly mask: Mask;
  /** The fitted model inside, which answers for the columns that are kept (RFE), or says what may be missing. */
  readonly model?: "answers" | "checks";
}

const univariate = ["_univariate_selection", "univariate_selection"];

/** `param` of GenericUnivariateSelect, by its mode. */
const genericMode = (self: Instance): readonly boolean[] => {
  const param = (): number => numberOf(self, "param");
  switch (stringOf(self, "mode")) {
    case "percentile":
      return percentileOf(scores(self), param());
    case "k_best":
      return attribute(self, "param") === "all" ? scores(self).map(() => true) : mostOf(scores(self), param());
    case "fpr":
      return lowestErrors(pValues(self), param());
    case "fdr":
      return lowestRates(pValues(self), param());
    case "fwe":
      return fewestErrors(pValues(self), param());
    default:
      throw attributeError(self, "mode", "it is none of the library's");
  }
};

const families: readonly SelectorFamily[] = [
  {
    name: "SelectKBest",
    modules: univariate,
    fitted: ["scores_"],
    mask: (self) =>
      attribute(self, "k") === "all" ? scores(self).map(() => true) : mostOf(scores(self), numberOf(self, "k")),
  },
  {
    name: "SelectPercentile",
    modules: univariate,
    fitted: ["scores_"],
    mask: (self) => percentileOf(scores(self), numberOf(self, "percentile")),
  },
  {
    name: "SelectFpr",
    modules: univariate,
    fitted: ["pvalues_"],
    mask: (self) => lowestErrors(pValues(self), numberOf(self, "alpha")),
  },
  {
    name: "SelectFdr",
    modules: univariate,
    fitted: ["pvalues_"],
    mask: (self) => lowestRates(pValues(self), numberOf(self, "alpha")),
  },
  {
    name: "SelectFwe",
    modules: univariate,
    fitted: ["pvalues_"],
    mask: (self) => fewestErrors(pValues(self), numberOf(self, "alpha")),
  },
  { name: "GenericUnivariateSelect", modules: univariate, fitted: ["scores_"], mask: genericMode },
  {
    name: "VarianceThreshold",
    modules: ["_variance_threshold", "variance_threshold"],
    fitted: ["variances_"],
    mask: (self) =>
      Array.from(toFloat64(arrayOf(self, "variances_")), (variance) => variance > numberOf(self, "threshold", 0)),
  },
  { name: "SelectFromModel", modules: ["_from_model", "from_model"], fitted: [], mask: modelMask, model: "checks" },
  { name: "RFE", modules: ["_rfe", "rfe"], fitted: ["support_"], mask: storedMask, model: "answers" },
  { name: "RFECV", modules: ["_rfe", "rfe"], fitted: ["support_"], mask: storedMask, model: "answers" },
  { name: "SequentialFeatureSelector", modules: ["_sequential"], fitted: ["support_"], mask: storedMask },
];

export const featureSelectors: readonly EstimatorRecord[] = families.map(
  ({ name, modules, fitted, mask, model }): EstimatorRecord => ({
    name,
    classes: modules.map((module) => `sklearn.feature_selection.${module}.${name}`),
    fitted,
    exactness: "exact",
    ...(model === "answers" ? { note: "predictions are as exact as the model inside" } : {}),
    input: (self, opener) => numericInput(self, { width: mask(self, opener).length }),
    toOps(self, input, context) {
      const { graph } = context;
      const flags = mask(self, context);
      const { width } = numbersType(self, input, graph);
      if (flags.length !== width) throw selectorError(self, `a selection among ${flags.length} of ${width} columns`);
      const kept = flags.flatMap((keep, column) => (keep ? [column] : []));
      if (kept.length === 0) throw selectorError(self, "a selection of no column");
      // Where NaN is let through, infinities are as well: nothing is looked at.
      const checked = looksAway(self, name) ? input : checkedNumbers(self, input, { graph, allowNaN: false });
      // Until 0.21 scipy took columns by a product, which adds up what stands twice in a row.
      const entries = wrote(self, 0, 22) ? checked : summedEntries(graph, checked);
      const value = graph.add({ kind: "select", inputs: [entries], columns: Int32Array.from(kept) });
      const transform = { value, scalar: false };
      if (model !== "answers") return { transform };
      return { ...applyEstimator(innerModel(self, context), value, context), transform };
    },
  }),
);

function looksAway(self: Instance, name: string): boolean {
  if (name === "VarianceThreshold") return wrote(self, 0, 22);
  if (name !== "SelectFromModel" && name !== "SequentialFeatureSelector" && !name.startsWith("RFE")) return false;
  const model = instanceOf(attribute(self, "estimator"), pathOf(self, "estimator"), self);
  return wrote(self, 0, 24) && model !== undefined && takesNaN(model);
}

/** `estimator_`, or `estimator` where it was fitted before (prefit). */
function innerModel(self: Instance, opener: Opener): OpenedEstimator {
  const name = firstOf(self, ["estimator_", "estimator"]);
  return opener.open(attribute(self, name), pathOf(self, name), self);
}

function modelMask(self: Instance, opener: Opener): readonly boolean[] {
  const model = innerModel(self, opener);
  const order = has(self, "norm_order") ? numberOf(self, "norm_order") : 1;
  if (has(self, "importance_getter") && attribute(self, "importance_getter") !== "auto") {
    throw trimaranError("MODEL_UNSUPPORTED", {
      path: pathOf(self, "importance_getter"),
      what: "weights that are found by another way than coef_ or feature_importances_",
      nearest: "",
    });
  }
  const weights = importances(model, { order, opener });
  if (has(model.instance, "n_features_in_") && weights.length !== featureCount(model.instance)) {
    throw attributeError(model.instance, "n_features_in_", `there are weights of ${weights.length} features`);
  }
  const threshold = importanceThreshold(self, model.instance, weights);
  const above = Array.from(weights, (weight) => !(weight < threshold));
  if (!has(self, "max_features")) return above;
  const most = numberOf(self, firstOf(self, ["max_features_", "max_features"]));
  const first = new Set(
    [...weights.keys()].sort((a, b) => (weights[b] as number) - (weights[a] as number)).slice(0, most),
  );
  return above.map((keep, column) => keep && first.has(column));
}

function storedMask(self: Instance): readonly boolean[] {
  return Array.from(toFloat64(arrayOf(self, "support_")), (keep) => keep !== 0);
}

/** A score that is no number counts as the least of all. */
function scores(self: Instance): readonly number[] {
  return Array.from(toFloat64(arrayOf(self, "scores_")), (score) => (Number.isNaN(score) ? -Number.MAX_VALUE : score));
}

function pValues(self: Instance): readonly number[] {
  return Array.from(toFloat64(arrayOf(self, "pvalues_")));
}

function selectorError(self: Instance, what: string): Error {
  return trimaranError("MODEL_UNSUPPORTED", { path: self.path === "" ? "the root" : self.path, what, nearest: "" });
}
