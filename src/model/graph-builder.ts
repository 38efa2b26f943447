// Builds a graph op by op; each op is checked as it is added.
import type { ModelInput } from "../data/model-input.ts";
import { type GraphOutput, inputType, type ModelGraph } from "./graph.ts";
import { type Op, resultTypeOf } from "./op.ts";
import { graphError } from "./op-definition.ts";
import type { ValueId, ValueType } from "./value.ts";

export interface GraphBuilder {
  /** The graph's input. */
  readonly input: ValueId;
  /** @throws MODEL_GRAPH when the op does not fit its inputs */
  add(op: Op): ValueId;
  typeOf(id: ValueId): ValueType;
  finish(outputs: Readonly<Record<string, GraphOutput>>, defaultMethod: string): ModelGraph;
}

export function graphBuilder(input: ModelInput): GraphBuilder {
  const ops: Op[] = [];
  const types: ValueType[] = [inputType(input)];
  const typeOf = (id: ValueId): ValueType => {
    const type = types[id];
    if (type === undefined) throw graphError(`value ${id} is not made yet`);
    return type;
  };
  return {
    input: 0,
    typeOf,
    add(op) {
      types.push(resultTypeOf(op, op.inputs.map(typeOf)));
      return ops.push(op);
    },
    finish: (outputs, defaultMethod) => ({ input, ops, outputs, defaultMethod }),
  };
}
