// A histogram of latencies whose buckets grow by one per cent, from a microsecond to some minutes.

const growth = Math.log(1.01);
const buckets = 2048;

export class Latencies {
  readonly #counts = new Uint32Array(buckets);
  #total = 0;

  get total(): number {
    return this.#total;
  }

  addMs(ms: number): void {
    const bucket = Math.ceil(Math.log(Math.max(1, ms * 1000)) / growth);
    this.#counts[Math.min(buckets - 1, bucket)]! += 1;
    this.#total++;
  }

  /** What a share of the latencies did not exceed, in ms: the upper end of its bucket. NaN when there are none. */
  quantileMs(share: number): number {
    let left = Math.max(1, Math.ceil(this.#total * share));
    for (let bucket = 0; bucket < buckets; bucket++) {
      left -= this.#counts[bucket]!;
      if (left <= 0) return Math.exp(bucket * growth) / 1000;
    }
    return Number.NaN;
  }
}
