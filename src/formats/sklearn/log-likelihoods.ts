// Classifiers that compare log-likelihoods: the largest is the label, and their exponentials over the sum the probabilities.
import type { Label } from "../../data/predictions.ts";
import type { GraphBuilder } from "../../model/graph-builder.ts";
import type { ValueId } from "../../model/value.ts";
import type { Methods } from "./estimator.ts";

/** `predict`, `predict_proba`, `predict_log_proba`. */
export function likelihoodMethods(graph: GraphBuilder, likelihoods: ValueId, labels: readonly Label[]): Methods {
  const logs = normalizedLogs(graph, likelihoods);
  return {
    predict: {
      value: graph.add({ kind: "label", inputs: [likelihoods], rule: "argmax", labels: [labels] }),
      scalar: true,
    },
    predict_proba: { value: graph.add({ kind: "map", inputs: [logs], function: "exp" }), scalar: false },
    predict_log_proba: { value: logs, scalar: false },
  };
}

/** Each minus the logarithm of the sum of exponentials. */
export function normalizedLogs(graph: GraphBuilder, likelihoods: ValueId): ValueId {
  const sum = graph.add({ kind: "log_sum_exp", inputs: [likelihoods] });
  return graph.add({ kind: "combine", inputs: [likelihoods, sum], function: "subtract" });
}
