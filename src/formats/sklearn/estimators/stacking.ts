// StackingClassifier and StackingRegressor: the members' answers side by side are the final estimator's input.
// Source: sklearn/ensemble/_stacking.py.

import type { Label } from "../../../data/predictions.ts";
import type { GraphBuilder } from "../../../model/graph-builder.ts";
import type { ValueId } from "../../../model/value.ts";
import { classList } from "../class-labels.ts";
import type { BuildContext, EstimatorRecord, Methods } from "../estimator.ts";
import { attribute, attributeError, booleanOf, type Instance, itemsOf, pathOf } from "../instance.ts";
import {
  answerOf,
  columnOf,
  firstInput,
  labelNumbers,
  labelsOf,
  type Member,
  openMember,
  openMembers,
  sideBySide,
  unsupported,
} from "../member-answers.ts";

export const stackingClassifier: EstimatorRecord = {
  name: "StackingClassifier",
  classes: ["sklearn.ensemble._stacking.StackingClassifier"],
  fitted: ["estimators_", "final_estimator_", "classes_"],
  exactness: "exact",
  note: "as exact as its members",
  takesTables: true,
  input: (self, opener) => firstInput(self, "estimators_", opener),
  toOps(self, input, context): Methods {
    const { graph } = context;
    const labels = classList(self);
    const { final, stacked } = stack(self, input, { context, classes: labels.length });
    const { predict, predict_proba, decision_function } = final.methods;
    return {
      ...(predict === undefined
        ? {}
        : { predict: { value: relabelled(self, final, { graph, labels }), scalar: true } }),
      ...(predict_proba === undefined ? {} : { predict_proba }),
      ...(decision_function === undefined ? {} : { decision_function }),
      transform: { value: stacked, scalar: false },
    };
  },
};

export const stackingRegressor: EstimatorRecord = {
  name: "StackingRegressor",
  classes: ["sklearn.ensemble._stacking.StackingRegressor"],
  fitted: ["estimators_", "final_estimator_"],
  exactness: "exact",
  note: "as exact as its members",
  takesTables: true,
  input: (self, opener) => firstInput(self, "estimators_", opener),
  toOps(self, input, context): Methods {
    const { final, stacked } = stack(self, input, { context, classes: 0 });
    const predict = final.methods.predict;
    return { ...(predict === undefined ? {} : { predict }), transform: { value: stacked, scalar: false } };
  },
};

function stack(
  self: Instance,
  input: ValueId,
  { context, classes }: { readonly context: BuildContext; readonly classes: number },
): { readonly final: Member; readonly stacked: ValueId } {
  const { graph } = context;
  const members = openMembers("estimators_", { owner: self, input, context });
  const methods = itemsOf(self, "stack_method_").filter((method) => method !== null);
  if (methods.length !== members.length) throw attributeError(self, "stack_method_", "it does not fit estimators_");
  const answers = members.map((member, at) => memberAnswer(graph, member, { method: methods[at], classes }));
  if (booleanOf(self, "passthrough", false)) {
    const kind = graph.typeOf(input).kind;
    if (kind !== "dense" && kind !== "sparse")
      throw unsupported(pathOf(self, "passthrough"), `passing ${kind} through`);
    answers.push(input);
  }
  const stacked = sideBySide(graph, answers);
  const path = pathOf(self, "final_estimator_");
  return {
    stacked,
    final: openMember(attribute(self, "final_estimator_"), path, { owner: self, input: stacked, context }),
  };
}

/** Of two classes the first probability is left out, being 1 minus the other. */
function memberAnswer(
  graph: GraphBuilder,
  member: Member,
  { method, classes }: { readonly method: unknown; readonly classes: number },
): ValueId {
  switch (method) {
    case "predict":
      return labelNumbers(graph, member, true);
    case "decision_function":
      return answerOf(member, method);
    case "predict_proba": {
      const value = answerOf(member, method);
      return classes === 2 ? columnOf(graph, value, 1) : value;
    }
    default:
      throw unsupported(member.path, "a stack method other than predict, predict_proba and decision_function");
  }
}

/** The final estimator was fitted on the positions of the classes. */
function relabelled(
  self: Instance,
  final: Member,
  { graph, labels }: { readonly graph: GraphBuilder; readonly labels: readonly Label[] },
): ValueId {
  const value = answerOf(final, "predict");
  const places = labelsOf(graph, value)?.map((label) => (label.type === "string" ? Number.NaN : Number(label.value)));
  if (places === undefined || places.some((place) => !Number.isInteger(place) || place < 0 || place >= labels.length)) {
    throw unsupported(final.path, `${final.name} that was not fitted by the stack`);
  }
  if (places.length !== labels.length) throw attributeError(self, "classes_", "it does not fit final_estimator_");
  const table = Float64Array.from(places);
  const codes = graph.add({ kind: "lookup", inputs: [value], width: 1, table, number: "i64" });
  return graph.add({ kind: "label", inputs: [codes], rule: "index", labels: [labels] });
}
