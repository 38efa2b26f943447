// Float64 thresholds for float32 values: the nearest float32 on the side that leaves every comparison as it was.
// scikit-learn and ONNX compare float32 rows with float64 thresholds; rounding to nearest would move a quarter of them.

const number = new Float32Array(1);
const bits = new Int32Array(number.buffer);

/** The largest float32 <= `bound`: for every float32 x, `x <= bound` is `x <= floorFloat32(bound)`. */
export function floorFloat32(bound: number): number {
  const nearest = Math.fround(bound);
  if (!(nearest > bound)) return nearest;
  return nextFloat32(nearest, -1);
}

/** The smallest float32 >= `bound`: for every float32 x, `x < bound` is `x < ceilFloat32(bound)`. */
export function ceilFloat32(bound: number): number {
  const nearest = Math.fround(bound);
  if (!(nearest < bound)) return nearest;
  return nextFloat32(nearest, 1);
}

/** The float32 next to `from` in the direction of `sign`; `from` is neither NaN nor the infinity on that side. */
function nextFloat32(from: number, sign: 1 | -1): number {
  if (from === 0) return sign * 2 ** -149;
  number[0] = from;
  bits[0] += from > 0 ? sign : -sign;
  return number[0];
}
