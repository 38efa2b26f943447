// Numbers as JSON text that reads back to the same number: doubles, and float32 by its own shortest digits.

/** NaN is `null`, infinities are strings, negative zero keeps its sign. */
export function doubleText(value: number): string {
  if (Number.isFinite(value)) return value === 0 && Object.is(value, -0) ? "-0" : String(value);
  return Number.isNaN(value) ? "null" : value > 0 ? '"Infinity"' : '"-Infinity"';
}

/** The shortest decimal that rounds to the same float32. `value` must be a float32 (as a Float32Array holds it). */
export function floatText(value: number): string {
  if (!Number.isFinite(value) || value === 0) return doubleText(value);
  // Nine significant digits always suffice for a float32; most need fewer.
  for (let digits = 1; digits < 9; digits++) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === value) return String(text);
  }
  return String(Number(value.toPrecision(9)));
}
