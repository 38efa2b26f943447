// AdaBoostClassifier (SAMME and, until 1.5, SAMME.R) and AdaBoostRegressor (weighted median).
// Source: sklearn/ensemble/_weight_boosting.py.
import { trimaranError } from "../../../base/errors.ts";
import type { Label } from "../../../data/predictions.ts";
import { pairwiseSum } from "../../../engine/pairwise-sum.ts";
import type { ValueId } from "../../../model/value.ts";
import { toFloat64 } from "../../numpy/to-numbers.ts";
import { type AdaBoostVotes, treeVotes, voteWriter } from "../ada-boost-votes.ts";
import { classList, labelIndex } from "../class-labels.ts";
import {
  addAll,
  ensembleInput,
  forestRows,
  type Member,
  type MemberForest,
  memberForest,
  members,
} from "../ensemble-members.ts";
import type { BuildContext, EstimatorRecord, Methods } from "../estimator.ts";
import { forestArrays } from "../forest-arrays.ts";
import { arrayOf, attributeError, has, type Instance, pathOf, stringOf, wrote } from "../instance.ts";
import { finiteInput } from "../linear-scores.ts";
import { logOf, softmaxOf, step } from "../probabilities.ts";

function classesOf(name: string): readonly string[] {
  return [`sklearn.ensemble._weight_boosting.${name}`, `sklearn.ensemble.weight_boosting.${name}`];
}

export const adaBoostClassifier: EstimatorRecord = {
  name: "AdaBoostClassifier",
  classes: classesOf("AdaBoostClassifier"),
  fitted: ["estimators_", "estimator_weights_", "classes_"],
  exactness: "near",
  note: "with SAMME and trees, labels and decisions are exact",
  input: (self, opener) => ensembleInput(self, opener, { nullable: false }),
  toOps(self, input, context): Methods {
    const { graph } = context;
    const labels = classList(self);
    const weights = toFloat64(arrayOf(self, "estimator_weights_"));
    const algorithm = stringOf(self, "algorithm", "SAMME.R");
    if (!["SAMME", "SAMME.R", "deprecated"].includes(algorithm)) {
      const what = `the algorithm ${algorithm}`;
      throw trimaranError("MODEL_UNSUPPORTED", { path: pathOf(self, "algorithm"), what, nearest: "SAMME" });
    }
    const real = !wrote(self, 1, 6) && algorithm === "SAMME.R";
    const kind = real ? "log_probability" : symmetricVotes(self) ? "symmetric" : "vote";
    const total = pairwiseSum(weights, 0, weights.length);
    const count = labels.length;
    const all = members(self, context);
    assertWeights(self, weights, all);
    for (const { instance } of all) {
      if (has(instance, "classes_") && classList(instance).length !== count) {
        throw attributeError(self, "classes_", "it does not fit its estimators_");
      }
    }
    if (count === 1) return singleClass(labels, input, context);
    const summed = (votes: AdaBoostVotes["kind"]): ValueId => {
      const value = votesOf(self, { all, votes: { kind: votes, labels, weights }, input, context });
      return graph.add({ kind: "divide", inputs: [value], divisor: total });
    };
    const mean = summed(kind);
    const value = count === 2 ? difference(mean, context) : mean;
    const rule = count === 2 ? "positive" : "argmax";
    // Until 0.21 SAMME's probabilities were those of the members, weighted.
    const scores = wrote(self, 0, 22) || real ? value : summed("probability");
    const width = graph.typeOf(scores);
    const divisor = width.kind === "dense" && width.width === 1 ? 2 : count - 1;
    const scaled = graph.add({ kind: "divide", inputs: [scores], divisor });
    const probabilities = softmaxOf(graph, scaled);
    return {
      predict: { value: graph.add({ kind: "label", inputs: [value], rule, labels: [labels] }), scalar: true },
      predict_proba: { value: probabilities, scalar: false },
      predict_log_proba: { value: logOf(graph, probabilities), scalar: false },
      decision_function: { value, scalar: count === 2 },
    };
  },
};

export const adaBoostRegressor: EstimatorRecord = {
  name: "AdaBoostRegressor",
  classes: classesOf("AdaBoostRegressor"),
  fitted: ["estimators_", "estimator_weights_"],
  exactness: "exact",
  note: "as exact as its members",
  input: (self, opener) => ensembleInput(self, opener, { nullable: false }),
  toOps(self, input, context) {
    const { graph } = context;
    const all = members(self, context);
    const fitted = toFloat64(arrayOf(self, "estimator_weights_"));
    assertWeights(self, fitted, all);
    const weights = fitted.subarray(0, all.length);
    const forest = memberForest(self, all);
    const answers =
      forest === null ? memberAnswers(self, all, { input, context }) : treeAnswers(self, forest, { input, context });
    return { predict: { value: graph.add({ kind: "weighted_median", inputs: [answers], weights }), scalar: true } };
  },
};

/** The list may be longer: it is made before anybody knows when the boosting ends. */
function assertWeights(self: Instance, weights: Float64Array, all: readonly Member[]): void {
  if (weights.length < all.length || weights.some(Number.isNaN)) {
    throw attributeError(self, "estimator_weights_", `${all.length} numbers were expected`);
  }
}

interface RowOptions {
  readonly input: ValueId;
  readonly context: BuildContext;
}

