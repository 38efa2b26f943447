// map → ONNX nodes: one function for every number.
import { normalQuantileTables, type RationalTable } from "../../model/normal-quantile-tables.ts";
import type { MapFunction } from "../../model/ops/map.ts";
import type { OnnxBuilder, OnnxName } from "./onnx-builder.ts";
import { exportError, numberOf, rounded, tensor, tensorInput, type WriteOp } from "./op-writer.ts";

/** Functions that are one node. */
const plainMaps: Readonly<Partial<Record<MapFunction, string>>> = {
  abs: "Abs",
  negative: "Neg",
  sign: "Sign",
  sqrt: "Sqrt",
  reciprocal: "Reciprocal",
  exp: "Exp",
  log: "Log",
  tanh: "Tanh",
  sin: "Sin",
  cos: "Cos",
  floor: "Floor",
  ceil: "Ceil",
  rint: "Round",
  relu: "Relu",
};

/** What a function is multiplied with, and the one that is taken first or after. */
const scaledMaps: Readonly<Partial<Record<MapFunction, readonly [node: string | null, factor: number]>>> = {
  log2: ["Log", Math.LOG2E],
  log10: ["Log", Math.LOG10E],
  deg2rad: [null, Math.PI / 180],
  rad2deg: [null, 180 / Math.PI],
};

export const writeMap: WriteOp<"map"> = (op, context) => {
  const { onnx, result } = context;
  const x = tensorInput(context);
  return tensor(rounded(context, mapped(onnx, op.function, x), numberOf(result)));
};

export function mapped(onnx: OnnxBuilder, name: MapFunction, x: OnnxName): OnnxName {
  const plain = plainMaps[name];
  if (plain !== undefined) return onnx.node(plain, [x]);
  const scaled = scaledMaps[name];
  if (scaled !== undefined) {
    const [node, factor] = scaled;
    return onnx.node("Mul", [node === null ? x : onnx.node(node, [x]), onnx.doubles([factor])]);
  }
  switch (name) {
    case "square":
      return onnx.node("Mul", [x, x]);
    // ONNX Runtime's Sigmoid takes 1 − σ(−x) for negative numbers, which is 0 where the answer is small.
    case "expit": {
      const rest = onnx.node("Add", [onnx.node("Exp", [onnx.node("Neg", [x])]), onnx.doubles([1])]);
      return onnx.node("Reciprocal", [rest]);
    }
    case "normal_quantile":
      return normalQuantile(onnx, x);
    case "cbrt":
      return onnx.node("Mul", [
        onnx.node("Sign", [x]),
        onnx.node("Pow", [onnx.node("Abs", [x]), onnx.doubles([1 / 3])]),
      ]);
    case "exp2":
      return onnx.node("Pow", [onnx.doubles([2]), x]);
    case "isnan":
      return onnx.cast(onnx.node("IsNaN", [x]), "double");
    case "trunc":
      return onnx.node("Mul", [onnx.node("Sign", [x]), onnx.node("Floor", [onnx.node("Abs", [x])])]);
    case "log1p":
      return nearZero(onnx, x, {
        series: [1, -1 / 2, 1 / 3, -1 / 4],
        beyond: onnx.node("Log", [onnx.node("Add", [x, onnx.doubles([1])])]),
      });
    case "expm1":
      return nearZero(onnx, x, {
        series: [1, 1 / 2, 1 / 6, 1 / 24],
        beyond: onnx.node("Sub", [onnx.node("Exp", [x]), onnx.doubles([1])]),
      });
    default:
      throw exportError(`map ${name}`, "ONNX Runtime has no such function for double numbers");
  }
}

/** Both ends are infinite; what is no probability becomes NaN. */
function normalQuantile(onnx: OnnxBuilder, p: OnnxName): OnnxName {
  const { middle, near, far } = normalQuantileTables;
  const number = (value: number): OnnxName => onnx.doubles([value]);
  const ratio = ({ above, below }: RationalTable, r: OnnxName): OnnxName => {
    const [top, bottom] = [above, below].map((coefficients) =>
      coefficients
        .slice(1)
        .reduce(
          (sum, each) => onnx.node("Add", [onnx.node("Mul", [sum, r]), number(each)]),
          number(coefficients[0] ?? 0),
        ),
    );
    return onnx.node("Div", [top ?? "", bottom ?? ""]);
  };
  const q = onnx.node("Sub", [p, number(0.5)]);
  const inner = ratio(middle, onnx.node("Sub", [number(0.180625), onnx.node("Mul", [q, q])]));
  const tail = onnx.node("Min", [p, onnx.node("Sub", [number(1), p])]);
  const r = onnx.node("Sqrt", [onnx.node("Neg", [onnx.node("Log", [tail])])]);
  const outer = onnx.node("Where", [
    onnx.node("LessOrEqual", [r, number(5)]),
    ratio(near, onnx.node("Sub", [r, number(1.6)])),
    ratio(far, onnx.node("Sub", [r, number(5)])),
  ]);
  const ended = onnx.node("Where", [onnx.node("Equal", [tail, number(0)]), number(Number.POSITIVE_INFINITY), outer]);
  const isInner = onnx.node("LessOrEqual", [onnx.node("Abs", [q]), number(0.425)]);
  return onnx.node("Where", [isInner, onnx.node("Mul", [q, inner]), onnx.node("Mul", [onnx.node("Sign", [q]), ended])]);
}

/** Below 1e-4 the Taylor series, whose first term left out is below a double's last digit; beyond it the function itself. */
function nearZero(
  onnx: OnnxBuilder,
  x: OnnxName,
  { series, beyond }: { series: readonly number[]; beyond: OnnxName },
): OnnxName {
  let sum = onnx.doubles([series.at(-1) ?? 0]);
  for (const term of series.slice(0, -1).reverse()) {
    sum = onnx.node("Add", [onnx.node("Mul", [sum, x]), onnx.doubles([term])]);
  }
  const isNear = onnx.node("Less", [onnx.node("Abs", [x]), onnx.doubles([1e-4])]);
  return onnx.node("Where", [isNear, onnx.node("Mul", [sum, x]), beyond]);
}
