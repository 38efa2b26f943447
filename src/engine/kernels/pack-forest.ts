// Packs a forest's arrays into the bytes of packed-forest.ts.
import type { ForestArrays, RowShape } from "./forest-arrays.ts";
import { packChain } from "./pack-chain.ts";
import { planSplits, type SplitPlan } from "./pack-columns.ts";
import { type NodePlaces, orderTree, type TreeOrder } from "./pack-order.ts";
import {
  entry,
  type NodeLayout,
  nodeBytes,
  type PackedForest,
  sinkBytes,
  sumBytes,
  tableEntries,
  tableEntryBytes,
  tableEntryWords,
  toLine,
} from "./packed-forest.ts";
import { cachedBytes, scanRowsOf } from "./scan-rule.ts";

/** A leaf's number must fit a float32 NaN's payload. */
const nearLeaves = 2 ** 22;
/** Rows and sums need room below 4 GiB, too. */
const maxBytes = 3.5 * 2 ** 30;

interface Placing {
  readonly layout: NodeLayout;
  readonly columnBits: number;
  readonly orders: readonly TreeOrder[];
  readonly places: NodePlaces;
  readonly roots: readonly number[];
  readonly groupSize: 8 | 16;
  /** The leaf of the trees that fill up the table. */
  readonly neutralAt: number;
  readonly tableAt: number;
  /** Where the words of sets begin. */
  readonly setsAt: number;
  readonly end: number;
}

/** Makes the zeroed bytes, from the first byte of a buffer of whole words, that a forest is packed into. */
export type MakeBytes = (length: number) => Uint8Array;

/** Null: the forest does not fit into 32-bit addresses. */
export function packForest(
  forest: ForestArrays,
  row: RowShape,
  makeBytes: MakeBytes = (length) => new Uint8Array(length),
): PackedForest | null {
  const plan = planSplits(forest, row);
  const placing = placeTrees(forest, plan, row);
  if (placing.end > maxBytes) return null;
  const trees = placing.orders.length;
  const { tableAt, groupSize } = placing;
  const steps = placing.orders.reduce((sum, order) => sum + order.meanDepth, 0) / Math.max(1, trees);
  const chain = hasSets(forest)
    ? null
    : packChain(forest, plan, { row, startAt: placing.end, groupSize, meanDepth: steps });
  const bytes = makeBytes(chain?.endAt ?? placing.end);
  for (let tree = 0; tree < trees; tree++) {
    writeNodes(bytes.buffer, tree, { forest, plan, placing });
    writeLeaves(bytes.buffer, tree, { forest, plan, placing });
  }
  writeTable(bytes.buffer, forest, placing);
  writeSets(bytes.buffer, forest, { swapped: plan.swapped, setsAt: placing.setsAt });
  chain?.write(bytes.buffer);
  return {
    bytes,
    layout: placing.layout,
    columnBits: placing.columnBits,
    comparison: plan.comparison,
    row,
    columns: plan.columns,
    trees,
    groupSize,
    tableAt,
    sum: forest.sum,
    leafWidth: forest.leafWidth,
    base: forest.base,
    scanRows: scanRowsOf({ bytes: tableAt, trees, steps }),
    chain: chain?.packed ?? null,
  };
}

function hasSets({ sets }: ForestArrays): boolean {
  return sets !== undefined && sets !== null;
}

function placeTrees(forest: ForestArrays, plan: SplitPlan, row: RowShape): Placing {
  const trees = forest.roots.length - 1;
  const nodes = forest.feature.length;
  const places = { swapped: plan.swapped, slot: new Int32Array(nodes), leaf: new Int32Array(nodes) };
  const orders = Array.from({ length: trees }, (_, tree) => orderTree(forest, tree, places));
  const longestDelta = orders.reduce((longest, order) => Math.max(longest, order.longestDelta), 0);
  const mostLeaves = orders.reduce((most, order) => Math.max(most, order.leaves), 0);
  const columnBits = Math.max(8, Math.ceil(Math.log2(4 * Math.max(1, plan.columns.source.length))));
  const fits = columnBits < 31 && longestDelta < 2 ** (32 - columnBits) && mostLeaves <= nearLeaves;
  const layout = hasSets(forest) ? "sets" : row.number === "f64" ? "double" : fits ? "near" : "far";
  const roots: number[] = [];
  let at = sinkBytes;
  for (const { slots, leaves } of orders) {
    roots.push(at);
    at = toLine(at + slots * nodeBytes(layout) + leaves * forest.leafWidth * 8);
  }
  const groupSize = at > cachedBytes ? 16 : 8;
  const neutralAt = at;
  const tableAt = toLine(neutralAt + 2 * nodeBytes(layout) + forest.leafWidth * 8);
  const setsAt = toLine(tableAt + tableEntries(trees, groupSize) * tableEntryBytes);
  const end = toLine(setsAt + (forest.sets?.words.length ?? 0) * 4);
  return { layout, columnBits, orders, places, roots, groupSize, neutralAt, tableAt, setsAt, end };
}

interface TreeParts {
  readonly forest: ForestArrays;
  readonly plan: SplitPlan;
  readonly placing: Placing;
}

