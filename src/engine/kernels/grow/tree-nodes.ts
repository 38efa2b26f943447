// The nodes of a tree as they are made, in arrays that double.
import type { GrownTree } from "./growth-table.ts";

export class TreeNodes {
  count = 0;
  #leafCount = 0;
  #feature = new Int32Array(64);
  #threshold = new Float64Array(64);
  #left = new Int32Array(64);
  #right = new Int32Array(64);
  #cover = new Float64Array(64);
  #impurity = new Float64Array(64);
  #leaves = new Float64Array(64);
  readonly #leafWidth: number;

  constructor(leafWidth: number) {
    this.#leafWidth = leafWidth;
  }

  /** A node that is no split yet. */
  add(cover: number, impurity: number): number {
    const node = this.count++;
    if (node === this.#feature.length) this.#grow();
    this.#feature[node] = -1;
    this.#left[node] = -1;
    this.#right[node] = -1;
    this.#cover[node] = cover;
    this.#impurity[node] = impurity;
    return node;
  }

  /** `sums`: what the node's rows sum to; a leaf answers them divided by its weight. */
  setLeaf(node: number, sums: Float64Array, weight: number): void {
    const width = this.#leafWidth;
    const at = this.#leafCount * width;
    if (at + width > this.#leaves.length) this.#leaves = larger(this.#leaves, Math.max(at + width, at * 2));
    this.#left[node] = this.#leafCount++;
    for (let each = 0; each < width; each++) this.#leaves[at + each] = sums[each] / weight;
  }

  setSplit(node: number, column: number, threshold: number): void {
    this.#feature[node] = column;
    this.#threshold[node] = threshold;
  }

  setChild(parent: number, isLeft: boolean, node: number): void {
    if (parent < 0) return;
    if (isLeft) this.#left[parent] = node;
    else this.#right[parent] = node;
  }

  finish(columnCount: number): GrownTree {
    const { count } = this;
    const tree = {
      feature: this.#feature.slice(0, count),
      threshold: this.#threshold.slice(0, count),
      left: this.#left.slice(0, count),
      right: this.#right.slice(0, count),
      cover: this.#cover.slice(0, count),
      impurity: this.#impurity.slice(0, count),
      leaves: this.#leaves.slice(0, this.#leafCount * this.#leafWidth),
    };
    return { ...tree, importances: importances(tree, columnCount) };
  }

  #grow(): void {
    const size = this.count * 2;
    this.#feature = largerInts(this.#feature, size);
    this.#threshold = larger(this.#threshold, size);
    this.#left = largerInts(this.#left, size);
    this.#right = largerInts(this.#right, size);
    this.#cover = larger(this.#cover, size);
    this.#impurity = larger(this.#impurity, size);
  }
}

/** The impurity that each column's splits took away, as shares. Source: `compute_feature_importances` in sklearn/tree/_tree.pyx. */
function importances(tree: Omit<GrownTree, "importances">, columnCount: number): Float64Array {
  const { feature, left, right, cover, impurity } = tree;
  const gains = new Float64Array(columnCount);
  let total = 0;
  for (let node = 0; node < feature.length; node++) {
    if (feature[node] < 0) continue;
    const [low, high] = [left[node], right[node]];
    const gain = (cover[node] * impurity[node] - cover[low] * impurity[low] - cover[high] * impurity[high]) / cover[0];
    gains[feature[node]] += gain;
    total += gain;
  }
  if (total > 0) for (let column = 0; column < columnCount; column++) gains[column] /= total;
  return gains;
}

function larger(values: Float64Array<ArrayBuffer>, size: number): Float64Array<ArrayBuffer> {
  const copy = new Float64Array(size);
  copy.set(values);
  return copy;
}

function largerInts(values: Int32Array<ArrayBuffer>, size: number): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(size);
  copy.set(values);
  return copy;
}
