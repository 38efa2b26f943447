// Ops on the nearest points, and on numbers in ascending order → ONNX nodes. TopK puts equal numbers in the order of their places,
// as we do.
import type { NearestFillOp } from "../../model/ops/nearest-fill.ts";
import { chosenColumns, joined } from "./columns.ts";
import { int, type OnnxBuilder, type OnnxName, type OnnxPair } from "./onnx-builder.ts";
import { numberOf, rounded, tensor, tensorInput, type WriteOp, widthOf } from "./op-writer.ts";

/** The smallest numbers of each row and their places, in ascending order. */
function smallest(onnx: OnnxBuilder, x: OnnxName, count: number): OnnxPair {
  return onnx.pair("TopK", [x, onnx.integers([count])], { axis: int(1), largest: int(0), sorted: int(1) });
}

function nanAs(onnx: OnnxBuilder, x: OnnxName, value: number): OnnxName {
  return onnx.node("Where", [onnx.node("IsNaN", [x]), onnx.doubles([value]), x]);
}

export const writeNeighbors: WriteOp<"neighbors"> = ({ count }, context) => {
  const { onnx } = context;
  const [near, places] = smallest(onnx, nanAs(onnx, tensorInput(context), Number.POSITIVE_INFINITY), count);
  const chosen = onnx.node("Where", [onnx.node("IsInf", [near]), onnx.doubles([0]), onnx.cast(places, "double")]);
  return tensor(joined(onnx, [near, chosen]));
};

/** What is refused for want of neighbours becomes NaN. */
export const writeNeighborSums: WriteOp<"neighbor_sums"> = ({ table, width, weights: rule, mean, nobody }, context) => {
  const { onnx, types } = context;
  const count = widthOf(types[0]) / 2;
  const half = (from: number): OnnxName =>
    chosenColumns(
      onnx,
      tensorInput(context),
      Array.from({ length: count }, (_, at) => from + at),
    );
  const numbers = onnx.doubles(table, [table.length / width, width]);
  const found = onnx.node("Gather", [numbers, onnx.cast(half(count), "int64")]);
  const weights = rule === "distance" ? reciprocals(onnx, half(0)) : null;
  const terms =
    weights === null ? found : onnx.node("Mul", [found, onnx.node("Unsqueeze", [weights, onnx.integers([2])])]);
  const sums = onnx.node("ReduceSum", [terms, onnx.integers([1])], { keepdims: int(0) });
  if (!mean) return tensor(sums);
  if (weights === null) return tensor(onnx.node("Div", [sums, onnx.doubles([count])]));
  const total = onnx.node("ReduceSum", [weights, onnx.integers([1])]);
  if (nobody !== "zero") return tensor(onnx.node("Div", [sums, total]));
  const isNobody = onnx.node("Equal", [total, onnx.doubles([0])]);
  return tensor(onnx.node("Div", [sums, onnx.node("Where", [isNobody, onnx.doubles([1]), total])]));
};

/** 1 / distance; where some are infinite, those weigh 1 and the others nothing. */
function reciprocals(onnx: OnnxBuilder, distances: OnnxName): OnnxName {
  const weights = onnx.node("Div", [onnx.doubles([1]), distances]);
  const meets = onnx.cast(onnx.node("IsInf", [weights]), "double");
  const any = onnx.node("Greater", [onnx.node("ReduceSum", [meets, onnx.integers([1])]), onnx.doubles([0])]);
  return onnx.node("Where", [any, meets, weights]);
}

export const writeNearestFill: WriteOp<"nearest_fill"> = (op, context) => {
  const { onnx, types } = context;
  const width = widthOf(types[0]);
  const x = tensorInput(context);
  const columns = Array.from({ length: width }, (_, column) => chosenColumns(onnx, x, [column]));
  const count = op.points.length / width;
  const points = columns.map((_, column) =>
    Float64Array.from({ length: count }, (_, point) => op.points[point * width + column] ?? Number.NaN),
  );
  const distances = sharedDistances(onnx, columns, points);
  const parts = columns.map((cells, column) => {
    const values = points[column] ?? new Float64Array(0);
    const filled = nearestMean(onnx, distances, { op, values });
    return onnx.node("Where", [onnx.node("IsNaN", [cells]), filled, cells]);
  });
  return tensor(joined(onnx, parts));
};

