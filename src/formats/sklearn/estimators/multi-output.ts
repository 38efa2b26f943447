// MultiOutputRegressor and MultiOutputClassifier: one estimator an output. Source: sklearn/multioutput.py.
import type { Label } from "../../../data/predictions.ts";
import type { EstimatorRecord, Methods } from "../estimator.ts";
import { attributeError, has, itemsOf } from "../instance.ts";
import { answerOf, firstInput, labelCodes, labelsOf, openMembers, unsupported } from "../member-answers.ts";

export const multiOutputRegressor: EstimatorRecord = {
  name: "MultiOutputRegressor",
  classes: ["sklearn.multioutput.MultiOutputRegressor"],
  fitted: ["estimators_"],
  exactness: "exact",
  note: "as exact as its members",
  takesTables: true,
  input: (self, opener) => firstInput(self, "estimators_", opener),
  toOps(self, input, context): Methods {
    const members = openMembers("estimators_", { owner: self, input, context });
    const inputs = members.map((member) => answerOf(member, "predict"));
    return { predict: { value: context.graph.add({ kind: "concat", inputs }), scalar: false } };
  },
};

export const multiOutputClassifier: EstimatorRecord = {
  name: "MultiOutputClassifier",
  classes: ["sklearn.multioutput.MultiOutputClassifier"],
  fitted: ["estimators_"],
  exactness: "exact",
  note: "as exact as its members",
  takesTables: true,
  input: (self, opener) => firstInput(self, "estimators_", opener),
  toOps(self, input, context): Methods {
    const { graph } = context;
    const members = openMembers("estimators_", { owner: self, input, context });
    const labels = members.map((member): readonly Label[] => {
      const list = labelsOf(graph, answerOf(member, "predict"));
      if (list === undefined) throw unsupported(member.path, `${member.name} as one of several outputs`);
      return list;
    });
    if (has(self, "classes_") && itemsOf(self, "classes_").length !== members.length) {
      throw attributeError(self, "classes_", "it does not fit estimators_");
    }
    const codes = graph.add({ kind: "concat", inputs: members.map((member) => labelCodes(graph, member)) });
    const predict = { value: graph.add({ kind: "label", inputs: [codes], rule: "index", labels }), scalar: false };
    if (members.some((member) => member.methods.predict_proba === undefined)) return { predict };
    const inputs = members.map((member) => answerOf(member, "predict_proba"));
    const widths = labels.map((list) => list.length);
    return { predict, predict_proba: { value: graph.add({ kind: "concat", inputs }), scalar: false, widths } };
  },
};
