// map: one function on every number. Functions keep numpy's names and rules; a float32 value is computed in double and
// rounded once.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export const mapFunctions = [
  "abs",
  "negative",
  "sign",
  "square",
  "sqrt",
  "cbrt",
  "reciprocal",
  "exp",
  "exp2",
  "expm1",
  "log",
  "log2",
  "log10",
  "log1p",
  "expit",
  "tanh",
  "sinh",
  "cosh",
  "sin",
  "cos",
  "tan",
  "arcsin",
  "arccos",
  "arctan",
  "arcsinh",
  "arccosh",
  "arctanh",
  "floor",
  "ceil",
  "trunc",
  "rint",
  "relu",
  "isnan",
  "deg2rad",
  "rad2deg",
  "normal_quantile",
  "normal_probability",
] as const;

export type MapFunction = (typeof mapFunctions)[number];

export interface MapOp {
  readonly kind: "map";
  readonly inputs: readonly [ValueId];
  readonly function: MapFunction;
}

export const mapDefinition: OpDefinition<MapOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "dense") throw graphError("map takes dense numbers");
    if (!mapFunctions.includes(op.function)) throw graphError("map knows no such function");
    return { ...input, number: op.function === "isnan" ? "bool" : input.number === "f32" ? "f32" : "f64" };
  },
  describe: (op) => op.function,
};
