// Grows one tree: depth first, or best split first where the leaves are counted. The nodes stand in the order in which
// scikit-learn numbers them. Source: DepthFirstTreeBuilder and BestFirstTreeBuilder in sklearn/tree/_tree.pyx.
import type { GrownTree, GrowthRules, GrowthTable } from "./growth-table.ts";
import { NodeRows } from "./node-rows.ts";
import { NodeTotals } from "./node-totals.ts";
import { SplitSearch } from "./split-search.ts";
import { TreeNodes } from "./tree-nodes.ts";
import { treeRows } from "./tree-rows.ts";

/** Impurities that are not more than this are none. */
const epsilon = Number.EPSILON;

/** An ordered column's order is kept up to date when at least one of so many columns is looked at a node. */
const keptShare = 8;

interface Segment {
  readonly start: number;
  readonly end: number;
  readonly depth: number;
  readonly parent: number;
  readonly isLeft: boolean;
  /** Columns that are constant in the parent. */
  readonly constants: number;
}

export function growTree(table: GrowthTable, rules: GrowthRules, seed: number): GrownTree {
  const grower = new Grower(table, rules, seed);
  if (rules.maxLeafNodes === Number.POSITIVE_INFINITY) grower.growDepthFirst();
  else grower.growBestFirst();
  return grower.nodes.finish(table.columnCount);
}

/** A node of the best-first order whose rows are divided already. */
interface OpenSplit {
  readonly node: number;
  readonly segment: Segment;
  readonly middle: number;
  readonly improvement: number;
  /** For its leaf, should it stay one. */
  readonly sums: Float64Array;
  readonly weight: number;
}

class Grower {
  readonly nodes: TreeNodes;
  readonly #rules: GrowthRules;
  readonly #rows: NodeRows;
  readonly #totals: NodeTotals;
  readonly #search: SplitSearch;
  readonly #rootWeight: number;

  constructor(table: GrowthTable, rules: GrowthRules, seed: number) {
    const rows = treeRows(table, rules, seed);
    this.#rules = rules;
    this.#rows = new NodeRows(table, rows, rules.maxFeatures * keptShare >= table.columnCount);
    this.#totals = new NodeTotals(table, rows, rules);
    this.#search = new SplitSearch(table, rules, { rows, nodeRows: this.#rows, totals: this.#totals });
    this.nodes = new TreeNodes(this.#totals.width);
    this.#totals.sum(this.#rows.samples, 0, rows.count);
    this.#rootWeight = this.#totals.weight;
  }

  growDepthFirst(): void {
    const open: Segment[] = [this.#root()];
    for (let segment = open.pop(); segment !== undefined; segment = open.pop()) {
      const { start, end, depth } = segment;
      const node = this.#open(segment);
      const split = this.#split(segment);
      if (split === null) {
        this.nodes.setLeaf(node, this.#totals.sums, this.#totals.weight);
        continue;
      }
      const { middle, constants } = split;
      this.nodes.setSplit(node, this.#search.column, this.#search.threshold);
      const child = { depth: depth + 1, parent: node, constants };
      open.push({ ...child, start: middle, end, isLeft: false });
      open.push({ ...child, start, end: middle, isLeft: true });
    }
  }

  growBestFirst(): void {
    const open: OpenSplit[] = [];
    let leaves = 1;
    this.#openBest(this.#root(), open);
    while (open.length > 0) {
      const best = takeBest(open);
      const { node, segment, middle } = best;
      if (leaves >= this.#rules.maxLeafNodes) {
        this.nodes.setSplit(node, -1, 0);
        this.nodes.setLeaf(node, best.sums, best.weight);
        continue;
      }
      leaves++;
      const child = { depth: segment.depth + 1, parent: node, constants: 0 };
      this.#openBest({ ...child, start: segment.start, end: middle, isLeft: true }, open);
      this.#openBest({ ...child, start: middle, end: segment.end, isLeft: false }, open);
    }
  }

  /** Makes the node, finds its split and divides its rows; a node without one is a leaf. */
  #openBest(segment: Segment, open: OpenSplit[]): void {
    const node = this.#open(segment);
    const { weight, impurity } = this.#totals;
    const sums = this.#totals.sums.slice();
    const split = this.#split(segment);
    if (split === null) {
      this.nodes.setLeaf(node, sums, weight);
      return;
    }
    this.nodes.setSplit(node, this.#search.column, this.#search.threshold);
    const improvement = this.#improvement(segment, split.middle, { weight, impurity });
    open.push({ node, segment, middle: split.middle, improvement, sums, weight });
  }

  #root(): Segment {
    return { start: 0, end: this.#rows.samples.length, depth: 0, parent: -1, isLeft: false, constants: 0 };
  }

  #open({ start, end, parent, isLeft }: Segment): number {
    const totals = this.#totals;
    totals.sum(this.#rows.samples, start, end);
    const node = this.nodes.add(totals.weight, totals.impurity);
    this.nodes.setChild(parent, isLeft, node);
    return node;
  }

  #isLeaf(size: number, depth: number): boolean {
    const { maxDepth, minSamplesSplit, minSamplesLeaf } = this.#rules;
    return depth >= maxDepth || size < minSamplesSplit || size < 2 * minSamplesLeaf;
  }

  /** Null: the node, whose sums `totals` holds, is a leaf; `totals` still holds them then. */
  #split({ start, end, depth, constants }: Segment): { readonly middle: number; readonly constants: number } | null {
    const { weight, impurity } = this.#totals;
    if (this.#isLeaf(end - start, depth) || impurity <= epsilon) return null;
    const found = this.#search.search(start, end, constants);
    const { column, threshold } = this.#search;
    if (column < 0) return null;
    const deep = !this.#isLeaf(end - start - this.#rules.minSamplesLeaf, depth + 1);
    const middle = this.#rows.divide({ start, end, column, threshold, deep });
    const { minImpurityDecrease } = this.#rules;
    // Also where nothing is asked for, a split that takes nothing away is none when rounding makes it less than nothing.
    if (minImpurityDecrease > 0 || this.#search.isFlat()) {
      const improvement = this.#improvement({ start, end }, middle, { weight, impurity });
      if (improvement + epsilon < minImpurityDecrease) {
        this.#totals.sum(this.#rows.samples, start, end);
        return null;
      }
    }
    return { middle, constants: found };
  }

  /** The impurity that a split takes away, weighted by the node's share of all rows. */
  #improvement(
    { start, end }: Pick<Segment, "start" | "end">,
    middle: number,
    { weight, impurity }: { readonly weight: number; readonly impurity: number },
  ): number {
    const totals = this.#totals;
    const { samples } = this.#rows;
    totals.sum(samples, start, middle);
    const left = (totals.weight / weight) * totals.impurity;
    totals.sum(samples, middle, end);
    const right = (totals.weight / weight) * totals.impurity;
    return (weight / this.#rootWeight) * (impurity - right - left);
  }
}

function takeBest(open: OpenSplit[]): OpenSplit {
  let best = 0;
  for (let at = 1; at < open.length; at++) if (open[at].improvement > open[best].improvement) best = at;
  const [taken] = open.splice(best, 1);
  return taken;
}
