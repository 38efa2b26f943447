// Rows by a float32 value, equal ones by number: three counting passes of eleven bits, no comparisons.

const digitBits = 11;
const digits = 1 << digitBits;

export function rowsByValue(values: Float32Array): Int32Array {
  const keys = orderedKeys(values);
  let order = Int32Array.from({ length: values.length }, (_, row) => row);
  let spare = new Int32Array(values.length);
  for (let shift = 0; shift < 32; shift += digitBits) {
    const places = new Int32Array(digits + 1);
    for (const key of keys) {
      const digit = (key >>> shift) & (digits - 1);
      places[digit + 1] = (places[digit + 1] as number) + 1;
    }
    for (let digit = 0; digit < digits; digit++) {
      places[digit + 1] = (places[digit + 1] as number) + (places[digit] as number);
    }
    for (let at = 0; at < order.length; at++) {
      const row = order[at] as number;
      const digit = ((keys[row] as number) >>> shift) & (digits - 1);
      const place = places[digit] as number;
      places[digit] = place + 1;
      spare[place] = row;
    }
    [order, spare] = [spare, order];
  }
  return order;
}

/** Whole numbers in the order of the floats: of negative ones every bit is turned, of the others the sign's. */
function orderedKeys(values: Float32Array): Uint32Array {
  const keys = new Uint32Array(values.slice().buffer);
  for (let row = 0; row < keys.length; row++) {
    const bits = keys[row] as number;
    keys[row] = bits >= 0x80000000 ? ~bits : bits | 0x80000000;
  }
  return keys;
}
