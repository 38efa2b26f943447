// The two probabilities of a binary classifier from the one that a booster answers.
import type { GraphBuilder } from "../../model/graph-builder.ts";
import type { ValueId } from "../../model/value.ts";

/** `1 - p` and `p`, in the type of p. */
export function bothProbabilities(graph: GraphBuilder, second: ValueId): ValueId {
  const type = graph.typeOf(second);
  const number = type.kind === "dense" && type.number === "f32" ? "f32" : "f64";
  const steps = [
    { step: "multiply", values: Float64Array.of(-1) },
    { step: "add", values: Float64Array.of(1) },
  ] as const;
  const first = graph.add({ kind: "columnwise", inputs: [second], steps, number });
  return graph.add({ kind: "concat", inputs: [first, second] });
}
