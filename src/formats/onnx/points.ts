// Ops that compare a row with given points → ONNX nodes. Differences are taken number by number, as we do, and not through
// |x|² + |p|² − 2x·p, which loses digits where a row lies near a point.
import { product, rowSum } from "./arithmetic.ts";
import { chosenColumns } from "./columns.ts";
import { ints, type OnnxBuilder, type OnnxName } from "./onnx-builder.ts";
import { tensor, tensorInput, type WriteContext, type WriteOp, widthOf } from "./op-writer.ts";

export const writeKernel: WriteOp<"kernel"> = (op, context) => {
  const { onnx } = context;
  const rule = op.function;
  if (rule.name === "rbf") {
    const squared = termSum(context, op, (gap) => onnx.node("Mul", [gap, gap]));
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
  switch (metric.name) {
    case "euclidean":
      return tensor(onnx.node("Sqrt", [termSum(context, op, (gap) => onnx.node("Mul", [gap, gap]))]));
    case "squared": {
      const { scales } = metric;
      const width = widthOf(context.types[0]);
      return tensor(
        termSum(context, op, (gap, { cut }) => {
          const square = onnx.node("Mul", [gap, gap]);
          return scales === undefined ? square : onnx.node("Div", [square, cut(scales, width)]);
        }),
      );
    }
    case "manhattan":
      return tensor(termSum(context, op, (gap) => onnx.node("Abs", [gap])));
    case "chebyshev":
      return tensor(
        onnx.node("ReduceMax", [onnx.node("Abs", [gaps(context, op)])], { axes: ints([2]), keepdims: zero }),
      );
    case "minkowski": {
      const power = onnx.doubles([metric.power]);
      const sum = termSum(context, op, (gap) => onnx.node("Pow", [onnx.node("Abs", [gap]), power]));
      return tensor(onnx.node("Pow", [sum, onnx.doubles([1 / metric.power])]));
    }
    case "canberra":
      return tensor(
        termSum(context, op, (gap, { own, others }) => {
          const size = onnx.node("Add", [onnx.node("Abs", [own]), onnx.node("Abs", [others])]);
          const share = onnx.node("Div", [onnx.node("Abs", [gap]), size]);
          return onnx.node("Where", [onnx.node("Greater", [size, onnx.doubles([0])]), share, onnx.doubles([0])]);
        }),
      );
    case "cosine":
      return tensor(cosine(context, op));
  }
};

interface TermPlace {
  /** The rows' cells, and the points' numbers. */
  readonly own: OnnxName;
  readonly others: OnnxName;
  /** Of a table `points × width`, the part that belongs to these terms. */
  readonly cut: (table: Float64Array, width: number) => OnnxName;
}

/** Points of more numbers are summed by ONNX Runtime, in an order of its own; equal distances may then differ in the last digit. */
const maxSteps = 512;

/** Σ term, [rows, points]; number by number where the points are short, so that distances that are equal here are equal there. */
function termSum(context: WriteContext, op: Points, term: (gap: OnnxName, place: TermPlace) => OnnxName): OnnxName {
  const { onnx } = context;
  const width = widthOf(context.types[0]);
  const { points, count } = op;
  if (width === 0 || width > maxSteps) {
    const own = onnx.node("Unsqueeze", [tensorInput(context), onnx.integers([1])]);
    const cut = (table: Float64Array): OnnxName => onnx.doubles(table, [1, count, width]);
    const others = cut(points);
    const cells = term(onnx.node("Sub", [own, others]), { own, others, cut });
    return onnx.node("ReduceSum", [cells, onnx.integers([2])], { keepdims: zero });
  }
  let sum: OnnxName | null = null;
  for (let column = 0; column < width; column++) {
    const own = width === 1 ? tensorInput(context) : chosenColumns(onnx, tensorInput(context), [column]);
    const cut = (table: Float64Array): OnnxName => {
      const numbers = Float64Array.from({ length: count }, (_, point) => table[point * width + column] ?? 0);
      return onnx.doubles(numbers, [1, count]);
    };
    const others = cut(points);
    const cells = term(onnx.node("Sub", [own, others]), { own, others, cut });
    sum = sum === null ? cells : onnx.node("Add", [sum, cells]);
  }
  return sum as OnnxName;
}

/** 1 less the product of the vectors, each divided by its own norm; a vector of zeros stays one. */
function cosine(context: WriteContext, { points, count }: Points): OnnxName {
  const { onnx } = context;
  const width = widthOf(context.types[0]);
  const x = tensorInput(context);
  const unit = Float64Array.from(points);
  for (let point = 0; point < count; point++) {
    const own = unit.subarray(point * width, (point + 1) * width);
    const norm = Math.sqrt(own.reduce((sum, value) => sum + value * value, 0));
    if (norm > 0) for (const [at, value] of own.entries()) own[at] = value / norm;
  }
  const norm = onnx.node("Sqrt", [rowSum(onnx, onnx.node("Mul", [x, x]))]);
  const isZero = onnx.node("Equal", [norm, onnx.doubles([0])]);
  const divided = onnx.node("Div", [x, onnx.node("Where", [isZero, onnx.doubles([1]), norm])]);
  const between = product(
    { ...context, inputs: [tensor(divided)] },
    { weights: unit, outputs: count, width, constants: null },
  );
  const distance = onnx.node("Sub", [onnx.doubles([1]), between]);
  return onnx.node("Min", [onnx.node("Max", [distance, onnx.doubles([0])]), onnx.doubles([2])]);
}

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
