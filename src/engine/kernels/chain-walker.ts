// Sparse rows of indicators, never written out in full: only the numbers and which indicators are set. Rows that do not
// qualify (packed-chain.ts says which do) are left to the other walker.

import type { NodeWalker, SparseRow } from "./node-walker.ts";
import { chainHitsAt, chainRole, maxHits, type PackedChain, unsetIndicator } from "./packed-chain.ts";
import type { PackedForest } from "./packed-forest.ts";
import { columnValue, firstColumns, type Numbers, type SparseRows } from "./row-writer.ts";
import { rowMultiple, type Walk } from "./walk-shape.ts";
import type { WalkSpace } from "./walk-space.ts";

/** The longest row that a chain is walked with. */
export function chainRowBytes({ numbers }: PackedChain): number {
  return chainHitsAt(numbers) + 16 * maxHits;
}

/** Entries `from` to `to` of a row. */
interface Entries {
  readonly columns: Int32Array;
  readonly values: Numbers;
  from: number;
  to: number;
}

/** Lanes of this walk hold much; more of them would spill. Divides every group size of a table. */
const treesAtOnce = 8;
/** A chain is larger than the nodes; one row alone pays for that as soon as it no longer lies in the cache. */
const mostBytesForOneRow = 4 * 2 ** 20;
const unsetPair = unsetIndicator | (unsetIndicator << 16);

export class ChainWalker {
  readonly #packed: PackedForest;
  readonly #chain: PackedChain;
  readonly #space: WalkSpace;
  readonly #others: NodeWalker;
  readonly #first: Int32Array;
  readonly #words: Int32Array;
  readonly #floats: Float32Array;
  /** How many indicators a row has room for; grows with the rows that come. */
  #hits = 1;
  #walk: Walk;
  /** Of each row of a block: how many indicators it sets, -1 where it does not qualify. */
  readonly #hitCounts: Int8Array;

  constructor(packed: PackedForest, chain: PackedChain, { space, others }: { space: WalkSpace; others: NodeWalker }) {
    this.#packed = packed;
    this.#chain = chain;
    this.#space = space;
    this.#others = others;
    this.#first = firstColumns(packed.columns, packed.row.width);
    this.#words = new Int32Array(space.buffer);
    this.#floats = new Float32Array(space.buffer);
    this.#hitCounts = new Int8Array(space.blockRows(this.#stride()));
    this.#walk = this.#openWalk();
  }

  predictSparse(rows: SparseRows, out: Numbers): void {
    const block = this.#space.blockRows(chainRowBytes(this.#chain));
    const entries = { columns: rows.indices, values: rows.data, from: 0, to: 0 };
    for (let from = 0; from < rows.rowCount; from += block) {
      const count = Math.min(block, rows.rowCount - from);
      if (this.#survey(rows, entries, { from, count }) * 4 > count) {
        this.#others.predictSparse(rows, out, { from, count });
        continue;
      }
      this.#writeBlock(rows, entries, { from, count });
      this.#walkBlock(count, from, out);
      this.#answerOthers(rows, out, { from, count });
    }
  }

  predictSparseRow(row: SparseRow, out: Numbers): void {
    const entries = { columns: row.columns, values: row.values, from: 0, to: row.length };
    const isLarge = this.#packed.bytes.length - this.#chain.tableAt > mostBytesForOneRow;
    const hits = isLarge ? -1 : this.#countHits(entries);
    if (hits < 0) {
      this.#others.predictSparseRow(row, out, 0);
      return;
    }
    this.#makeRoom(hits);
    this.#writeRow(entries, this.#space.rowsAt / 4);
    this.#others.rowsWereUsed();
    const { trees, base } = this.#packed;
    const { sums, rowsAt, sumsAt } = this.#space;
    for (let output = 0; output < base.length; output++) sums[output] = base[output];
    this.#walk.single(rowsAt, sumsAt, this.#chain.tableAt, Math.ceil(trees / treesAtOnce));
    for (let output = 0; output < base.length; output++) out[output] = sums[output];
  }

  #stride(): number {
    return chainHitsAt(this.#chain.numbers) + 16 * this.#hits;
  }

