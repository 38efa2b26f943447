// nearest_fill, plainly. Source: sklearn/impute/_knn.py. Equal distances keep the order of the points.
import type { NearestFillOp } from "../../model/ops/nearest-fill.ts";
import { denseInput, type KernelMaker } from "../kernel.ts";

export const nearestFill: KernelMaker<"nearest_fill"> =
  (op) =>
  ([input], { rowCount }) => {
    const { width, values: x } = denseInput(input);
    const values = Float64Array.from(x);
    for (let row = 0; row < rowCount; row++) {
      const own = x.subarray(row * width, (row + 1) * width);
      if (!own.some(Number.isNaN)) continue;
      const distances = distancesTo(op.points, own);
      for (let column = 0; column < width; column++) {
        if (Number.isNaN(own[column])) values[row * width + column] = filled(op, distances, { column, width });
      }
    }
    return { kind: "dense", width, values };
  };

function distancesTo(points: Float64Array, own: ArrayLike<number>): Float64Array {
  const width = own.length;
  return Float64Array.from({ length: points.length / width }, (_, point) => {
    let [sum, shared] = [0, 0];
    for (let column = 0; column < width; column++) {
      const gap = (own[column] as number) - (points[point * width + column] as number);
      if (Number.isNaN(gap)) continue;
      sum += gap * gap;
      shared++;
    }
    return shared === 0 ? Number.NaN : Math.sqrt((sum * width) / shared);
  });
}

interface Place {
  readonly column: number;
  readonly width: number;
}

function filled(op: NearestFillOp, distances: Float64Array, { column, width }: Place): number {
  const donors: { readonly distance: number; readonly value: number }[] = [];
  for (const [point, distance] of distances.entries()) {
    const value = op.points[point * width + column] as number;
    if (!Number.isNaN(value)) donors.push({ distance, value });
  }
  const reached = donors.filter(({ distance }) => !Number.isNaN(distance));
  if (reached.length === 0) return mean(donors.map(({ value }) => ({ value, weight: 1 })));
  const nearest = reached.sort((a, b) => a.distance - b.distance).slice(0, op.neighbors);
  const same = nearest.filter(({ distance }) => distance === 0);
  if (op.weights === "uniform") return mean(nearest.map(({ value }) => ({ value, weight: 1 })));
  if (same.length > 0) return mean(same.map(({ value }) => ({ value, weight: 1 })));
  return mean(nearest.map(({ value, distance }) => ({ value, weight: 1 / distance })));
}

function mean(terms: readonly { readonly value: number; readonly weight: number }[]): number {
  let [sum, weights] = [0, 0];
  for (const { value, weight } of terms) {
    sum += value * weight;
    weights += weight;
  }
  return sum / weights;
}
