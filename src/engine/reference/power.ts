// power, plainly. Source: PowerTransformer in sklearn/preprocessing/_data.py, boxcox in scipy.special.
import { jsonPointer } from "../../data/json-pointer.ts";
import type { PowerOp } from "../../model/ops/power.ts";
import { denseInput, type KernelMaker } from "../kernel.ts";

type Transform = (x: number, exponent: number) => number;

export const power: KernelMaker<"power"> = (op, { inputs }) => {
  const [type] = inputs;
  const names = type?.kind === "dense" ? type.names : null;
  const apply = transformOf(op);
  const positive = op.family === "box_cox" && !op.inverse;
  return ([input], frame) => {
    const { width, values: x } = denseInput(input);
    const values = new Float64Array(x.length);
    for (let at = 0; at < x.length; at++) {
      const value = x[at] as number;
      const column = at % width;
      values[at] = apply(value, op.exponents[column] as number);
      if (!positive || !(value <= 0)) continue;
      const message = `must be positive for ${op.estimator}`;
      frame.refuse(Math.floor(at / width), {
        path: jsonPointer(names?.[column] ?? column),
        code: "out_of_range",
        message,
      });
    }
    return { kind: "dense", width, values };
  };
};

function transformOf({ family, inverse }: PowerOp): Transform {
  if (family === "box_cox") return inverse ? inverseBoxCox : boxCox;
  if (inverse) return inverseYeoJohnson;
  return family === "yeo_johnson" ? yeoJohnson : yeoJohnsonByLogarithm;
}

const epsilon = 2 ** -52;

const boxCox: Transform = (x, exponent) =>
  Math.abs(exponent) < 1e-19 ? Math.log(x) : Math.expm1(exponent * Math.log(x)) / exponent;

const inverseBoxCox: Transform = (y, exponent) =>
  exponent === 0 ? Math.exp(y) : Math.exp(Math.log1p(exponent * y) / exponent);

const yeoJohnson: Transform = (x, exponent) => {
  if (x >= 0) return Math.abs(exponent) < epsilon ? Math.log1p(x) : ((x + 1) ** exponent - 1) / exponent;
  if (Number.isNaN(x)) return x;
  const rest = 2 - exponent;
  return Math.abs(exponent - 2) > epsilon ? -((1 - x) ** rest - 1) / rest : -Math.log1p(-x);
};

const yeoJohnsonByLogarithm: Transform = (x, exponent) => {
  if (x >= 0) {
    return Math.abs(exponent) < epsilon ? Math.log1p(x) : Math.expm1(exponent * Math.log1p(x)) / exponent;
  }
  if (Number.isNaN(x)) return x;
  const rest = 2 - exponent;
  return Math.abs(exponent - 2) > epsilon ? -Math.expm1(rest * Math.log1p(-x)) / rest : -Math.log1p(-x);
};

const inverseYeoJohnson: Transform = (y, exponent) => {
  if (y >= 0) return Math.abs(exponent) < epsilon ? Math.exp(y) - 1 : (y * exponent + 1) ** (1 / exponent) - 1;
  if (Number.isNaN(y)) return y;
  const rest = 2 - exponent;
  return Math.abs(exponent - 2) > epsilon ? 1 - (-rest * y + 1) ** (1 / rest) : 1 - Math.exp(-y);
};
