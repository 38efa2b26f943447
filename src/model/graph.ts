// ModelGraph, the narrow waist: every source of a model ends here and every target begins here.
import type { ModelInput } from "../data/model-input.ts";
import { type Op, resultTypeOf } from "./op.ts";
import { graphError } from "./op-definition.ts";
import type { ValueId, ValueType } from "./value.ts";

/**
 * A method's answer. `scalar`: a row is the bare value (the value's width is 1), else an array. `widths`: the value holds
 * several outputs side by side, each so many columns wide, and a row is an array of arrays.
 */
export interface GraphOutput {
  readonly value: ValueId;
  readonly scalar: boolean;
  readonly widths?: readonly number[];
}

/**
 * A directed acyclic graph in evaluation order: value 0 is the input, value i + 1 is the result of `ops[i]`, and an op
 * reads only lower values.
 */
export interface ModelGraph {
  readonly input: ModelInput;
  readonly ops: readonly Op[];
  /** By method. `defaultMethod` is one of them. */
  readonly outputs: Readonly<Record<string, GraphOutput>>;
  readonly defaultMethod: string;
}

/** The type of value 0. */
export function inputType(input: ModelInput): ValueType {
  switch (input.kind) {
    case "records":
      return { kind: "records" };
    case "matrix":
      return {
        kind: "dense",
        width: input.columns.length,
        number: "f64",
        names: input.anyWidth === true ? null : input.columns.map((column) => column.name),
        ...(input.anyWidth === true ? { anyWidth: true } : {}),
      };
    case "table":
      return {
        kind: "table",
        columns: input.columns.map(({ name, type }) => ({
          name,
          kind: type === "number" || type === "integer" ? "number" : "cell",
        })),
      };
  }
}

/** The type of every value, in order. @throws MODEL_GRAPH when the graph is not sound */
export function valueTypes(graph: ModelGraph): readonly ValueType[] {
  const types: ValueType[] = [inputType(graph.input)];
  for (const op of graph.ops) types.push(resultTypeOf(op, typesOf(op, types)));
  for (const [method, output] of Object.entries(graph.outputs)) {
    const type = types[output.value];
    if (type === undefined) throw graphError(`${method} names value ${output.value} of ${types.length}`);
    if (type.kind === "records") throw graphError(`${method} would answer ${type.kind}`);
    if (type.kind === "table" && output.widths !== undefined) throw graphError(`${method} would split a table`);
    const width = widthOf(type);
    const total = output.widths?.reduce((sum, each) => sum + each, 0) ?? width;
    if (total !== width) throw graphError(`${method} is ${width} wide, its outputs ${total}`);
    if (output.scalar && width !== 1) throw graphError(`${method} is scalar, but ${width} wide`);
  }
  if (graph.outputs[graph.defaultMethod] === undefined) throw graphError(`there is no method ${graph.defaultMethod}`);
  return types;
}

function widthOf(type: Exclude<ValueType, { readonly kind: "records" }>): number {
  if (type.kind === "label") return type.labels.length;
  return type.kind === "table" ? type.columns.length : type.width;
}

function typesOf(op: Op, types: readonly ValueType[]): ValueType[] {
  return op.inputs.map((id) => {
    const type = types[id];
    if (type === undefined) throw graphError(`${op.kind} reads value ${id}, which is not made yet`);
    return type;
  });
}
