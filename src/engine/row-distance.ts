// The distance of one row to one point, by metric.
import type { Metric } from "../model/ops/distances.ts";
import { pairwiseSum } from "./pairwise-sum.ts";
import type { Numbers } from "./runtime-value.ts";

/** A row of `x` and a point of `points`, by their offsets. */
export interface Place {
  readonly x: Numbers;
  readonly row: number;
  readonly point: number;
}

export type RowDistance = (place: Place) => number;

/** @param width numbers a point */
export function rowDistance(metric: Metric, points: Float64Array, width: number): RowDistance {
  const gapAt = ({ x, row, point }: Place, at: number): number =>
    (x[row + at] as number) - (points[point + at] as number);
  const sumOf = (place: Place, term: (gap: number, at: number) => number): number => {
    let sum = 0;
    for (let at = 0; at < width; at++) sum += term(gapAt(place, at), at);
    return sum;
  };
  switch (metric.name) {
    case "euclidean":
      return (place) => Math.sqrt(sumOf(place, (gap) => gap * gap));
    case "squared":
      return scaledSquares(metric.scales, { gapAt, width });
    case "manhattan":
      return (place) => sumOf(place, Math.abs);
    case "chebyshev":
      return (place) => {
        let most = 0;
        for (let at = 0; at < width; at++) most = Math.max(most, Math.abs(gapAt(place, at)));
        return most;
      };
    case "minkowski":
      return (place) => sumOf(place, (gap) => Math.abs(gap) ** metric.power) ** (1 / metric.power);
    case "canberra":
      return (place) =>
        sumOf(place, (gap, at) => {
          const size = Math.abs(place.x[place.row + at] as number) + Math.abs(points[place.point + at] as number);
          return size > 0 ? Math.abs(gap) / size : 0;
        });
    case "cosine":
      return cosineDistance(points, width);
  }
}

/** numpy adds these up along the last axis. */
function scaledSquares(
  scales: Float64Array | undefined,
  { gapAt, width }: { gapAt: (place: Place, at: number) => number; width: number },
): RowDistance {
  const terms = new Float64Array(width);
  return (place) => {
    for (let at = 0; at < width; at++) {
      const gap = gapAt(place, at);
      terms[at] = scales === undefined ? gap * gap : (gap * gap) / (scales[place.point + at] as number);
    }
    return pairwiseSum(terms, 0, width);
  };
}

/** Both sides are divided by their own norm first, and a zero vector stays one: sklearn's cosine_distances. */
function cosineDistance(points: Float64Array, width: number): RowDistance {
  const norm = (values: Numbers, from: number): number => {
    let sum = 0;
    for (let at = 0; at < width; at++) sum += (values[from + at] as number) ** 2;
    return sum === 0 ? 1 : Math.sqrt(sum);
  };
  return ({ x, row, point }) => {
    const [own, other] = [norm(x, row), norm(points, point)];
    let product = 0;
    for (let at = 0; at < width; at++) {
      product += ((x[row + at] as number) / own) * ((points[point + at] as number) / other);
    }
    return Math.min(2, Math.max(0, 1 - product));
  };
}
