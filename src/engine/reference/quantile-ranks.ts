// quantile_ranks, plainly. Source: QuantileTransformer._transform_col in sklearn/preprocessing/_data.py, numpy.interp.
import type { QuantileRanksOp } from "../../model/ops/quantile-ranks.ts";
import { denseInput, type KernelMaker } from "../kernel.ts";

export const quantileRanks: KernelMaker<"quantile_ranks"> = (op, { inputs }) => {
  const [type] = inputs;
  const width = type?.kind === "dense" ? type.width : 1;
  const columns = Array.from({ length: width }, (_, column) => columnFunction(op, column, width));
  return ([input]) => {
    const { values: x } = denseInput(input);
    const values = new Float64Array(x.length);
    for (let at = 0; at < x.length; at++) values[at] = columns[at % width]?.(x[at] as number) ?? Number.NaN;
    return { kind: "dense", width, values };
  };
};

function columnFunction(op: QuantileRanksOp, column: number, width: number): (x: number) => number {
  const quantiles = op.places.map((_, at) => op.quantiles[at * width + column] as number);
  const { places, tolerance } = op;
  const [first, last] = [quantiles[0] as number, quantiles.at(-1) as number];
  if (op.inverse) {
    return (x) => {
      if (x - tolerance < 0 || (tolerance === 0 && x === 0)) return first;
      if (x + tolerance > 1 || (tolerance === 0 && x === 1)) return last;
      return interpolated(x, places, quantiles);
    };
  }
  const backwards = quantiles.map((_, at) => -(quantiles[quantiles.length - 1 - at] as number));
  const placesBack = places.map((_, at) => -(places[places.length - 1 - at] as number));
  return (x) => {
    if (tolerance === 0 ? x === first : x - tolerance < first) return 0;
    if (tolerance === 0 ? x === last : x + tolerance > last) return 1;
    if (Number.isNaN(x)) return x;
    return 0.5 * (interpolated(x, quantiles, places) - interpolated(-x, backwards, placesBack));
  };
}

/** The line through the last point at or below `at` and the next one. */
function interpolated(at: number, x: Float64Array, y: Float64Array): number {
  const last = x.length - 1;
  if (Number.isNaN(at)) return at;
  if (at > (x[last] as number)) return y[last] as number;
  if (at < (x[0] as number)) return y[0] as number;
  let [low, high] = [0, last + 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((x[middle] as number) <= at) low = middle;
    else high = middle;
  }
  const [x0, y0] = [x[low] as number, y[low] as number];
  if (low === last || x0 === at) return y0;
  const [x1, y1] = [x[low + 1] as number, y[low + 1] as number];
  const slope = (y1 - y0) / (x1 - x0);
  const value = slope * (at - x0) + y0;
  if (!Number.isNaN(value)) return value;
  const other = slope * (at - x1) + y1;
  return Number.isNaN(other) && y0 === y1 ? y0 : other;
}