function writeNodes(buffer: ArrayBufferLike, tree: number, { forest, plan, placing }: TreeParts): void {
  const { layout, columnBits } = placing;
  const { slot } = placing.places;
  const words = new Uint32Array(buffer);
  const floats = new Float32Array(buffer);
  const doubles = new Float64Array(buffer);
  const first = plan.swapped ? forest.right : forest.left;
  const near = layout === "near";
  const root = placing.roots[tree] >>> 2;
  const nodeWords = nodeBytes(layout) / 4;
  for (let node = forest.roots[tree]; node < forest.roots[tree + 1]; node++) {
    const column = plan.column[node];
    if (column < 0) continue;
    const at = root + slot[node] * nodeWords;
    const delta = slot[first[node]] - slot[node];
    if (near) {
      floats[at] = plan.bound[node];
      words[at + 1] = ((delta << columnBits) | (column * 4)) >>> 0;
    } else {
      if (layout === "far") floats[at] = plan.bound[node];
      else doubles[at >>> 1] = plan.bound[node];
      words[at + 2] = delta * nodeBytes(layout);
      words[at + 3] = column * (layout === "far" ? 4 : 8);
      const set = forest.sets?.first[node] ?? -1;
      if (set < 0) continue;
      words[at + 4] = placing.setsAt + set * 4;
      words[at + 5] = 0xfffffffc;
    }
  }
}

/** As bits that lead to the second child. */
function writeSets(
  buffer: ArrayBufferLike,
  { sets }: ForestArrays,
  { swapped, setsAt }: { readonly swapped: boolean; readonly setsAt: number },
): void {
  if (sets === undefined || sets === null) return;
  const words = new Uint32Array(buffer, setsAt, sets.words.length);
  for (let at = 0; at < words.length; at++) words[at] = swapped ? sets.words[at] : ~sets.words[at];
}

/** NaNs are written as bits: a float store may change their payload. */
function writeLeaves(buffer: ArrayBufferLike, tree: number, { forest, placing }: TreeParts): void {
  const { layout } = placing;
  const { slot, leaf } = placing.places;
  const words = new Uint32Array(buffer);
  const doubles = new Float64Array(buffer);
  const nodeWords = nodeBytes(layout) / 4;
  const root = placing.roots[tree] >>> 2;
  for (let node = forest.roots[tree]; node < forest.roots[tree + 1]; node++) {
    if (forest.feature[node] >= 0) continue;
    writeLeafNode(words, root + slot[node] * nodeWords, { layout, leaf: leaf[node] });
    const at = leavesAt(placing, tree) / 8 + leaf[node] * forest.leafWidth;
    for (let k = 0; k < forest.leafWidth; k++) {
      doubles[at + k] = forest.leaves[forest.left[node] * forest.leafWidth + k];
    }
  }
}

function writeLeafNode(words: Uint32Array, at: number, { layout, leaf }: { layout: NodeLayout; leaf: number }): void {
  if (layout === "near") {
    words[at] = (0x7fc00000 | leaf) >>> 0;
  } else if (layout === "far") {
    words[at] = 0x7fc00000;
    words[at + 1] = leaf;
  } else {
    words[at] = leaf;
    words[at + 1] = 0x7ff80000;
  }
}

function leavesAt({ orders, roots, layout }: Placing, tree: number): number {
  return roots[tree] + orders[tree].slots * nodeBytes(layout);
}

function writeTable(buffer: ArrayBufferLike, forest: ForestArrays, placing: Placing): void {
  const { orders, groupSize, layout, neutralAt } = placing;
  const words = new Uint32Array(buffer);
  writeLeafNode(words, neutralAt / 4, { layout, leaf: 0 });
  const neutralLeaf = neutralAt + 2 * nodeBytes(layout);
  new Float64Array(buffer, neutralLeaf, forest.leafWidth).fill(-0);
  const entries = tableEntries(orders.length, groupSize);
  for (let tree = 0; tree < entries; tree++) {
    const at = placing.tableAt / 4 + tree * tableEntryWords;
    const order = orders[tree];
    words[at + entry.root] = order === undefined ? neutralAt : placing.roots[tree];
    words[at + entry.leaves] = order === undefined ? neutralLeaf : leavesAt(placing, tree);
    words[at + entry.target] = (forest.targets?.[tree] ?? 0) * sumBytes(forest.sum);
    words[at + entry.trips] = Math.max(1, order?.usualDepth ?? 1);
    words[at + entry.tail] = order !== undefined && order.depth > order.usualDepth ? 1 : 0;
    words[at + entry.end] =
      order === undefined ? neutralLeaf : leavesAt(placing, tree) + order.leaves * forest.leafWidth * 8;
    if (tree % groupSize !== 0) continue;
    const group = orders.slice(tree, tree + groupSize);
    const trips = group.reduce((most, { usualDepth }) => Math.max(most, usualDepth), 1);
    words[at + entry.groupTrips] = trips;
    words[at + entry.groupTail] = group.some(({ depth }) => depth > trips) ? 1 : 0;
  }
}
