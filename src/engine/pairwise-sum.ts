// numpy's sum along a contiguous axis: in order below 8 numbers, in 8 running sums up to 128, halves beyond.
// Source: pairwise_sum in numpy/core/src/umath/loops_utils.h.src.
import type { Numbers } from "./runtime-value.ts";

/** Sums `count` numbers from `start`, bit for bit as `numpy.sum` does. Float32 input is summed in float32. */
export function pairwiseSum(values: Numbers, start: number, count: number): number {
  const round = values instanceof Float32Array ? Math.fround : same;
  if (count < 8) {
    // numpy starts from -0.0 so that a sum of negative zeros stays one.
    let sum = -0;
    for (let i = 0; i < count; i++) sum = round(sum + (values[start + i] as number));
    return sum;
  }
  if (count > 128) {
    let half = count >> 1;
    half -= half % 8;
    return round(pairwiseSum(values, start, half) + pairwiseSum(values, start + half, count - half));
  }
  const sums: number[] = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => values[start + i] as number);
  let i = 8;
  for (; i < count - (count % 8); i += 8) {
    for (let lane = 0; lane < 8; lane++) {
      sums[lane] = round((sums[lane] as number) + (values[start + i + lane] as number));
    }
  }
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = sums;
  let sum = round(round(round(a + b) + round(c + d)) + round(round(e + f) + round(g + h)));
  for (; i < count; i++) sum = round(sum + (values[start + i] as number));
  return sum;
}

function same(x: number): number {
  return x;
}
