// splines, plainly. Source: SplineTransformer in sklearn/preprocessing/_polynomial.py; de Boor's recurrence.
import { jsonPointer } from "../../data/json-pointer.ts";
import type { SplineColumn, SplinesOp } from "../../model/ops/splines.ts";
import { denseInput, type KernelMaker } from "../kernel.ts";

export const splines: KernelMaker<"splines"> = (op, { inputs }) => {
  const [type] = inputs;
  const names = type?.kind === "dense" ? type.names : null;
  const evaluate = op.columns.map((column) => columnFunction(op, column));
  const message = `lies beyond the knots that ${op.estimator} was fitted with`;
  return ([input], frame) => {
    const { width, values: x } = denseInput(input);
    const values = new Float64Array(frame.rowCount * width * op.splines);
    for (let at = 0; at < x.length; at++) {
      const known = evaluate[at % width]?.(x[at] as number) ?? null;
      if (known !== null) values.set(known, at * op.splines);
      else {
        const column = at % width;
        frame.refuse(Math.floor(at / width), {
          path: jsonPointer(names?.[column] ?? column),
          code: "out_of_range",
          message,
        });
      }
    }
    return { kind: "dense", width: width * op.splines, values };
  };
};

/** The values at a number, zeros for NaN, or null where the row is to be refused. */
function columnFunction(op: SplinesOp, column: SplineColumn): (x: number) => Float64Array | null {
  const { degree, outside, splines: width } = op;
  const { knots } = column;
  const [first, last] = [knots[degree] as number, knots[knots.length - degree - 1] as number];
  const inside = (x: number): Float64Array => combined(column, basis(knots, degree, x), width);
  const linear = outside === "linear" ? borderLines(op, column, [first, last]) : null;
  const [low, high] = [inside(first), inside(last)];
  return (x) => {
    if (Number.isNaN(x)) return new Float64Array(width);
    if (outside === "periodic") {
      const period = last - first;
      const rest = (x - first) % period;
      return inside(period > 0 ? first + (rest < 0 ? rest + period : rest) : 0);
    }
    if (outside === "continue" || (first <= x && x <= last)) return inside(x);
    if (outside === "refuse") return null;
    if (linear !== null) return linear(x);
    const touched = Math.min(degree, width);
    return x < first
      ? low.map((value, at) => (at < touched ? value : 0))
      : high.map((value, at) => (at >= width - touched || degree === 0 ? value : 0));
  };
}

/** The straight lines that go on from the first and the last knot. */
function borderLines(op: SplinesOp, column: SplineColumn, [first, last]: readonly [number, number]) {
  const { degree, splines: width } = op;
  const at = (x: number): Float64Array => combined(column, basis(column.knots, degree, x), width);
  const slope = (x: number): Float64Array => combined(column, derivatives(column.knots, degree, x), width);
  const [low, high, lowSlope, highSlope] = [at(first), at(last), slope(first), slope(last)];
  const touched = degree <= 1 ? degree + 1 : degree;
  return (x: number): Float64Array =>
    x < first
      ? low.map((value, index) => (index < touched ? value + (x - first) * (lowSlope[index] as number) : 0))
      : high.map((value, index) => (index >= width - touched ? value + (x - last) * (highSlope[index] as number) : 0));
}

function combined({ coefficients }: SplineColumn, basisValues: Float64Array, width: number): Float64Array {
  const values = new Float64Array(width);
  for (const [row, factor] of basisValues.entries()) {
    if (factor === 0) continue;
    for (let at = 0; at < width; at++) {
      values[at] = (values[at] as number) + (coefficients[row * width + at] as number) * factor;
    }
  }
  return values;
}

/** The knot interval whose polynomials hold at `x`; the outermost ones hold beyond. */
function intervalOf(knots: Float64Array, degree: number, x: number): number {
  const most = knots.length - degree - 2;
  let interval = degree;
  while (interval < most && x >= (knots[interval + 1] as number)) interval++;
  return interval;
}

/** All basis splines of a degree at `x`. */
function basis(knots: Float64Array, degree: number, x: number): Float64Array {
  return basisIn(knots, degree, { x, interval: intervalOf(knots, degree, x) });
}

function basisIn(knots: Float64Array, degree: number, at: { x: number; interval: number }): Float64Array {
  const { x, interval } = at;
  const values = new Float64Array(knots.length - degree - 1);
  const local = new Float64Array(degree + 1);
  local[0] = 1;
  for (let order = 1; order <= degree; order++) {
    let carried = 0;
    for (let n = 0; n < order; n++) {
      const right = knots[interval + n + 1] as number;
      const left = knots[interval + n + 1 - order] as number;
      if (right === left) {
        local[n] = carried;
        carried = 0;
        continue;
      }
      const share = (local[n] as number) / (right - left);
      local[n] = carried + share * (right - x);
      carried = share * (x - left);
    }
    local[order] = carried;
  }
  for (let n = 0; n <= degree; n++) values[interval - degree + n] = local[n] as number;
  return values;
}

/** N'(i, k) = k / (t(i+k) − t(i)) · N(i, k−1) − k / (t(i+k+1) − t(i+1)) · N(i+1, k−1). */
function derivatives(knots: Float64Array, degree: number, x: number): Float64Array {
  const count = knots.length - degree - 1;
  if (degree === 0) return new Float64Array(count);
  const lower = basisIn(knots, degree - 1, { x, interval: intervalOf(knots, degree, x) });
  const part = (at: number): number => {
    const width = (knots[at + degree] as number) - (knots[at] as number);
    return width === 0 ? 0 : (degree / width) * (lower[at] as number);
  };
  return Float64Array.from({ length: count }, (_, at) => part(at) - part(at + 1));
}
