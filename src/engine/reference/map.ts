// map, plainly: numpy's functions by numpy's names.
import type { MapFunction } from "../../model/ops/map.ts";
import { denseInput, type KernelMaker } from "../kernel.ts";
import { normalProbability, normalQuantile } from "../normal-distribution.ts";
import { numbersOf } from "../runtime-value.ts";

export const map: KernelMaker<"map"> = (op, { result }) => {
  const apply = mapFunctionTable[op.function];
  const number = result.kind === "dense" ? result.number : "f64";
  return ([input]) => {
    const { width, values: x } = denseInput(input);
    const values = numbersOf(number, x.length);
    for (let at = 0; at < x.length; at++) values[at] = apply(x[at] as number);
    return { kind: "dense", width, values };
  };
};

export const mapFunctionTable: { readonly [Name in MapFunction]: (x: number) => number } = {
  abs: Math.abs,
  negative: (x) => -x,
  // Either zero gives 0.
  sign: (x) => (x === 0 ? 0 : Math.sign(x)),
  square: (x) => x * x,
  sqrt: Math.sqrt,
  cbrt: Math.cbrt,
  reciprocal: (x) => 1 / x,
  exp: Math.exp,
  exp2: (x) => 2 ** x,
  expm1: Math.expm1,
  log: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  log1p: Math.log1p,
  expit: (x) => 1 / (1 + Math.exp(-x)),
  tanh: Math.tanh,
  sinh: Math.sinh,
  cosh: Math.cosh,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  arcsin: Math.asin,
  arccos: Math.acos,
  arctan: Math.atan,
  arcsinh: Math.asinh,
  arccosh: Math.acosh,
  arctanh: Math.atanh,
  floor: Math.floor,
  ceil: Math.ceil,
  trunc: Math.trunc,
  rint: roundHalfEven,
  relu: (x) => (x > 0 || Number.isNaN(x) ? x : 0),
  isnan: (x) => (Number.isNaN(x) ? 1 : 0),
  deg2rad: (x) => x * (Math.PI / 180),
  rad2deg: (x) => x * (180 / Math.PI),
  normal_quantile: normalQuantile,
  normal_probability: normalProbability,
};

/** Halves go to the even neighbour; the sign of a zero stays. */
function roundHalfEven(x: number): number {
  const down = Math.floor(x);
  const over = x - down;
  if (!Number.isFinite(x) || over === 0) return x;
  const rounded = over < 0.5 || (over === 0.5 && down % 2 === 0) ? down : down + 1;
  return rounded === 0 && x < 0 ? -0 : rounded;
}
