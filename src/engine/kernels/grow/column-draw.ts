// Which columns a node looks at, in which order: drawn without replacement, those that are constant in the node set aside and
// remembered for the nodes below. At least one that varies is looked at, where there is one.
// Source: node_split_best in sklearn/tree/_splitter.pyx.
import type { SplitRandom } from "./numpy-random.ts";

/** Looks at the column; false when it is constant in the node. */
export type LookAtColumn = (column: number) => boolean;

export class ColumnDraw {
  readonly #columns: Int32Array;
  readonly #constant: Int32Array;
  readonly #random: SplitRandom;
  readonly #most: number;

  constructor(columnCount: number, most: number, random: SplitRandom) {
    this.#columns = Int32Array.from({ length: columnCount }, (_, column) => column);
    this.#constant = new Int32Array(columnCount);
    this.#random = random;
    this.#most = most;
  }

  /** `known`: how many columns are constant in the parent; answers how many are in this node. */
  visit(known: number, look: LookAtColumn): number {
    const columns = this.#columns;
    let open = columns.length;
    let visited = 0;
    let found = 0;
    let drawn = 0;
    let total = known;
    while (open > total && (visited < this.#most || visited <= found + drawn)) {
      visited++;
      let at = this.#random.between(drawn, open - found);
      if (at < known) {
        swap(columns, drawn, at);
        drawn++;
        continue;
      }
      at += found;
      if (look(columns[at])) {
        open--;
        swap(columns, open, at);
      } else {
        swap(columns, at, total);
        found++;
        total++;
      }
    }
    for (let at = 0; at < known; at++) columns[at] = this.#constant[at];
    for (let at = known; at < total; at++) this.#constant[at] = columns[at];
    return total;
  }
}

function swap(values: Int32Array, a: number, b: number): void {
  const value = values[a];
  values[a] = values[b];
  values[b] = value;
}
