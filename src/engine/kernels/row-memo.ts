// Rows whose numbers lie between the same thresholds of a forest reach the same leaf of every tree, so their sums are the same bits.
// A memo of bounded size keeps the sums of such classes: of rides between the same zones over nearly the same distance only the
// first is walked. Where rows are all different it notices, and stands aside.
import type { Numbers } from "./row-writer.ts";
import type { Thresholds } from "./thresholds.ts";

/** What a memo may take. */
const memoBytes = 16 * 2 ** 20;
/** Rows of more numbers that a tree asks for are not remembered. */
const mostEntries = 8;
/** After so many rows the memo is asked whether it was worth it: it knows little in the beginning. */
const trialRows = 2 ** 17;
/** And for so many it stands aside when it was not. */
const restRows = 2 ** 20;
/** A row is looked up in the time in which it walks some trees. */
const treesPerLook = 6;

export interface MemoOptions {
  readonly thresholds: Thresholds;
  readonly trees: number;
  readonly outputs: number;
  /** Entries of a row at the most; longer rows are not remembered. */
  readonly entries: number;
}

/** Ascending columns, and their values. */
export interface MemoRow {
  readonly columns: Int32Array;
  readonly values: Numbers;
  readonly length: number;
}

/** States of a place: nothing, sums, or minus one minus the position of a row whose sums are still to come. */
const empty = 0;
const kept = 1;

export class RowMemo {
  readonly #trees: number;
  readonly #outputs: number;
  readonly #thresholds: Thresholds;
  readonly #key: Int32Array;
  readonly #keys: Int32Array;
  readonly #states: Int32Array;
  readonly #sums: Float64Array;
  /** Of each row whose sums are still to come: its place, -1 where it is not remembered. */
  #places: Int32Array = new Int32Array(4096);
  #asked = 0;
  #known = 0;
  #restsFor = 0;

  constructor({ thresholds, trees, outputs, entries }: MemoOptions) {
    this.#trees = trees;
    this.#outputs = outputs;
    this.#thresholds = thresholds;
    this.#key = new Int32Array(Math.max(1, Math.min(entries, mostEntries)));
    const places = 2 ** Math.floor(Math.log2(memoBytes / (4 * this.#key.length + 4 + 8 * outputs)));
    this.#keys = new Int32Array(places * this.#key.length);
    this.#states = new Int32Array(places);
    this.#sums = new Float64Array(places * outputs);
  }

  /** Whether the next `rows` rows are to be looked up. */
  isWorthIt(rows: number): boolean {
    if (this.#restsFor > 0) {
      this.#restsFor -= rows;
      return false;
    }
    if (this.#asked < trialRows) return true;
    if (this.#known * this.#trees < this.#asked * treesPerLook) this.#restsFor = restRows;
    this.#asked = 0;
    this.#known = 0;
    return this.#restsFor <= 0;
  }

  /**
   * @param position which of the rows to be walked this will be if nothing is known of it
   * @returns its place (0 or more), or minus one minus the position of the row that is walked for it, perhaps itself
   */
  look(row: MemoRow, position: number): number {
    if (position >= this.#places.length) this.#makeRoom(2 * position);
    this.#asked++;
    const hash = this.#readKey(row);
    if (hash < 0) {
      this.#places[position] = -1;
      return -1 - position;
    }
    const place = hash & (this.#states.length - 1);
    const state = this.#states[place];
    const first = place * this.#key.length;
    if (state !== empty && this.#isSame(first)) {
      this.#known++;
      return state === kept ? place : state;
    }
    for (let at = 0; at < this.#key.length; at++) this.#keys[first + at] = this.#key[at];
    this.#states[place] = -1 - position;
    this.#places[position] = place;
    return -1 - position;
  }

  /** The sums at a place, as row `row` of `out`. */
  read(place: number, out: Numbers, row: number): void {
    const outputs = this.#outputs;
    for (let output = 0; output < outputs; output++) out[row * outputs + output] = this.#sums[place * outputs + output];
  }

  /** Takes the sums of the `count` rows that were walked since. */
  keep(sums: Numbers, count: number): void {
    const outputs = this.#outputs;
    for (let position = 0; position < count; position++) {
      // Of rows that took the same place the last one is there.
      const place = this.#places[position];
      if (place < 0) continue;
      this.#states[place] = kept;
      for (let output = 0; output < outputs; output++) {
        this.#sums[place * outputs + output] = sums[position * outputs + output];
      }
    }
  }

  /** Knows nothing any more: sums that were to come will not. */
  forget(): void {
    this.#states.fill(empty);
  }

  /**
   * Ranks of the numbers that trees ask for, but for those that an entry that is not there would have.
   * @returns a hash; -1: there are too many, or one is not finite
   */
  #readKey({ columns, values, length }: MemoRow): number {
    const key = this.#key;
    let at = 0;
    let hash = 0;
    for (let entry = 0; entry < length; entry++) {
      if (!Number.isFinite(values[entry])) return -1;
      const rank = this.#thresholds.rankOf(columns[entry], values[entry]);
      if (rank < 0) continue;
      if (at === key.length) return -1;
      key[at++] = rank;
      hash = Math.imul(hash ^ rank, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    // No rank is -1.
    while (at < key.length) key[at++] = -1;
    return hash & 0x7fffffff;
  }

  #isSame(first: number): boolean {
    const key = this.#key;
    for (let at = 0; at < key.length; at++) if (this.#keys[first + at] !== key[at]) return false;
    return true;
  }

  #makeRoom(rows: number): void {
    const places = new Int32Array(rows);
    places.set(this.#places);
    this.#places = places;
  }
}
