// Which rows of a column have a value: Arrow's bits, the lowest first.

export class Validity {
  readonly bits: Uint8Array;
  readonly #rows: number;
  #valid = 0;

  constructor(rows: number) {
    this.#rows = rows;
    this.bits = new Uint8Array(Math.ceil(rows / 8));
  }

  set(place: number): void {
    this.bits[place >> 3]! |= 1 << (place & 7);
    this.#valid++;
  }

  get nullCount(): number {
    return this.#rows - this.#valid;
  }
}