/** From 1.3.1 a wrong vote counts -1 / (classes - 1), before it counted nothing. */
function symmetricVotes(self: Instance): boolean {
  return wrote(self, 1, 3) && self.version.text !== "1.3.0";
}

function singleClass(labels: readonly Label[], input: ValueId, { graph }: BuildContext): Methods {
  const zeros = graph.add({ kind: "constant", inputs: [input], numbers: new Float64Array(1), number: "i64" });
  const ones = graph.add({ kind: "constant", inputs: [input], numbers: Float64Array.of(1), number: "f64" });
  return {
    predict: { value: graph.add({ kind: "label", inputs: [zeros], rule: "index", labels: [labels] }), scalar: true },
    predict_proba: { value: ones, scalar: false },
    predict_log_proba: { value: logOf(graph, ones), scalar: false },
  };
}

/** The second class's score less the first one's. */
function difference(scores: ValueId, { graph }: BuildContext): ValueId {
  const steps = [{ step: "multiply" as const, values: Float64Array.of(-1, 1) }];
  return graph.add({
    kind: "row_sum",
    inputs: [graph.add({ kind: "columnwise", inputs: [scores], steps, number: "f64" })],
  });
}

interface VoteOptions extends RowOptions {
  readonly all: readonly Member[];
  readonly votes: AdaBoostVotes;
}

function votesOf(self: Instance, { all, votes, input, context }: VoteOptions): ValueId {
  const { graph } = context;
  const count = votes.labels.length;
  const forest = memberForest(self, all);
  if (forest === null) {
    const finite = finiteInput(self, input, context);
    return addAll(
      all.map((member, index) => memberVotes(member, { index, votes, input: finite, context })),
      context,
    );
  }
  const rows = forestRows(self, forest, { input, context, takesNaN: false });
  return graph.add({
    kind: "forest",
    inputs: [rows.value],
    ...forestArrays(forest.trees, {
      ...rows,
      path: forest.path,
      leafWidth: count,
      leaf: voteWriter(forest.owners, votes),
    }),
    rule: "le",
    targets: null,
    base: new Float64Array(count),
    sum: "f64",
  });
}

function memberVotes(
  member: Member,
  { index, votes, input, context }: RowOptions & { index: number; votes: AdaBoostVotes },
): ValueId {
  const { graph } = context;
  const methods = member.record.toOps(member.instance, input, context);
  const count = votes.labels.length;
  const weight = votes.weights[index] ?? 0;
  if (votes.kind === "symmetric" || votes.kind === "vote") {
    const type = methods.predict === undefined ? undefined : graph.typeOf(methods.predict.value);
    if (methods.predict === undefined || type?.kind !== "label" || type.labels.length !== 1) {
      throw memberError(member, "a member that answers no single label");
    }
    const table = new Float64Array((type.labels[0]?.length ?? 0) * count);
    for (const [at, label] of (type.labels[0] ?? []).entries()) {
      table.set(treeVotes(labelIndex(votes.labels, label), { kind: votes.kind, count, weight }), at * count);
    }
    return graph.add({ kind: "lookup", inputs: [methods.predict.value], width: count, table });
  }
  const probabilities = methods.predict_proba?.value;
  const type = probabilities === undefined ? undefined : graph.typeOf(probabilities);
  if (probabilities === undefined || type?.kind !== "dense" || type.width !== count) {
    throw memberError(member, "a member without probabilities of every class");
  }
  const arithmetic = (value: ValueId, name: "multiply" | "maximum", by: number): ValueId =>
    graph.add({ kind: "columnwise", inputs: [value], steps: [step(name, by)], number: "f64" });
  if (votes.kind === "probability") return arithmetic(probabilities, "multiply", weight);
  const logs = logOf(graph, arithmetic(probabilities, "maximum", 2 ** -52));
  const mean = arithmetic(graph.add({ kind: "row_sum", inputs: [logs] }), "multiply", 1 / count);
  return arithmetic(graph.add({ kind: "combine", inputs: [logs, mean], function: "subtract" }), "multiply", count - 1);
}

/** Tree t's answer in column t. */
function treeAnswers(self: Instance, forest: MemberForest, { input, context }: RowOptions): ValueId {
  if (forest.trees.some((tree) => tree.valueWidth !== 1)) {
    throw attributeError(self, "estimators_", "a tree has several outputs");
  }
  const rows = forestRows(self, forest, { input, context, takesNaN: false });
  return context.graph.add({
    kind: "forest",
    inputs: [rows.value],
    ...forestArrays(forest.trees, { ...rows, path: forest.path, leafWidth: 1 }),
    rule: "le",
    targets: Int32Array.from(forest.trees.keys()),
    base: new Float64Array(forest.trees.length).fill(-0),
    sum: "f64",
  });
}

function memberAnswers(self: Instance, all: readonly Member[], { input, context }: RowOptions): ValueId {
  const finite = finiteInput(self, input, context);
  const values = all.map((member) => {
    const answer = member.record.toOps(member.instance, finite, context).predict;
    if (answer === undefined) throw memberError(member, "a member that cannot predict");
    return answer.value;
  });
  return context.graph.add({ kind: "concat", inputs: values });
}

function memberError({ instance }: Member, what: string): Error {
  return trimaranError("MODEL_UNSUPPORTED", { path: pathOf(instance, "predict"), what, nearest: "" });
}

export const adaBoost: readonly EstimatorRecord[] = [adaBoostClassifier, adaBoostRegressor];
