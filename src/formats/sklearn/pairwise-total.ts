// numpy's sum of a fitted array (pairwise from eight numbers on), for constants that are computed while a file is read.

export function pairwiseTotal(values: Float64Array): number {
  const count = values.length;
  if (count < 8) return values.reduce((sum, value) => sum + value, 0);
  if (count > 128) {
    const half = (count >> 1) - ((count >> 1) % 8);
    return pairwiseTotal(values.subarray(0, half)) + pairwiseTotal(values.subarray(half));
  }
  const lanes = values.slice(0, 8);
  const whole = count - (count % 8);
  for (let at = 8; at < whole; at++) lanes[at % 8] = (lanes[at % 8] as number) + (values[at] as number);
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = lanes;
  return values.subarray(whole).reduce((sum, value) => sum + value, a + b + (c + d) + (e + f + (g + h)));
}

/** The same of float32 numbers: every sum is rounded to float32. */
export function pairwiseTotal32(values: Float64Array): number {
  const { fround } = Math;
  const count = values.length;
  if (count > 128) {
    const half = (count >> 1) - ((count >> 1) % 8);
    return fround(pairwiseTotal32(values.subarray(0, half)) + pairwiseTotal32(values.subarray(half)));
  }
  const whole = count - (count % 8);
  const lanes = new Float32Array(8);
  for (let at = 0; at < whole; at++) lanes[at % 8] = (lanes[at % 8] as number) + (values[at] as number);
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = lanes;
  const low = fround(fround(a + b) + fround(c + d));
  const high = fround(fround(e + f) + fround(g + h));
  return values.subarray(whole).reduce((sum, value) => fround(sum + value), fround(low + high));
}
