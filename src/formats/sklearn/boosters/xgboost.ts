// Pickled XGBoost: the wrappers of its scikit-learn interface, and the Booster that each holds, whose `handle` is the model's bytes.
// Source: python-package/xgboost/sklearn.py, core.py.
import { trimaranError } from "../../../base/errors.ts";
import type { ValueId } from "../../../model/value.ts";
import { bestTrees, boosterMethods, predictsInPlace, xgboostInput, xgboostScores } from "../../boosters/xgboost.ts";
import { readXgboostFile } from "../../boosters/xgboost-file.ts";
import type { XgboostParts } from "../../boosters/xgboost-parts.ts";
import { classifierMethods, regressorMethods } from "../../boosters/xgboost-wrapper.ts";
import { isNode } from "../../pickle/tree.ts";
import type { BuildContext, EstimatorRecord } from "../estimator.ts";
import { attribute, attributeError, has, type Instance, instanceOf, integerOf, numberOf, pathOf } from "../instance.ts";
import { encodedLabels } from "./encoded-labels.ts";

const versions = "0.90 to 3.4";

const nativeBooster: EstimatorRecord = {
  name: "Booster",
  classes: ["xgboost.core.Booster"],
  fitted: ["handle"],
  exactness: "exact",
  note: `XGBoost ${versions}, gbtree and dart (0.90 itself dropped trees of dart at random while predicting); margins are exact, what an exponential makes of them is near`,
  takesTables: true,
  input: (self) => xgboostInput(partsOf(self)),
  toOps: (self, input, { graph }) => {
    const parts = partsOf(self);
    return boosterMethods(xgboostScores(parts, { graph, input, options: { name: "handle", inPlace: false } }));
  },
};

function wrapper(name: string, answers: "classes" | "numbers"): EstimatorRecord {
  return {
    name,
    classes: [`xgboost.sklearn.${name}`],
    fitted: ["_Booster"],
    exactness: "exact",
    note: answers === "classes" ? "labels; probabilities are near" : "near where the objective has an exponential",
    takesTables: true,
    input: (self) => xgboostInput(partsOf(boosterOf(self))),
    toOps: (self, input, context) => {
      const scores = wrapperScores(self, input, context);
      if (answers === "numbers") return regressorMethods(scores);
      return classifierMethods(scores, { graph: context.graph, labels: encodedLabels(self, "_le") });
    },
  };
}

function wrapperScores(self: Instance, input: ValueId, { graph }: BuildContext): ReturnType<typeof xgboostScores> {
  const booster = boosterOf(self);
  const parts = partsOf(booster);
  const options = {
    name: pathOf(booster, "handle"),
    inPlace: predictsInPlace(parts),
    missing: has(self, "missing") ? numberOf(self, "missing") : Number.NaN,
    trees: bestTrees(parts, {
      ...(has(booster, "best_iteration") ? { iteration: integerOf(booster, "best_iteration") } : {}),
      ...(has(booster, "best_ntree_limit") ? { treeLimit: integerOf(booster, "best_ntree_limit") } : {}),
    }),
  };
  return xgboostScores(parts, { graph, input, options });
}

function boosterOf(self: Instance): Instance {
  const booster = instanceOf(attribute(self, "_Booster"), pathOf(self, "_Booster"), self);
  if (booster !== undefined) return booster;
  throw attributeError(self, "_Booster", "a Booster was expected");
}

const partsByHandle = new WeakMap<Uint8Array, XgboostParts>();

/** Read once, although the input and the ops both need it. */
function partsOf(self: Instance): XgboostParts {
  const handle = attribute(self, "handle");
  if (!isNode(handle) || handle.kind !== "bytes") {
    throw trimaranError("MODEL_UNFITTED", { path: pathOf(self, "handle"), estimator: "Booster", attribute: "handle" });
  }
  const known = partsByHandle.get(handle.value);
  if (known !== undefined) return known;
  const { parts } = readXgboostFile(handle.value, pathOf(self, "handle"));
  partsByHandle.set(handle.value, parts);
  return parts;
}

export const xgboostRecords: readonly EstimatorRecord[] = [
  nativeBooster,
  wrapper("XGBRegressor", "numbers"),
  wrapper("XGBRFRegressor", "numbers"),
  wrapper("XGBRanker", "numbers"),
  wrapper("XGBClassifier", "classes"),
  wrapper("XGBRFClassifier", "classes"),
];