/** [rows, points]: by the coordinates that both have; infinite where they share none. */
function sharedDistances(onnx: OnnxBuilder, columns: readonly OnnxName[], points: readonly Float64Array[]): OnnxName {
  const zero = onnx.doubles([0]);
  let [sum, shared] = [zero, zero];
  for (const [column, cells] of columns.entries()) {
    const own = points[column] ?? new Float64Array(0);
    const gap = onnx.node("Sub", [cells, onnx.doubles(own, [1, own.length])]);
    const isAbsent = onnx.node("IsNaN", [gap]);
    sum = onnx.node("Add", [sum, onnx.node("Where", [isAbsent, zero, onnx.node("Mul", [gap, gap])])]);
    shared = onnx.node("Add", [shared, onnx.cast(onnx.node("Not", [isAbsent]), "double")]);
  }
  const scaled = onnx.node("Div", [onnx.node("Mul", [sum, onnx.doubles([columns.length])]), shared]);
  return nanAs(onnx, onnx.node("Sqrt", [scaled]), Number.POSITIVE_INFINITY);
}

/** The mean of the nearest of those points that have a number; of all of them where none shares a coordinate with the row. */
function nearestMean(
  onnx: OnnxBuilder,
  distances: OnnxName,
  { op, values }: { readonly op: NearestFillOp; readonly values: Float64Array },
): OnnxName {
  const donors = Array.from(values.keys()).filter((point) => !Number.isNaN(values[point]));
  const numbers = donors.map((point) => values[point] ?? 0);
  const overall = onnx.doubles([numbers.reduce((sum, value) => sum + value, 0) / numbers.length]);
  if (donors.length === 0) return overall;
  const [near, places] = smallest(onnx, chosenColumns(onnx, distances, donors), Math.min(op.neighbors, donors.length));
  const isReached = onnx.cast(onnx.node("Not", [onnx.node("IsInf", [near])]), "double");
  const weights = op.weights === "uniform" ? isReached : reciprocals(onnx, near);
  const terms = onnx.node("Mul", [onnx.node("Gather", [onnx.doubles(numbers, [numbers.length]), places]), weights]);
  const total = (cells: OnnxName): OnnxName => onnx.node("ReduceSum", [cells, onnx.integers([1])]);
  const anyone = onnx.node("Greater", [total(isReached), onnx.doubles([0])]);
  return onnx.node("Where", [anyone, onnx.node("Div", [total(terms), total(weights)]), overall]);
}

/** The first number, in ascending order, at which half of the weight is reached; a NaN comes last. */
export const writeWeightedMedian: WriteOp<"weighted_median"> = ({ weights }, context) => {
  const { onnx, result } = context;
  const x = tensorInput(context);
  const [, order] = smallest(onnx, nanAs(onnx, x, Number.POSITIVE_INFINITY), weights.length);
  const sorted = onnx.node("GatherElements", [x, order], { axis: int(1) });
  const ordered = onnx.node("Gather", [onnx.doubles(weights, [weights.length]), order]);
  const sums = onnx.node("CumSum", [ordered, onnx.integers([1])]);
  const half = onnx.node("Mul", [chosenColumns(onnx, sums, [weights.length - 1]), onnx.doubles([0.5])]);
  const reached = onnx.cast(onnx.node("GreaterOrEqual", [sums, half]), "double");
  const place = onnx.node("ArgMax", [reached], { axis: int(1) });
  const value = onnx.node("GatherElements", [sorted, place], { axis: int(1) });
  return tensor(rounded(context, value, numberOf(result)));
};
