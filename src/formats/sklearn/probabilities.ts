// How decision scores become probabilities: the few ways that classifiers share.

import type { GraphBuilder } from "../../model/graph-builder.ts";
import type { ColumnStep } from "../../model/ops/columnwise.ts";
import type { ValueId } from "../../model/value.ts";

/** One arithmetic step with one number for all columns. */
export function step(kind: ColumnStep["step"], value: number): ColumnStep {
  return { step: kind, values: Float64Array.of(value) };
}

/** The type that arithmetic on a value has: float32 stays float32. */
export function floatType(graph: GraphBuilder, value: ValueId): "f64" | "f32" {
  const type = graph.typeOf(value);
  return (type.kind === "dense" || type.kind === "sparse") && type.number === "f32" ? "f32" : "f64";
}

/** [1 − p, p] of the positive class's probability. */
export function bothClasses(graph: GraphBuilder, positive: ValueId): ValueId {
  const negative = graph.add({ kind: "map", inputs: [positive], function: "negative" });
  const other = graph.add({
    kind: "columnwise",
    inputs: [negative],
    steps: [step("add", 1)],
    number: floatType(graph, negative),
  });
  return graph.add({ kind: "concat", inputs: [other, positive] });
}

/** One-vs-rest: expit of each score; several classes are divided by their sum. Source: `_predict_proba_lr`. */
export function oneVsRest(graph: GraphBuilder, scores: ValueId, options: { zero: "nan" | "uniform" }): ValueId {
  const type = graph.typeOf(scores);
  const each = graph.add({ kind: "map", inputs: [scores], function: "expit" });
  if (type.kind === "dense" && type.width === 1) return bothClasses(graph, each);
  return graph.add({ kind: "normalize_sum", inputs: [each], zero: options.zero });
}

/** Softmax of the scores; a single score d stands for [−d, d]. */
export function softmaxOf(graph: GraphBuilder, scores: ValueId): ValueId {
  const type = graph.typeOf(scores);
  if (type.kind === "dense" && type.width === 1) {
    const negative = graph.add({ kind: "map", inputs: [scores], function: "negative" });
    const both = graph.add({ kind: "concat", inputs: [negative, scores] });
    return graph.add({ kind: "softmax", inputs: [both] });
  }
  return graph.add({ kind: "softmax", inputs: [scores] });
}

export function logOf(graph: GraphBuilder, probabilities: ValueId): ValueId {
  return graph.add({ kind: "map", inputs: [probabilities], function: "log" });
}
