// Which of several points is nearest, without distances: the one with the largest 2 x·p − |p|².

export function nearestWeights(
  points: Float64Array,
  count: number,
): { readonly weights: Float64Array; readonly intercept: Float64Array } {
  const width = points.length / count;
  const weights = points.map((value) => 2 * value);
  const intercept = Float64Array.from({ length: count }, (_, at) =>
    points.subarray(at * width, (at + 1) * width).reduce((sum, value) => sum - value * value, 0),
  );
  return { weights, intercept };
}
