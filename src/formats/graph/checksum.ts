// A checksum of bytes that lie in memory in whole words: four lanes, as xxHash mixes them, so that it runs at memory's pace. A
// change within one word is always found, any other but for one time in 2^32. It says nothing about who wrote the bytes.

/** `bytes` begins at a multiple of 4 in its buffer. */
export function checksum(bytes: Uint8Array): number {
  const count = bytes.byteLength >>> 2;
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, count);
  let a = 0x24234428;
  let b = 0x85ebca77;
  let c = bytes.byteLength | 0;
  let d = 0x61c8864f;
  let at = 0;
  for (; at + 4 <= count; at += 4) {
    a = mix(a, words[at] as number);
    b = mix(b, words[at + 1] as number);
    c = mix(c, words[at + 2] as number);
    d = mix(d, words[at + 3] as number);
  }
  for (; at < count; at++) a = mix(a, words[at] as number);
  for (let byte = count * 4; byte < bytes.byteLength; byte++) b = mix(b, bytes[byte] as number);
  let hash = (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0;
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca77);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae3d);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function mix(lane: number, word: number): number {
  return Math.imul(rotate((lane + Math.imul(word, 0x85ebca77)) | 0, 13), 0x9e3779b1);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
