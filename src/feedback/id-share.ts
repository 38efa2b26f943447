// Which predictions are sampled: the same id always the same decision, in every process, so that champion and shadow are sampled alike.

/**
 * FNV-1a over the id's UTF-16 code units (draft-eastlake-fnv, 32 bits), then the finalizer of MurmurHash3, since ids of one
 * call differ in their last characters only.
 */
export function isSampled(id: string, share: number): boolean {
  if (share >= 1) return true;
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index++) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32 < share;
}