  #openWalk(): Walk {
    const { comparison, sum, base, leafWidth } = this.#packed;
    return this.#space.walkFor({
      kind: "chain",
      hitsAt: chainHitsAt(this.#chain.numbers),
      hits: this.#hits,
      comparison,
      stride: this.#stride(),
      sum,
      outputs: base.length,
      leafWidth,
      batchLanes: 8,
      groupSize: treesAtOnce,
    });
  }

  #makeRoom(hits: number): void {
    if (hits <= this.#hits) return;
    this.#hits = hits;
    this.#walk = this.#openWalk();
  }

  /** Counts the rows that do not qualify, and makes room for the others' indicators. */
  #survey({ indptr }: SparseRows, entries: Entries, { from, count }: { from: number; count: number }): number {
    let unfit = 0;
    let most = 0;
    for (let row = 0; row < count; row++) {
      entries.from = indptr[from + row];
      entries.to = indptr[from + row + 1];
      const hits = this.#countHits(entries);
      this.#hitCounts[row] = hits;
      if (hits < 0) unfit++;
      else if (hits > most) most = hits;
    }
    this.#makeRoom(most);
    return unfit;
  }

  /** -1 where the row does not qualify. */
  #countHits({ columns, values, from, to }: Entries): number {
    const { role } = this.#chain;
    const { source } = this.#packed.columns;
    let hits = 0;
    let before = -1;
    for (let k = from; k < to; k++) {
      const feature = columns[k];
      // A column that came before, or that may come again: the last one counts.
      if (feature <= before) return -1;
      before = feature;
      const first = this.#first[feature];
      if (first < 0) continue;
      const value = Math.fround(values[k]);
      for (let column = first; source[column] === feature; column++) {
        if (role[column] !== chainRole.indicator || value <= 0) continue;
        if (!(value >= 1)) return -1;
        hits++;
      }
    }
    return hits <= maxHits ? hits : -1;
  }

  #writeBlock({ indptr }: SparseRows, entries: Entries, { from, count }: { from: number; count: number }): void {
    const step = this.#stride() / 4;
    const rowsAt = this.#space.rowsAt / 4;
    this.#others.rowsWereUsed();
    for (let row = 0; row < count; row++) {
      entries.from = indptr[from + row];
      entries.to = this.#hitCounts[row] < 0 ? entries.from : indptr[from + row + 1];
      this.#writeRow(entries, rowsAt + row * step);
    }
  }

  /** `at` is in words. */
  #writeRow({ columns, values, from, to }: Entries, at: number): void {
    const { role, place, numbers } = this.#chain;
    const { source, kind } = this.#packed.columns;
    const words = this.#words;
    const hitsAt = at + chainHitsAt(numbers) / 4;
    let hit = hitsAt;
    for (let word = at; word < hitsAt; word++) words[word] = 0;
    for (let k = from; k < to; k++) {
      const feature = columns[k];
      const first = this.#first[feature];
      if (first < 0) continue;
      for (let column = first; source[column] === feature; column++) {
        if (role[column] === chainRole.number) this.#floats[at + place[column]] = columnValue(kind[column], values[k]);
        else if (role[column] === chainRole.indicator && Math.fround(values[k]) >= 1) {
          const pair = place[column] | (place[column] << 16);
          words[hit] = words[hit + 1] = words[hit + 2] = words[hit + 3] = pair;
          hit += 4;
        }
      }
    }
    for (const end = hitsAt + 4 * this.#hits; hit < end; hit++) words[hit] = unsetPair;
  }

  #walkBlock(count: number, from: number, out: Numbers): void {
    const { trees, base } = this.#packed;
    const { tableAt, scanRows } = this.#chain;
    const { startSums, sums, rowsAt, sumsAt } = this.#space;
    startSums(count);
    const rowsEnd = rowsAt + Math.ceil(count / rowMultiple) * rowMultiple * this.#stride();
    // Lanes beyond `count` walk over what an earlier block left there: any numbers end at some leaf.
    this.#walk.batch(rowsAt, rowsEnd, sumsAt, tableAt, trees, count >= scanRows ? 1 : 0);
    out.set(sums.subarray(0, count * base.length), from * base.length);
  }

  #answerOthers(
    { indptr, indices, data }: SparseRows,
    out: Numbers,
    { from, count }: { from: number; count: number },
  ): void {
    for (let row = 0; row < count; row++) {
      if (this.#hitCounts[row] >= 0) continue;
      const start = indptr[from + row];
      const end = indptr[from + row + 1];
      const entries = { columns: indices.subarray(start, end), values: data.subarray(start, end), length: end - start };
      this.#others.predictSparseRow(entries, out, (from + row) * this.#packed.base.length);
    }
  }
}
