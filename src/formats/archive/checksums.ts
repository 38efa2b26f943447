// CRC-32 (gzip, zip, xz), Adler-32 (zlib) and CRC-64 (xz) of a run of bytes.

const crcTable = /* @__PURE__ */ makeCrcTable();

function makeCrcTable(): Uint32Array {
  const table = new Uint32Array(256);
  for (let n = 0; n < 256; n++) {
    let c = n;
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
    table[n] = c;
  }
  return table;
}

/** CRC-32 of `bytes`; `previous` continues the checksum of the bytes before them. */
export function crc32(bytes: Uint8Array, previous = 0): number {
  let c = ~previous;
  for (let i = 0; i < bytes.length; i++) {
    c = (crcTable[(c ^ (bytes[i] as number)) & 255] as number) ^ (c >>> 8);
  }
  return ~c >>> 0;
}

/** Sums stay below 2^32 for 3,800 bytes, so the remainder is taken once a stretch. */
const adlerStretch = 3800;

export function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (let start = 0; start < bytes.length; start += adlerStretch) {
    const end = Math.min(start + adlerStretch, bytes.length);
    for (let i = start; i < end; i++) {
      a += bytes[i] as number;
      b += a;
    }
    a %= 65521;
    b %= 65521;
  }
  return b * 65536 + a;
}

/** CRC-64 as two 32-bit halves. */
export interface Crc64 {
  readonly low: number;
  readonly high: number;
}

interface Crc64Tables {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
}

const crc64Tables = /* @__PURE__ */ makeCrc64Tables();

/** The reflected ECMA-182 polynomial 0xC96C5795D7870F42. */
function makeCrc64Tables(): Crc64Tables {
  const low = new Uint32Array(256);
  const high = new Uint32Array(256);
  for (let n = 0; n < 256; n++) {
    let l = n;
    let h = 0;
    for (let bit = 0; bit < 8; bit++) {
      const odd = l & 1;
      l = (l >>> 1) | (h << 31);
      h >>>= 1;
      if (odd) {
        l ^= 0xd7870f42;
        h ^= 0xc96c5795;
      }
    }
    low[n] = l;
    high[n] = h;
  }
  return { low, high };
}

export function crc64(bytes: Uint8Array): Crc64 {
  const { low, high } = crc64Tables;
  let l = 0xffffffff | 0;
  let h = 0xffffffff | 0;
  for (let i = 0; i < bytes.length; i++) {
    const row = (l ^ (bytes[i] as number)) & 255;
    l = ((l >>> 8) | (h << 24)) ^ (low[row] as number);
    h = (h >>> 8) ^ (high[row] as number);
  }
  return { low: ~l >>> 0, high: ~h >>> 0 };
}
