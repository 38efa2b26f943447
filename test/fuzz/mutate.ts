// Seeded damage to bytes: what a broken disk, a cut download or an enemy does to a file.

/** A small generator of numbers in 0 … count - 1, the same for the same seed (mulberry32). */
export type Choose = (count: number) => number;

export function seeded(seed: number): Choose {
  let state = seed;
  return (count) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * count);
  };
}

export type Mutation = (bytes: Uint8Array, choose: Choose, other: Uint8Array) => Uint8Array;

/** Each by its name, so that a failure says which. `other` is a file to take pieces from. */
export const mutations: Readonly<Record<string, Mutation>> = { truncated, flipped, lied, spliced, swapped, doubled };

function truncated(bytes: Uint8Array, choose: Choose): Uint8Array {
  return bytes.slice(0, choose(bytes.length));
}

function flipped(bytes: Uint8Array, choose: Choose): Uint8Array {
  const out = bytes.slice();
  for (let count = 1 + choose(8); count > 0; count--) {
    const at = choose(out.length);
    out[at] = (out[at] ?? 0) ^ (1 << choose(8));
  }
  return out;
}

const lies: readonly bigint[] = [0n, 1n, 0x7fn, 0xffn, 0x7fffn, 0xffffn, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn];
const longLies: readonly bigint[] = [
  ...lies,
  1n << 40n,
  (1n << 53n) + 1n,
  0x7fff_ffff_ffff_ffffn,
  0xffff_ffff_ffff_ffffn,
];

/** A number where a length, an offset or an index may stand, of any width and byte order. */
function lied(bytes: Uint8Array, choose: Choose): Uint8Array {
  const out = bytes.slice();
  const width = [1, 2, 4, 8][choose(4)] ?? 1;
  const values = width === 8 ? longLies : lies;
  const value = choose(3) === 0 ? BigInt(bytes.length + choose(3) - 1) : (values[choose(values.length)] ?? 0n);
  const at = choose(Math.max(1, out.length - width));
  const isBig = choose(2) === 0;
  for (let i = 0; i < width && at + i < out.length; i++) {
    out[at + i] = Number((value >> BigInt(8 * (isBig ? width - 1 - i : i))) & 0xffn);
  }
  return out;
}

/** A piece of another file, put over or between. */
function spliced(bytes: Uint8Array, choose: Choose, other: Uint8Array): Uint8Array {
  const from = choose(other.length);
  const piece = other.subarray(from, from + 1 + choose(Math.min(400, other.length)));
  const at = choose(bytes.length);
  return join(bytes.subarray(0, at), piece, bytes.subarray(choose(2) === 0 ? at : at + piece.length));
}

/** One byte becomes another one of the same file, as an opcode or a tag that is sound elsewhere. */
function swapped(bytes: Uint8Array, choose: Choose): Uint8Array {
  const out = bytes.slice();
  for (let count = 1 + choose(3); count > 0; count--) out[choose(out.length)] = bytes[choose(bytes.length)] ?? 0;
  return out;
}

/** A piece stands twice, or is missing. */
function doubled(bytes: Uint8Array, choose: Choose): Uint8Array {
  const at = choose(bytes.length);
  const end = Math.min(bytes.length, at + 1 + choose(200));
  return choose(2) === 0
    ? join(bytes.subarray(0, end), bytes.subarray(at))
    : join(bytes.subarray(0, at), bytes.subarray(end));
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
