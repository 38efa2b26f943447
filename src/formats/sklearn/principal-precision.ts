// The precision matrix of a fitted PCA, the inverse of the covariance that its components stand for, and the logarithm of
// its determinant. Source: get_covariance and get_precision in sklearn/decomposition/_base.py.
import { toFloat64 } from "../numpy/to-numbers.ts";
import { arrayOf, booleanOf, type Instance, numberOf } from "./instance.ts";
import { coefficients } from "./linear-scores.ts";

export interface Precision {
  /** Row-major, `width × width`. */
  readonly matrix: Float64Array;
  readonly logDeterminant: number;
}

/** Wider models are only transformed: the matrix would have more than 4 million numbers. */
export const maxPrecisionWidth = 2048;

/** Null where the covariance has no inverse: the library fails then when it is asked for scores. */
export function principalPrecision(self: Instance): Precision | null {
  const { weights, outputs, width } = coefficients(self, "components_");
  const noise = numberOf(self, "noise_variance_");
  const variances = toFloat64(arrayOf(self, "explained_variance_"));
  const scaled = booleanOf(self, "whiten", false);
  const components = weights.map((weight, at) =>
    scaled ? weight * Math.sqrt(variances[Math.floor(at / width)] as number) : weight,
  );
  const excess = variances.map((variance) => Math.max(variance - noise, 0));
  const covariance = new Float64Array(width * width);
  for (let row = 0; row < width; row++) {
    for (let column = 0; column < width; column++) {
      let sum = row === column ? noise : 0;
      for (let k = 0; k < outputs; k++) {
        sum +=
          (components[k * width + row] as number) * (excess[k] as number) * (components[k * width + column] as number);
      }
      covariance[row * width + column] = sum;
    }
  }
  const found = inverted(covariance, width);
  return found === null ? null : { matrix: found.inverse, logDeterminant: -found.logDeterminant };
}

/** Gauss–Jordan with the largest pivot of each column. */
function inverted(matrix: Float64Array, width: number): { inverse: Float64Array; logDeterminant: number } | null {
  const a = matrix.slice();
  const inverse = Float64Array.from(a, (_, at) => (Math.floor(at / width) === at % width ? 1 : 0));
  let logDeterminant = 0;
  for (let step = 0; step < width; step++) {
    let pivot = step;
    for (let row = step + 1; row < width; row++) {
      if (Math.abs(a[row * width + step] as number) > Math.abs(a[pivot * width + step] as number)) pivot = row;
    }
    const divisor = a[pivot * width + step] as number;
    if (divisor === 0 || Number.isNaN(divisor)) return null;
    logDeterminant += Math.log(Math.abs(divisor));
    for (const both of [a, inverse]) {
      swapRows(both, width, [step, pivot]);
      for (let column = 0; column < width; column++)
        both[step * width + column] = (both[step * width + column] as number) / divisor;
    }
    for (let row = 0; row < width; row++) {
      const factor = a[row * width + step] as number;
      if (row === step || factor === 0) continue;
      for (const both of [a, inverse]) {
        for (let column = 0; column < width; column++) {
          const at = row * width + column;
          both[at] = (both[at] as number) - factor * (both[step * width + column] as number);
        }
      }
    }
  }
  return { inverse, logDeterminant };
}

function swapRows(matrix: Float64Array, width: number, [first, second]: readonly [number, number]): void {
  if (first === second) return;
  const kept = matrix.slice(first * width, (first + 1) * width);
  matrix.copyWithin(first * width, second * width, (second + 1) * width);
  matrix.set(kept, second * width);
}
