// Ops that compare a row with given points → ONNX nodes. Differences are taken number by number, as we do, and not through
// |x|² + |p|² − 2x·p, which loses digits where a row lies near a point.
import { product } from "./arithmetic.ts";
import { ints, type OnnxBuilder, type OnnxName } from "./onnx-builder.ts";
import { exportError, tensor, tensorInput, type WriteContext, type WriteOp, widthOf } from "./op-writer.ts";

export const writeKernel: WriteOp<"kernel"> = (op, context) => {
  const { onnx } = context;
  const rule = op.function;
  if (rule.name === "rbf") {
    const squared = onnx.node("ReduceSum", [squaredGaps(context, op), onnx.integers([2])], { keepdims: zero });
    return tensor(onnx.node("Exp", [onnx.node("Mul", [squared, onnx.doubles([-rule.gamma])])]));
  }
  const width = widthOf(context.types[0]);
  const between = product(context, { weights: op.points, outputs: op.count, width, constants: null });
  if (rule.name === "linear") return tensor(between);
  const scaled = onnx.node("Mul", [between, onnx.doubles([rule.gamma])]);
  const moved = onnx.node("Add", [scaled, onnx.doubles([rule.constant])]);
  if (rule.name === "sigmoid") return tensor(onnx.node("Tanh", [moved]));
  return tensor(wholePower(onnx, moved, rule.degree));
};

/** By repeated squaring, as libsvm does: sums of such powers cancel, and then their last digits are seen. */
function wholePower(onnx: OnnxBuilder, base: OnnxName, degree: number): OnnxName {
  let result: OnnxName | null = null;
  for (let left = degree, square = base; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = result === null ? square : onnx.node("Mul", [result, square]);
    if (left > 1) square = onnx.node("Mul", [square, square]);
  }
  return result ?? onnx.node("Pow", [base, onnx.doubles([0])]);
}

export const writeDistances: WriteOp<"distances"> = (op, context) => {
  const { onnx } = context;
  const { metric } = op;
  const summed = (cells: OnnxName): OnnxName => onnx.node("ReduceSum", [cells, onnx.integers([2])], { keepdims: zero });
  switch (metric.name) {
    case "euclidean":
      return tensor(onnx.node("Sqrt", [summed(squaredGaps(context, op))]));
    case "squared": {
      const squares = squaredGaps(context, op);
      if (metric.scales === undefined) return tensor(summed(squares));
      const scales = onnx.doubles(metric.scales, [1, op.count, widthOf(context.types[0])]);
      return tensor(summed(onnx.node("Div", [squares, scales])));
    }
    case "manhattan":
      return tensor(summed(onnx.node("Abs", [gaps(context, op)])));
    case "chebyshev":
      return tensor(
        onnx.node("ReduceMax", [onnx.node("Abs", [gaps(context, op)])], { axes: ints([2]), keepdims: zero }),
      );
    default:
      throw exportError(`distances, ${metric.name}`, "it is not written as ONNX nodes");
  }
};

const zero = { kind: "int", value: 0 } as const;

interface Points {
  readonly points: Float64Array;
  readonly count: number;
}

/** [rows, points, width]: every row minus every point. */
function gaps(context: WriteContext, { points, count }: Points): OnnxName {
  const { onnx } = context;
  const rows = onnx.node("Unsqueeze", [tensorInput(context), onnx.integers([1])]);
  return onnx.node("Sub", [rows, onnx.doubles(points, [1, count, widthOf(context.types[0])])]);
}

function squaredGaps(context: WriteContext, points: Points): OnnxName {
  const gap = gaps(context, points);
  return context.onnx.node("Mul", [gap, gap]);
}
