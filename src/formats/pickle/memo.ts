// What a stream remembers by number. Picklers count from 0 up, which an array serves fastest; any other index, such as
// a hostile 4294967295, goes to a Map, so that no index can make the array grow by more than one.
import type { PyValue } from "./tree.ts";

export class Memo {
  readonly #dense: PyValue[] = [];
  readonly #sparse: Map<number, PyValue> = new Map();

  /** How many entries there are; MEMOIZE writes at this index. */
  get size(): number {
    return this.#dense.length + this.#sparse.size;
  }

  get(index: number): PyValue | undefined {
    return index < this.#dense.length ? this.#dense[index] : this.#sparse.get(index);
  }

  /** Says whether the entry is new. */
  set(index: number, value: PyValue): boolean {
    const dense = this.#dense;
    if (index < dense.length) {
      dense[index] = value;
      return false;
    }
    if (index > dense.length) {
      const known = this.#sparse.has(index);
      this.#sparse.set(index, value);
      return !known;
    }
    dense.push(value);
    return this.#sparse.size === 0 || !this.#sparse.delete(index);
  }
}
