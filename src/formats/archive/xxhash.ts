// xxHash of a run of bytes: the 32-bit form (lz4 frames) and the 64-bit form (zstd frames), seed 0.
// Rule: github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md. JavaScript has no 64-bit multiply, so the 64-bit form
// keeps each lane as four 16-bit limbs' worth of products in two 32-bit halves.

const p1 = 0x9e3779b1;
const p2 = 0x85ebca77;
const p3 = 0xc2b2ae3d;
const p4 = 0x27d4eb2f;
const p5 = 0x165667b1;

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

function round32(lane: number, input: number): number {
  return Math.imul(rotate((lane + Math.imul(input, p2)) | 0, 13), p1);
}

export function xxh32(bytes: Uint8Array): number {
  let at = 0;
  let hash = p5;
  if (bytes.length >= 16) {
    let [a, b, c, d] = [(p1 + p2) | 0, p2 | 0, 0, -p1 | 0];
    for (; at + 16 <= bytes.length; at += 16) {
      a = round32(a, word(bytes, at));
      b = round32(b, word(bytes, at + 4));
      c = round32(c, word(bytes, at + 8));
      d = round32(d, word(bytes, at + 12));
    }
    hash = (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0;
  }
  hash = (hash + bytes.length) | 0;
  for (; at + 4 <= bytes.length; at += 4) {
    hash = Math.imul(rotate((hash + Math.imul(word(bytes, at), p3)) | 0, 17), p4);
  }
  for (; at < bytes.length; at++) hash = Math.imul(rotate((hash + Math.imul(bytes[at] as number, p5)) | 0, 11), p1);
  hash = Math.imul(hash ^ (hash >>> 15), p2);
  hash = Math.imul(hash ^ (hash >>> 13), p3);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const mask = (1n << 64n) - 1n;
const q1 = 0x9e3779b185ebca87n;
const q2 = 0xc2b2ae3d27d4eb4fn;
const q3 = 0x165667b19e3779f9n;
const q4 = 0x85ebca77c2b2ae63n;
const q5 = 0x27d4eb2f165667c5n;

function rotate64(value: bigint, bits: bigint): bigint {
  return ((value << bits) | (value >> (64n - bits))) & mask;
}

function round64(lane: bigint, input: bigint): bigint {
  return (rotate64((lane + input * q2) & mask, 31n) * q1) & mask;
}

function merge64(hash: bigint, lane: bigint): bigint {
  return (((hash ^ round64(0n, lane)) & mask) * q1 + q4) & mask;
}

/** The low 32 bits of XXH64, which is what a zstd frame stores. */
export function xxh64Low(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const lanes = { at: 0, hash: q5 };
  if (bytes.length >= 32) stripes(bytes, lanes);
  let hash = (lanes.hash + BigInt(bytes.length)) & mask;
  let at = lanes.at;
  for (; at + 8 <= bytes.length; at += 8) {
    hash = (rotate64(hash ^ round64(0n, view.getBigUint64(at, true)), 27n) * q1 + q4) & mask;
  }
  if (at + 4 <= bytes.length) {
    hash = (rotate64(hash ^ ((BigInt(view.getUint32(at, true)) * q1) & mask), 23n) * q2 + q3) & mask;
    at += 4;
  }
  for (; at < bytes.length; at++) {
    hash = (rotate64(hash ^ ((BigInt(bytes[at] as number) * q5) & mask), 11n) * q1) & mask;
  }
  hash = ((hash ^ (hash >> 33n)) * q2) & mask;
  hash = ((hash ^ (hash >> 29n)) * q3) & mask;
  return Number((hash ^ (hash >> 32n)) & 0xffffffffn);
}

/** The four lanes over whole 32-byte stripes, in 32-bit halves: [low, high] of each lane side by side. */
function stripes(bytes: Uint8Array, out: { at: number; hash: bigint }): void {
  const lane = new Int32Array(8);
  const seeds = [(q1 + q2) & mask, q2, 0n, -q1 & mask];
  for (let i = 0; i < 4; i++) putHalves(lane, i, seeds[i] as bigint);
  let at = 0;
  for (; at + 32 <= bytes.length; at += 32) {
    for (let i = 0; i < 4; i++) stripe(lane, i * 2, bytes, at + i * 8);
  }
  const [a, b, c, d] = [getHalves(lane, 0), getHalves(lane, 1), getHalves(lane, 2), getHalves(lane, 3)];
  let hash = (rotate64(a, 1n) + rotate64(b, 7n) + rotate64(c, 12n) + rotate64(d, 18n)) & mask;
  for (const value of [a, b, c, d]) hash = merge64(hash, value);
  out.at = at;
  out.hash = hash;
}

function putHalves(lane: Int32Array, index: number, value: bigint): void {
  lane[index * 2] = Number(BigInt.asIntN(32, value));
  lane[index * 2 + 1] = Number(BigInt.asIntN(32, value >> 32n));
}

function getHalves(lane: Int32Array, index: number): bigint {
  return (
    ((BigInt(lane[index * 2 + 1] as number) & 0xffffffffn) << 32n) | (BigInt(lane[index * 2] as number) & 0xffffffffn)
  );
}

const q1Low = 0x85ebca87 | 0;
const q1High = 0x9e3779b1 | 0;
const q2Low = 0x27d4eb4f | 0;
const q2High = 0xc2b2ae3d | 0;

/** lane = rotate(lane + input · q2, 31) · q1, modulo 2^64. */
function stripe(lane: Int32Array, i: number, bytes: Uint8Array, at: number): void {
  const inLow = word(bytes, at);
  const inHigh = word(bytes, at + 4);
  const addLow = Math.imul(inLow, q2Low);
  const addHigh = (highProduct(inLow, q2Low) + Math.imul(inLow, q2High) + Math.imul(inHigh, q2Low)) | 0;
  const low = ((lane[i] as number) + addLow) | 0;
  const carry = low >>> 0 < addLow >>> 0 ? 1 : 0;
  const high = ((lane[i + 1] as number) + addHigh + carry) | 0;
  const turnedLow = (low << 31) | (high >>> 1);
  const turnedHigh = (high << 31) | (low >>> 1);
  lane[i] = Math.imul(turnedLow, q1Low);
  lane[i + 1] = (highProduct(turnedLow, q1Low) + Math.imul(turnedLow, q1High) + Math.imul(turnedHigh, q1Low)) | 0;
}

/** The upper 32 bits of the unsigned product of two 32-bit numbers. */
function highProduct(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const cross = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(cross / 65536)) | 0;
}
