// Which part of the traffic a key belongs to: the same key always the same part, in every process.

/**
 * Whether the key lies in the first `share` of all keys. Who is in at 0.1 is still in at 0.2: a share that grows moves nobody back.
 */
export function isInShare(key: string, share: number): boolean {
  return stickyFraction(key) < share;
}

/**
 * A number from 0 to 1 that only depends on the text: FNV-1a over its UTF-16 code units (draft-eastlake-fnv, 32 bits), then the
 * finalizer of MurmurHash3, since FNV alone leaves the high bits of short texts alike.
 */
export function stickyFraction(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index++) {
    const unit = key.charCodeAt(index);
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193);
    hash = Math.imul(hash ^ (unit >>> 8), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
