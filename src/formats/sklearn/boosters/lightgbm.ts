// Pickled LightGBM: the wrappers of its scikit-learn interface, and the Booster that each holds, whose handle is the model's text.
// Source: python-package/lightgbm/sklearn.py, basic.py.
import { trimaranError } from "../../../base/errors.ts";
import type { ValueId } from "../../../model/value.ts";
import {
  boosterMethods,
  type LightgbmModel,
  type LightgbmScores,
  lightgbmInput,
  lightgbmModel,
  lightgbmScores,
} from "../../boosters/lightgbm.ts";
import { parseLightgbmText } from "../../boosters/lightgbm-text.ts";
import { lightgbmClassifierMethods, lightgbmRegressorMethods } from "../../boosters/lightgbm-wrapper.ts";
import type { BuildContext, EstimatorRecord } from "../estimator.ts";
import { attribute, attributeError, has, type Instance, instanceOf, integerOf, pathOf } from "../instance.ts";
import { encodedLabels } from "./encoded-labels.ts";

const nativeBooster: EstimatorRecord = {
  name: "Booster",
  classes: ["lightgbm.basic.Booster"],
  fitted: [],
  exactness: "exact",
  note: "LightGBM 2 to 4; raw scores are exact, what an exponential makes of them and linear trees are near",
  takesTables: true,
  input: (self) => lightgbmInput(modelOf(self)),
  toOps: (self, input, context) => boosterMethods(scoresOf(self, input, context)),
};

function wrapper(name: string, answers: "classes" | "numbers"): EstimatorRecord {
  return {
    name,
    classes: [`lightgbm.sklearn.${name}`],
    fitted: ["_Booster"],
    exactness: "exact",
    note: answers === "classes" ? "labels; probabilities are near" : "near where the objective has an exponential",
    takesTables: true,
    input: (self) => lightgbmInput(modelOf(boosterOf(self))),
    toOps: (self, input, context) => {
      const booster = boosterOf(self);
      const scores = scoresOf(booster, input, context);
      if (answers === "numbers") return lightgbmRegressorMethods(scores);
      if (modelOf(booster).objective === undefined) {
        const what = "a classifier with an objective of its own";
        throw trimaranError("MODEL_UNSUPPORTED", { path: pathOf(self, "_objective"), what, nearest: "" });
      }
      const labels = encodedLabels(self, "_le");
      if (labels === null) throw attributeError(self, "_le", "a fitted label encoder was expected");
      return lightgbmClassifierMethods(scores, {
        graph: context.graph,
        labels,
        path: pathOf(self, "_le"),
        // Absent from what 4.6 and older wrote.
        decides: attribute(self, "_fitted_with_feature_names") !== undefined,
      });
    },
  };
}

function scoresOf(booster: Instance, input: ValueId, { graph }: BuildContext): LightgbmScores {
  const best = has(booster, "best_iteration") ? integerOf(booster, "best_iteration") : 0;
  const options = { name: pathOf(booster, handleOf(booster)), ...(best > 0 ? { rounds: best } : {}) };
  return lightgbmScores(modelOf(booster), { graph, input, options });
}

function boosterOf(self: Instance): Instance {
  const booster = instanceOf(attribute(self, "_Booster"), pathOf(self, "_Booster"), self);
  if (booster !== undefined) return booster;
  throw attributeError(self, "_Booster", "a Booster was expected");
}

/** The attribute's name until 3.3 and from 4.0 on. */
function handleOf(booster: Instance): string {
  return has(booster, "_handle") ? "_handle" : "handle";
}

const modelByObject = new WeakMap<object, LightgbmModel>();

/** Read once, although the input and the ops both need it. */
function modelOf(booster: Instance): LightgbmModel {
  const known = modelByObject.get(booster.object);
  if (known !== undefined) return known;
  const name = handleOf(booster);
  const text = attribute(booster, name);
  const path = pathOf(booster, name);
  if (typeof text !== "string") {
    throw trimaranError("MODEL_UNFITTED", { path, estimator: "Booster", attribute: name });
  }
  const model = lightgbmModel(parseLightgbmText(text, path));
  modelByObject.set(booster.object, model);
  return model;
}

export const lightgbmRecords: readonly EstimatorRecord[] = [
  nativeBooster,
  wrapper("LGBMRegressor", "numbers"),
  wrapper("LGBMRanker", "numbers"),
  wrapper("LGBMClassifier", "classes"),
];
