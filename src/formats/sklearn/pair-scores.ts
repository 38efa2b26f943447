// Classifiers of every pair of classes: their votes, and the decision that breaks ties of votes by confidence.
// Source: `_ovr_decision_function` in sklearn/utils/multiclass.py.
import type { GraphBuilder } from "../../model/graph-builder.ts";
import type { ValueId } from "../../model/value.ts";
import { step } from "./probabilities.ts";

export interface PairAnswers {
  /** One column a pair: 1 where its second class wins, else 0. */
  readonly second: ValueId;
  readonly confidences: ValueId;
  readonly squeeze: "third" | "own";
}

/** Class i has the weight −1 in each pair that it opens and 1 in each that it closes; `opens` shifts the former. */
function overPairs(
  graph: GraphBuilder,
  pairs: ValueId,
  { classes, opens }: { readonly classes: number; readonly opens: number },
): ValueId {
  const terms: { column: number; weight: number }[][] = Array.from({ length: classes }, () => []);
  let column = 0;
  for (let i = 0; i < classes; i++) {
    for (let j = i + 1; j < classes; j++, column++) {
      terms[i]?.push({ column, weight: -1 });
      terms[j]?.push({ column, weight: 1 });
    }
  }
  const flat = terms.flat();
  return graph.add({
    kind: "weighted_sums",
    inputs: [pairs],
    starts: Int32Array.from([0, ...terms.keys()].map((_, at) => at * (classes - 1))),
    columns: Int32Array.from(flat, (term) => term.column),
    weights: Float64Array.from(flat, (term) => term.weight),
    constants: Float64Array.from(terms, (_, i) => opens * (classes - 1 - i)),
  });
}

/** Votes of each class. `second`: one column a pair, 1 where its second class wins, else 0. */
export function pairVotes(graph: GraphBuilder, second: ValueId, classes: number): ValueId {
  return overPairs(graph, second, { classes, opens: 1 });
}

/**
 * Votes plus the squeezed sum of confidences, which are high where the pair's second class wins. Until 0.20 the sums were
 * scaled by the largest of the whole batch; `own` scales by the row's own largest, as that library does for a row alone.
 */
export function pairDecision(
  graph: GraphBuilder,
  { second, confidences, squeeze }: PairAnswers,
  classes: number,
): ValueId {
  const sums = overPairs(graph, confidences, { classes, opens: 0 });
  const votes = pairVotes(graph, second, classes);
  if (squeeze === "own") {
    const shares = graph.add({ kind: "normalize_rows", inputs: [sums], norm: "max" });
    const steps = [step("multiply", 0.5 - 2 ** -52)];
    const scaled = graph.add({ kind: "columnwise", inputs: [shares], steps, number: "f64" });
    return graph.add({ kind: "combine", inputs: [votes, scaled], function: "add" });
  }
  const sizes = graph.add({ kind: "map", inputs: [sums], function: "abs" });
  const steps = [step("add", 1), step("multiply", 3)];
  const bounds = graph.add({ kind: "columnwise", inputs: [sizes], steps, number: "f64" });
  const squeezed = graph.add({ kind: "combine", inputs: [sums, bounds], function: "divide" });
  return graph.add({ kind: "combine", inputs: [votes, squeezed], function: "add" });
}
