// A graph in words, for `inspect`: what it takes, what it does, what it answers.

import { type ModelGraph, valueTypes } from "./graph.ts";
import { describeOp } from "./op.ts";
import { describeType, type ValueType } from "./value.ts";

export interface GraphDescription {
  readonly input: ModelGraph["input"]["kind"];
  /** One line an op: `2: affine, 4231 weights → 1 (of 1): dense f64[1]`. */
  readonly operations: readonly string[];
  readonly methods: readonly string[];
  readonly defaultMethod: string;
}

/** With the `types` of its values where they are known: finding them walks every tree. */
export function describeGraph(graph: ModelGraph, types: readonly ValueType[] = valueTypes(graph)): GraphDescription {
  return {
    input: graph.input.kind,
    operations: graph.ops.map((op, index) => {
      const type = types[index + 1];
      const result = type === undefined ? "" : ` → ${describeType(type)}`;
      return `${index + 1}: ${describeOp(op)} (of ${op.inputs.join(", ")})${result}`;
    }),
    methods: Object.keys(graph.outputs),
    defaultMethod: graph.defaultMethod,
  };
}
