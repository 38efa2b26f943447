// The random numbers of numpy's RandomState and of scikit-learn's splitter, so that a seed draws the same rows and columns as there.
// Source: M. Matsumoto and T. Nishimura, "Mersenne Twister", ACM TOMACS 8 (1998); G. Marsaglia, "Xorshift RNGs", Journal of
// Statistical Software 8 (2003).

const size = 624;
const shift = 397;

export class NumpyRandom {
  readonly #state = new Uint32Array(size);
  #at = size;

  /** `seed`: a whole number from 0 to 2^32 − 1. */
  constructor(seed: number) {
    const state = this.#state;
    state[0] = seed;
    for (let i = 1; i < size; i++) {
      const before = state[i - 1] ^ (state[i - 1] >>> 30);
      state[i] = Math.imul(before, 1812433253) + i;
    }
  }

  /** A whole number from 0 to `max`, which is below 2^32: masked bits, drawn again while they are too large. */
  upTo(max: number): number {
    if (max === 0) return 0;
    const mask = 0xffffffff >>> Math.clz32(max);
    let value = (this.#next() & mask) >>> 0;
    while (value > max) value = (this.#next() & mask) >>> 0;
    return value;
  }

  #next(): number {
    if (this.#at === size) this.#refill();
    let y = this.#state[this.#at++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  #refill(): void {
    const state = this.#state;
    for (let i = 0; i < size; i++) {
      const y = (state[i] & 0x80000000) | (state[(i + 1) % size] & 0x7fffffff);
      state[i] = state[(i + shift) % size] ^ (y >>> 1) ^ ((y & 1) === 0 ? 0 : 0x9908b0df);
    }
    this.#at = 0;
  }
}

/** numpy's `randint(2^31 − 1)`: what a forest seeds its trees with, one after the other. */
export const maxTreeSeed: number = 2 ** 31 - 2;

/** The splitter's generator: 32 bits of state, numbers of 31 bits. */
export class SplitRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed === 0 ? 1 : seed;
  }

  /** A whole number from `low` up to but not `high`. */
  between(low: number, high: number): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return low + ((state & 0x7fffffff) % (high - low));
  }
}
