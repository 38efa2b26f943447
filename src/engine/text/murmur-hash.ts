// MurmurHash3 x86 32 of a string's UTF-8 bytes, seed 0. Source: Austin Appleby's MurmurHash3.cpp (public domain).

const encoder = new TextEncoder();

/** A signed 32-bit number; undefined for a lone surrogate, which has no UTF-8. */
export function murmurHash(text: string): number | undefined {
  if (!text.isWellFormed()) return undefined;
  return hashBytes(encoder.encode(text));
}

function hashBytes(bytes: Uint8Array): number {
  const blocks = bytes.length & ~3;
  let hash = 0;
  for (let at = 0; at < blocks; at += 4) {
    const block =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    hash ^= mixed(block);
    hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64;
  }
  let rest = 0;
  for (let at = bytes.length - 1; at >= blocks; at--) rest = (rest << 8) | (bytes[at] as number);
  if (bytes.length > blocks) hash ^= mixed(rest);
  hash ^= bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function mixed(block: number): number {
  const once = Math.imul(block, 0xcc9e2d51);
  return Math.imul((once << 15) | (once >>> 17), 0x1b873593);
}

/** The column of a hash, as scikit-learn has it for the one number without a positive twin. */
export function hashColumn(hash: number, width: number): number {
  return hash === -0x80000000 ? (0x7fffffff - (width - 1)) % width : Math.abs(hash) % width;
}
