// Ops that are straight lines between points, and polynomials between knots → ONNX nodes: how many points lie below a cell is the
// row of a table, which holds what is to be computed there.
import type { QuantileRanksOp } from "../../model/ops/quantile-ranks.ts";
import { chosenColumns, joined } from "./columns.ts";
import { int, type OnnxBuilder, type OnnxName } from "./onnx-builder.ts";
import { exportError, tensor, tensorInput, type WriteOp, widthOf } from "./op-writer.ts";

/** How many of the ascending points lie at or below (`LessOrEqual`) or below (`Less`) each cell, [rows] of int64. */
export function countBelow(
  onnx: OnnxBuilder,
  cells: OnnxName,
  { points, rule }: { readonly points: Float64Array; readonly rule: "Less" | "LessOrEqual" },
): OnnxName {
  const isBelow = onnx.cast(onnx.node(rule, [onnx.doubles(points, [1, points.length]), cells]), "double");
  return onnx.cast(onnx.node("ReduceSum", [isBelow, onnx.integers([1])], { keepdims: int(0) }), "int64");
}

interface Lines {
  readonly x0: Float64Array;
  readonly y0: Float64Array;
  readonly slopes: Float64Array;
}

/** slope · (x − x0) + y0 with the numbers of each cell's own place; [rows, 1]. */
function onLine(onnx: OnnxBuilder, cells: OnnxName, { lines, places }: { lines: Lines; places: OnnxName }): OnnxName {
  const at = (numbers: Float64Array): OnnxName =>
    onnx.node("Gather", [onnx.doubles(numbers, [numbers.length, 1]), places]);
  const gap = onnx.node("Sub", [cells, at(lines.x0)]);
  return onnx.node("Add", [onnx.node("Mul", [at(lines.slopes), gap]), at(lines.y0)]);
}

/** A cell that the library refuses becomes NaN. */
export const writeInterpolate: WriteOp<"interpolate"> = ({ x, y, outside }, context) => {
  const { onnx } = context;
  const cells = tensorInput(context);
  const last = x.length - 1;
  const bound = (at: number): OnnxName => onnx.doubles([x[at] ?? 0]);
  const isLow = onnx.node("Less", [cells, bound(0)]);
  const isHigh = onnx.node("Greater", [cells, bound(last)]);
  if (last === 0) {
    const nothing = onnx.node("Mul", [onnx.cast(onnx.node("IsNaN", [cells]), "double"), onnx.doubles([0])]);
    return tensor(onnx.node("Add", [nothing, onnx.doubles([y[0] ?? 0])]));
  }
  const clipped = onnx.node("Where", [isLow, bound(0), onnx.node("Where", [isHigh, bound(last), cells])]);
  // Line k goes from point k to point k + 1, and the count of points below a cell is one more than its line.
  const count = x.length;
  const lineAt = Array.from({ length: count + 1 }, (_, below) => Math.min(Math.max(below, 1), last) - 1);
  const at = (numbers: Float64Array, line: number): number => numbers[line] ?? 0;
  const lines: Lines = {
    x0: Float64Array.from(lineAt, (line) => at(x, line)),
    y0: Float64Array.from(lineAt, (line) => at(y, line)),
    slopes: Float64Array.from(lineAt, (line) => (at(y, line + 1) - at(y, line)) / (at(x, line + 1) - at(x, line))),
  };
  const value = onLine(onnx, clipped, { lines, places: countBelow(onnx, clipped, { points: x, rule: "Less" }) });
  if (outside === "clip") return tensor(value);
  return tensor(onnx.node("Where", [onnx.node("Or", [isLow, isHigh]), onnx.doubles([Number.NaN]), value]));
};

export const writeQuantileRanks: WriteOp<"quantile_ranks"> = (op, context) => {
  const { onnx, types } = context;
  const width = widthOf(types[0]);
  const x = tensorInput(context);
  const parts = Array.from({ length: width }, (_, column) => {
    const quantiles = op.places.map((_, at) => op.quantiles[at * width + column] ?? 0);
    return ranks(onnx, width === 1 ? x : chosenColumns(onnx, x, [column]), { op, quantiles });
  });
  return tensor(joined(onnx, parts));
};

function ranks(
  onnx: OnnxBuilder,
  cells: OnnxName,
  { op, quantiles }: { readonly op: QuantileRanksOp; readonly quantiles: Float64Array },
): OnnxName {
  const { places, tolerance } = op;
  const [first, last] = [quantiles[0] ?? 0, quantiles.at(-1) ?? 0];
  const [low, high] = op.inverse ? [0, 1] : [first, last];
  const compare = (rule: "Less" | "Greater", moved: "Sub" | "Add", bound: number): OnnxName =>
    tolerance === 0
      ? onnx.node("Equal", [cells, onnx.doubles([bound])])
      : onnx.node(rule, [onnx.node(moved, [cells, onnx.doubles([tolerance])]), onnx.doubles([bound])]);
  const isLow = compare("Less", "Sub", low);
  const isHigh = compare("Greater", "Add", high);
  const ends = (value: OnnxName, [atLow, atHigh]: readonly [number, number]): OnnxName => {
    const right = onnx.node("Where", [isHigh, onnx.doubles([atHigh]), value]);
    return onnx.node("Where", [isLow, onnx.doubles([atLow]), right]);
  };
  if (op.inverse) return ends(interpolated(onnx, cells, { x: places, y: quantiles }), [first, last]);
  const upwards = interpolated(onnx, cells, { x: quantiles, y: places });
  const mirrored = { x: quantiles.toReversed().map((each) => -each), y: places.toReversed().map((each) => -each) };
  const downwards = interpolated(onnx, onnx.node("Neg", [cells]), mirrored);
  return ends(onnx.node("Mul", [onnx.node("Sub", [upwards, downwards]), onnx.doubles([0.5])]), [0, 1]);
}

/** numpy.interp: the line through the last point at or below a cell and the next one; the ends go on level. */
function interpolated(
  onnx: OnnxBuilder,
  cells: OnnxName,
  { x, y }: { readonly x: Float64Array; readonly y: Float64Array },
): OnnxName {
  const last = x.length - 1;
  const at = (numbers: Float64Array, place: number): number => numbers[Math.max(0, place - 1)] ?? 0;
  // Place 0 lies below all points, place k at or above point k − 1.
  const places = Array.from({ length: x.length + 1 }, (_, place) => place);
  const slopes = Float64Array.from(places, (place) =>
    place === 0 || place > last || at(x, place + 1) === at(x, place)
      ? 0
      : (at(y, place + 1) - at(y, place)) / (at(x, place + 1) - at(x, place)),
  );
  if (!slopes.every(Number.isFinite))
    throw exportError("quantile_ranks", "two of its points lie too near to each other");
  const bound = (value: number | undefined): OnnxName => onnx.doubles([value ?? 0]);
  const low = onnx.node("Where", [onnx.node("Less", [cells, bound(x[0])]), bound(x[0]), cells]);
  const held = onnx.node("Where", [onnx.node("Greater", [low, bound(x[last])]), bound(x[last]), low]);
  const lines: Lines = {
    x0: Float64Array.from(places, (place) => at(x, place)),
    y0: Float64Array.from(places, (place) => at(y, place)),
    slopes,
  };
  return onLine(onnx, held, { lines, places: countBelow(onnx, cells, { points: x, rule: "LessOrEqual" }) });
}
