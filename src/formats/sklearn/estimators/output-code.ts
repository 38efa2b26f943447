// OutputCodeClassifier: the class whose code is nearest to the scores of all estimators. Source: sklearn/multiclass.py.
import { classList } from "../class-labels.ts";
import { matrixOf } from "../dense-matrix.ts";
import type { EstimatorRecord, Methods } from "../estimator.ts";
import { firstInput, openMembers, positiveScore, sideBySide } from "../member-answers.ts";

export const outputCodeClassifier: EstimatorRecord = {
  name: "OutputCodeClassifier",
  classes: ["sklearn.multiclass.OutputCodeClassifier"],
  fitted: ["estimators_", "code_book_", "classes_"],
  exactness: "near",
  takesTables: true,
  input: (self, opener) => firstInput(self, "estimators_", opener),
  toOps(self, input, context): Methods {
    const { graph } = context;
    const members = openMembers("estimators_", { owner: self, input, context });
    const scores = sideBySide(
      graph,
      members.map((member) => positiveScore(graph, member).value),
    );
    const { values: points, rows: count } = matrixOf(self, "code_book_");
    const metric = { name: "euclidean" } as const;
    const distances = graph.add({ kind: "distances", inputs: [scores], points, count, metric });
    const nearness = graph.add({ kind: "map", inputs: [distances], function: "negative" });
    const value = graph.add({ kind: "label", inputs: [nearness], rule: "argmax", labels: [classList(self)] });
    return { predict: { value, scalar: true } };
  },
};
