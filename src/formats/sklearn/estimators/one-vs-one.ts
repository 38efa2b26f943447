// OneVsOneClassifier: one estimator a pair of classes. Source: sklearn/multiclass.py.
import { classList } from "../class-labels.ts";
import type { EstimatorRecord, Methods } from "../estimator.ts";
import { attributeError, has, pathOf, wrote } from "../instance.ts";
import {
  columnOf,
  firstInput,
  labelNumbers,
  openMembers,
  positiveScore,
  sideBySide,
  unsupported,
} from "../member-answers.ts";
import { pairDecision } from "../pair-scores.ts";
import { step } from "../probabilities.ts";

export const oneVsOneClassifier: EstimatorRecord = {
  name: "OneVsOneClassifier",
  classes: ["sklearn.multiclass.OneVsOneClassifier"],
  fitted: ["estimators_", "classes_"],
  exactness: "near",
  takesTables: true,
  input: (self, opener) => firstInput(self, "estimators_", opener),
  toOps(self, input, context): Methods {
    const { graph } = context;
    if (has(self, "pairwise_indices_"))
      throw unsupported(pathOf(self, "pairwise_indices_"), "OneVsOneClassifier over kernels");
    const labels = classList(self);
    const members = openMembers("estimators_", { owner: self, input, context });
    if (members.length !== (labels.length * (labels.length - 1)) / 2) {
      throw attributeError(self, "estimators_", "it does not fit classes_");
    }
    const scores = members.map((member) => positiveScore(graph, member));
    const confidences = sideBySide(
      graph,
      scores.map((score) => score.value),
    );
    const second = sideBySide(
      graph,
      members.map((member) => labelNumbers(graph, member)),
    );
    const squeeze = wrote(self, 0, 21) ? "third" : "own";
    const decision = pairDecision(graph, { second, confidences, squeeze }, labels.length);
    if (labels.length !== 2) {
      return {
        predict: {
          value: graph.add({ kind: "label", inputs: [decision], rule: "argmax", labels: [labels] }),
          scalar: true,
        },
        decision_function: { value: decision, scalar: false },
      };
    }
    const value = columnOf(graph, decision, 1);
    // From 1.1 on the threshold is the members' own.
    const threshold = step("greater", wrote(self, 1, 1) ? (scores[0]?.threshold ?? 0) : 0);
    const chosen = graph.add({ kind: "columnwise", inputs: [value], steps: [threshold], number: "f64" });
    return {
      predict: { value: graph.add({ kind: "label", inputs: [chosen], rule: "index", labels: [labels] }), scalar: true },
      decision_function: { value, scalar: true },
    };
  },
};
