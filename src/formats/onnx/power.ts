// power → ONNX nodes: both sides of zero are computed for every cell, and the right one is chosen.
import { mapped } from "./maps.ts";
import type { OnnxBuilder, OnnxName } from "./onnx-builder.ts";
import { tensor, tensorInput, type WriteOp } from "./op-writer.ts";

/** A cell that Box–Cox refuses becomes NaN. */
export const writePower: WriteOp<"power"> = ({ family, inverse, exponents }, context) => {
  const { onnx } = context;
  const x = tensorInput(context);
  const side: Side = { onnx, exponents };
  if (family === "box_cox") return tensor(inverse ? boxCoxBack(side, x) : boxCox(side, x));
  const zero = onnx.doubles([0]);
  const rest = exponents.map((exponent) => 2 - exponent);
  const isNegative = onnx.node("Less", [x, zero]);
  const above = onnx.node("Where", [isNegative, zero, x]);
  const below = onnx.node("Where", [isNegative, onnx.node("Neg", [x]), zero]);
  const half = inverse ? halfBack : family === "yeo_johnson" ? halfByPower : halfByLogarithm;
  const left = onnx.node("Neg", [half({ onnx, exponents: rest }, below)]);
  return tensor(onnx.node("Where", [isNegative, left, half(side, above)]));
};

interface Side {
  readonly onnx: OnnxBuilder;
  readonly exponents: Float64Array;
}

const epsilon = 2 ** -52;

/** `general` with the exponents, and `special` in the columns whose exponent is 0. */
function byExponent(
  { onnx, exponents }: Side,
  bound: number,
  forms: { readonly general: (exponents: OnnxName) => OnnxName; readonly special: () => OnnxName },
): OnnxName {
  const isSpecial = Uint8Array.from(exponents, (exponent) => Number(Math.abs(exponent) <= bound));
  if (isSpecial.every((flag) => flag === 1)) return forms.special();
  const safe = exponents.map((exponent, at) => (isSpecial[at] === 1 ? 1 : exponent));
  const general = forms.general(onnx.doubles(safe, [1, safe.length]));
  if (isSpecial.every((flag) => flag === 0)) return general;
  const flags = onnx.constant({ type: "bool", values: isSpecial }, [1, isSpecial.length]);
  return onnx.node("Where", [flags, forms.special(), general]);
}

/** x ≥ 0 → ((x + 1)^λ − 1) / λ. */
function halfByPower(side: Side, x: OnnxName): OnnxName {
  const { onnx } = side;
  return byExponent(side, epsilon, {
    general: (exponents) => {
      const power = onnx.node("Pow", [onnx.node("Add", [x, onnx.doubles([1])]), exponents]);
      return onnx.node("Div", [onnx.node("Sub", [power, onnx.doubles([1])]), exponents]);
    },
    special: () => mapped(onnx, "log1p", x),
  });
}

/** x ≥ 0 → expm1(λ · log1p(x)) / λ. */
function halfByLogarithm(side: Side, x: OnnxName): OnnxName {
  const { onnx } = side;
  const logarithm = mapped(onnx, "log1p", x);
  return byExponent(side, epsilon, {
    general: (exponents) => {
      const scaled = mapped(onnx, "expm1", onnx.node("Mul", [exponents, logarithm]));
      return onnx.node("Div", [scaled, exponents]);
    },
    special: () => logarithm,
  });
}

/** y ≥ 0 → (λ · y + 1)^(1/λ) − 1. */
function halfBack(side: Side, y: OnnxName): OnnxName {
  const { onnx } = side;
  const one = onnx.doubles([1]);
  return byExponent(side, epsilon, {
    general: (exponents) => {
      const base = onnx.node("Add", [onnx.node("Mul", [y, exponents]), one]);
      return onnx.node("Sub", [onnx.node("Pow", [base, onnx.node("Div", [one, exponents])]), one]);
    },
    special: () => onnx.node("Sub", [onnx.node("Exp", [y]), one]),
  });
}

function boxCox(side: Side, x: OnnxName): OnnxName {
  const { onnx } = side;
  const isPositive = onnx.node("Greater", [x, onnx.doubles([0])]);
  const logarithm = onnx.node("Log", [onnx.node("Where", [isPositive, x, onnx.doubles([Number.NaN])])]);
  return byExponent(side, 1e-19, {
    general: (exponents) =>
      onnx.node("Div", [mapped(onnx, "expm1", onnx.node("Mul", [exponents, logarithm])), exponents]),
    special: () => logarithm,
  });
}

function boxCoxBack(side: Side, y: OnnxName): OnnxName {
  const { onnx } = side;
  return byExponent(side, 0, {
    general: (exponents) => {
      const logarithm = mapped(onnx, "log1p", onnx.node("Mul", [exponents, y]));
      return onnx.node("Exp", [onnx.node("Div", [logarithm, exponents])]);
    },
    special: () => onnx.node("Exp", [y]),
  });
}
