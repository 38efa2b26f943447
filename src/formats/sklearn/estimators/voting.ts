// VotingClassifier and VotingRegressor. Source: sklearn/ensemble/_voting.py; means as numpy.average has them.
import type { GraphBuilder } from "../../../model/graph-builder.ts";
import type { ValueId } from "../../../model/value.ts";
import { isArray } from "../../numpy/ndarray.ts";
import { toFloat64 } from "../../numpy/to-numbers.ts";
import { isNode } from "../../pickle/tree.ts";
import { classList } from "../class-labels.ts";
import type { EstimatorRecord, Methods } from "../estimator.ts";
import {
  arrayOf,
  attribute,
  attributeError,
  booleanOf,
  has,
  type Instance,
  itemsOf,
  scalarOf,
  stringOf,
} from "../instance.ts";
import {
  answerOf,
  firstInput,
  labelCodes,
  labelsOf,
  type Member,
  openMembers,
  sideBySide,
  sumOf,
  unsupported,
} from "../member-answers.ts";
import { pairwiseTotal } from "../pairwise-total.ts";
import { floatType, step } from "../probabilities.ts";

export const votingClassifier: EstimatorRecord = {
  name: "VotingClassifier",
  classes: ["_voting", "voting", "voting_classifier"].map((module) => `sklearn.ensemble.${module}.VotingClassifier`),
  fitted: ["estimators_", "classes_"],
  exactness: "exact",
  note: "as exact as its members",
  takesTables: true,
  input: (self, opener) => firstInput(self, "estimators_", opener),
  toOps(self, input, context): Methods {
    const { graph } = context;
    const members = openMembers("estimators_", { owner: self, input, context });
    const weights = weightsOf(self, members.length);
    const labels = classList(self);
    const voting = stringOf(self, "voting");
    if (voting !== "soft" && voting !== "hard") throw attributeError(self, "voting", "it is unknown");
    if (voting === "soft") {
      const shares = members.map((member) => answerOf(member, "predict_proba"));
      const value = averageOf(graph, shares, weights);
      // None, the default of 0.20, and False keep the members' answers apart, which no method here does.
      const flat = has(self, "flatten_transform") && booleanOf(self, "flatten_transform");
      return {
        predict: {
          value: graph.add({ kind: "label", inputs: [value], rule: "argmax", labels: [labels] }),
          scalar: true,
        },
        predict_proba: { value, scalar: false },
        ...(flat ? { transform: { value: sideBySide(graph, shares), scalar: false } } : {}),
      };
    }
    const votes = members.map((member, at) =>
      votesOf(graph, member, { classes: labels.length, weight: weights?.[at] ?? 1 }),
    );
    const value = sumOf(graph, votes);
    const codes = members.map((member) => labelCodes(graph, member));
    return {
      predict: { value: graph.add({ kind: "label", inputs: [value], rule: "argmax", labels: [labels] }), scalar: true },
      transform: { value: sideBySide(graph, codes), scalar: false },
    };
  },
};

export const votingRegressor: EstimatorRecord = {
  name: "VotingRegressor",
  classes: ["_voting", "voting"].map((module) => `sklearn.ensemble.${module}.VotingRegressor`),
  fitted: ["estimators_"],
  exactness: "exact",
  note: "as exact as its members",
  takesTables: true,
  input: (self, opener) => firstInput(self, "estimators_", opener),
  toOps(self, input, context): Methods {
    const { graph } = context;
    const members = openMembers("estimators_", { owner: self, input, context });
    const values = members.map((member) => answerOf(member, "predict"));
    return {
      predict: { value: averageOf(graph, values, weightsOf(self, members.length)), scalar: true },
      transform: { value: sideBySide(graph, values), scalar: false },
    };
  },
};

/** Members were fitted on the positions of the classes, so that their own labels are positions. */
function votesOf(
  graph: GraphBuilder,
  member: Member,
  { classes, weight }: { readonly classes: number; readonly weight: number },
): ValueId {
  const value = answerOf(member, "predict");
  const labels = labelsOf(graph, value);
  if (labels === undefined) throw unsupported(member.path, `${member.name} as a voter`);
  const table = new Float64Array(labels.length * classes);
  for (const [at, label] of labels.entries()) {
    const place = Number(label.value);
    if (label.type === "string" || !Number.isInteger(place) || place < 0 || place >= classes) {
      throw unsupported(member.path, `${member.name} that was not fitted by the vote`);
    }
    table[at * classes + place] = weight;
  }
  return graph.add({ kind: "lookup", inputs: [value], width: classes, table });
}

function averageOf(graph: GraphBuilder, values: readonly ValueId[], weights: Float64Array | null): ValueId {
  if (weights === null) {
    const total = sumOf(graph, values);
    if (floatType(graph, total) === "f64")
      return graph.add({ kind: "divide", inputs: [total], divisor: values.length });
    return graph.add({ kind: "columnwise", inputs: [total], steps: [step("divide", values.length)], number: "f32" });
  }
  const weighted = values.map((value, at) =>
    graph.add({ kind: "columnwise", inputs: [value], steps: [step("multiply", weights[at] ?? 1)], number: "f64" }),
  );
  return graph.add({ kind: "divide", inputs: [sumOf(graph, weighted)], divisor: pairwiseTotal(weights) });
}

/** `weights`, without those of members that were dropped. */
function weightsOf(self: Instance, members: number): Float64Array | null {
  if (!has(self, "weights")) return null;
  const all = isArray(attribute(self, "weights"))
    ? toFloat64(arrayOf(self, "weights"))
    : Float64Array.from(itemsOf(self, "weights"), (item) => Number(scalarOf(item)));
  const estimators = itemsOf(self, "estimators");
  const kept = all.filter((_, at) => {
    const pair = estimators[at];
    const estimator = isNode(pair) && pair.kind === "tuple" ? pair.items[1] : undefined;
    return estimator !== null && estimator !== "drop";
  });
  if (kept.length !== members || kept.some(Number.isNaN)) {
    throw attributeError(self, "weights", `${members} numbers were expected`);
  }
  return kept;
}
