// When reading a tree from end to end before its rows walk it pays: the forest is larger than a core's own cache, and the
// rows would touch a good part of the tree's lines anyway, each of them waiting.

/** What a core's own cache holds: walks in so many bytes need no help. */
export const cachedBytes: number = 2 * 2 ** 20;

export interface ScanCost {
  /** Of all trees. */
  readonly bytes: number;
  readonly trees: number;
  /** Lines that a row touches in a tree. */
  readonly steps: number;
}

/** From how many rows on; infinite where never. */
export function scanRowsOf({ bytes, trees, steps }: ScanCost): number {
  if (bytes <= cachedBytes) return Infinity;
  return Math.ceil((0.3 * bytes) / Math.max(1, trees) / (64 * Math.max(1, steps)));
}
