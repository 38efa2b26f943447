// Logarithm and exponential rounded to the nearest double, for the few numbers that are computed once while a model is read.
// Math.log and Math.exp may be off by a unit in the last place and differ between engines; C's libm is nearly always right.

/** Bits of the fixed-point numbers below; far more than any double needs to be rounded rightly in practice. */
const bits = 192n;
const one = 1n << bits;

/** ln(x), rounded once. x is a finite double; what is not positive gives what Math.log gives. */
export function roundedLog(x: number): number {
  if (!(x > 0) || !Number.isFinite(x) || x === 1) return Math.log(x);
  let exponent = Math.floor(Math.log2(x));
  // Near one a fraction around 1 keeps every bit of the result.
  let fraction = scaled(x, exponent);
  if (fraction > (one * 3n) / 2n) {
    exponent++;
    fraction /= 2n;
  }
  return toDouble(logOf(fraction) + BigInt(exponent) * ln2);
}

/** e to the x, rounded once, where the result is a normal double; else what Math.exp gives. */
export function roundedExp(x: number): number {
  if (!(Math.abs(x) < 700) || x === 0) return Math.exp(x);
  const value = scaled(x, 0);
  const twos = Math.round(x / Math.LN2);
  const rest = value - BigInt(twos) * ln2;
  let term = one;
  let sum = one;
  for (let n = 1n; term !== 0n; n++) {
    term = (term * rest) / (one * n);
    sum += term;
  }
  return toDouble(sum) * 2 ** twos;
}

/** x / 2^exponent in fixed point, exactly. */
function scaled(x: number, exponent: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const word = view.getBigUint64(0);
  const biased = Number((word >> 52n) & 0x7ffn);
  const mantissa = (word & 0xfffffffffffffn) | (biased === 0 ? 0n : 1n << 52n);
  const shift = (biased === 0 ? -1074 : biased - 1075) - exponent;
  const at = bits + BigInt(shift);
  const magnitude = at >= 0n ? mantissa << at : mantissa >> -at;
  return x < 0 ? -magnitude : magnitude;
}

/** ln(f) = 2 atanh((f − 1) / (f + 1)), for f near 1, in fixed point. */
function logOf(fraction: bigint): bigint {
  const z = ((fraction - one) << bits) / (fraction + one);
  const square = (z * z) >> bits;
  let term = z;
  let sum = 0n;
  for (let n = 1n; term !== 0n && term !== -1n; n += 2n) {
    sum += term / n;
    term = (term * square) >> bits;
  }
  return 2n * sum;
}

const ln2 = logOf((one * 3n) / 2n) + logOf((one * 4n) / 3n);

/** The nearest double of a fixed-point number: its 64 leading bits, the last one sticky, rounded once by the hardware. */
function toDouble(value: bigint): number {
  const magnitude = value < 0n ? -value : value;
  const length = magnitude.toString(2).length;
  const drop = BigInt(Math.max(0, length - 64));
  const kept = magnitude >> drop;
  const sticky = kept << drop === magnitude ? kept : kept | 1n;
  const number = Number(sticky) * 2 ** (Number(drop) - Number(bits));
  return value < 0n ? -number : number;
}
