// Packs a forest into the blocks of packed-chain.ts, where that pays: float32 rows and mostly indicators.
import type { ForestArrays, RowShape } from "./forest-arrays.ts";
import { columnKind, type SplitPlan } from "./pack-columns.ts";
import { chainBlockBytes, chainRole, leafExit, noIndicator, type PackedChain, unsetIndicator } from "./packed-chain.ts";
import { entry, sumBytes, tableEntries, tableEntryBytes, tableEntryWords, toLine } from "./packed-forest.ts";
import { scanRowsOf } from "./scan-rule.ts";

/** A forest on fewer indicators is walked as fast plainly. */
const fewestIndicators = 16;

/** How many splits of a walk one block answers, usually. */
const splitsPerBlock = 4;

export interface ChainPlace {
  readonly row: RowShape;
  readonly startAt: number;
  readonly groupSize: number;
  readonly meanDepth: number;
}

export interface ChainWriter {
  readonly packed: PackedChain;
  readonly endAt: number;
  readonly write: (buffer: ArrayBufferLike) => void;
}

interface Chaining {
  readonly forest: ForestArrays;
  readonly column: Int32Array;
  readonly bound: Float64Array;
  readonly first: Int32Array;
  readonly second: Int32Array;
  /** The child for a set indicator, and the one for an unset. */
  readonly hit: Int32Array;
  readonly miss: Int32Array;
  readonly packed: PackedChain;
}

/** The three views of the bytes that blocks are written to. */
interface Views {
  readonly words: Uint32Array;
  readonly floats: Float32Array;
  readonly halves: Uint16Array;
  readonly doubles: Float64Array;
}

/** Null: not worth it, or more indicators than 16 bits name. */
export function packChain(forest: ForestArrays, plan: SplitPlan, place: ChainPlace): ChainWriter | null {
  if (place.row.number !== "f32") return null;
  const { role, splits } = findRoles(forest, plan);
  if (splits * 4 < plan.column.length) return null;
  const numbering = new Int32Array(role.length);
  let numbers = 0;
  let indicators = 0;
  for (let column = 0; column < role.length; column++) {
    if (role[column] === chainRole.number) numbering[column] = numbers++;
    else if (role[column] === chainRole.indicator) numbering[column] = indicators++;
  }
  if (indicators < fewestIndicators || indicators >= unsetIndicator) return null;
  const first = plan.swapped ? forest.right : forest.left;
  const second = plan.swapped ? forest.left : forest.right;
  const packed = { tableAt: place.startAt, place: numbering, role, numbers, scanRows: Infinity };
  // Both orders of children: `x > t` and `x >= t` hold for a set indicator, `x <= t` and `x < t` for one that is not.
  const [hit, miss] = plan.swapped ? [first, second] : [second, first];
  const chaining = { forest, column: plan.column, bound: plan.bound, first, second, hit, miss, packed };
  const trees = forest.roots.length - 1;
  const roots: number[] = [];
  const leavesAt: number[] = [];
  const neutralAt = toLine(place.startAt + tableEntries(trees, place.groupSize) * tableEntryBytes);
  let at = toLine(neutralAt + chainBlockBytes + forest.leafWidth * 8);
  for (let tree = 0; tree < trees; tree++) {
    roots.push(at);
    const { blocks, leaves } = layTree(chaining, tree, null);
    leavesAt.push(at + blocks * chainBlockBytes);
    at = toLine(at + blocks * chainBlockBytes + leaves * forest.leafWidth * 8);
  }
  if (at >= leafExit) return null;
  const write = (buffer: ArrayBufferLike): void => {
    const views = {
      words: new Uint32Array(buffer),
      floats: new Float32Array(buffer),
      halves: new Uint16Array(buffer),
      doubles: new Float64Array(buffer),
    };
    clearBlock(views, 0);
    clearBlock(views, neutralAt);
    views.words[neutralAt / 4 + 14] = (leafExit | (neutralAt + chainBlockBytes)) >>> 0;
    new Float64Array(buffer, neutralAt + chainBlockBytes, forest.leafWidth).fill(-0);
    for (let tree = 0; tree < tableEntries(trees, place.groupSize); tree++) {
      const word = place.startAt / 4 + tree * tableEntryWords;
      views.words[word + entry.root] = roots[tree] ?? neutralAt;
      views.words[word + entry.end] = roots[tree + 1] ?? (tree < trees ? at : neutralAt);
      views.words[word + entry.target] = (forest.targets?.[tree] ?? 0) * sumBytes(forest.sum);
      if (tree < trees) layTree(chaining, tree, { views, at: roots[tree], leavesAt: leavesAt[tree] });
    }
  };
  const scanRows = scanRowsOf({ bytes: at - place.startAt, trees, steps: place.meanDepth / splitsPerBlock });
  return { packed: { ...packed, scanRows }, endAt: at, write };
}

/** A column is an indicator when all its splits ask the same bound, one that lies between 0 and 1. */
function findRoles({ rule }: ForestArrays, plan: SplitPlan): { role: Uint8Array; splits: number } {
  const { column, bound, columns } = plan;
  const asked = new Float64Array(columns.source.length);
  const role = new Uint8Array(columns.source.length);
  for (let node = 0; node < column.length; node++) {
    const at = column[node];
    if (at < 0) continue;
    const threshold = bound[node];
    if (role[at] === chainRole.unasked) {
      const between = rule === "le" ? threshold >= 0 && threshold < 1 : threshold > 0 && threshold <= 1;
      const fits = between && columns.kind[at] !== columnKind.missingFlag;
      role[at] = fits ? chainRole.indicator : chainRole.number;
      asked[at] = threshold;
    } else if (asked[at] !== threshold) role[at] = chainRole.number;
  }
  let splits = 0;
  for (let node = 0; node < column.length; node++) {
    if (column[node] >= 0 && role[column[node]] === chainRole.indicator) splits++;
  }
  return { role, splits };
}

interface TreeTarget {
  readonly views: Views;
  readonly at: number;
  readonly leavesAt: number;
}

/** Lays one tree's blocks, the one that most training rows reach next first; without a target it only counts them. */
function layTree(chaining: Chaining, tree: number, target: TreeTarget | null): { blocks: number; leaves: number } {
  const { forest, column, packed } = chaining;
  const { feature, cover } = forest;
  // Pairs of a node whose block is to be laid and the word that is to hold that block's address.
  const stack: number[] = [forest.roots[tree], -1];
  let blocks = 0;
  let leaves = 0;
  while (stack.length > 0) {
    const exitWord = stack.pop() as number;
    let node = stack.pop() as number;
    const at = (target?.at ?? 0) + blocks * chainBlockBytes;
    blocks++;
    if (target !== null) {
      clearBlock(target.views, at);
      if (exitWord >= 0) target.views.words[exitWord] = at;
    }
    const exits: { node: number; exit: number }[] = [];
    let asked = 0;
    while (asked < 8 && feature[node] >= 0 && packed.role[column[node]] === chainRole.indicator) {
      if (target !== null) target.views.halves[at / 2 + asked] = packed.place[column[node]];
      exits.push({ node: chaining.hit[node], exit: asked++ });
      node = chaining.miss[node];
    }
    if (feature[node] >= 0 && packed.role[column[node]] === chainRole.number) {
      if (target !== null) {
        target.views.floats[at / 4 + 4] = chaining.bound[node];
        target.views.words[at / 4 + 5] = packed.place[column[node]] * 4;
      }
      exits.push({ node: chaining.first[node], exit: 8 }, { node: chaining.second[node], exit: 9 });
    } else exits.push({ node, exit: 8 });
    if (cover !== null) exits.sort((a, b) => cover[a.node] - cover[b.node]);
    for (const { node: next, exit } of exits) {
      const word = at / 4 + 6 + exit;
      if (feature[next] >= 0) stack.push(next, word);
      else {
        if (target !== null) writeLeaf(forest, next, { target, word, leaf: leaves });
        leaves++;
      }
    }
  }
  return { blocks, leaves };
}

interface LeafPlace {
  readonly target: TreeTarget;
  readonly word: number;
  readonly leaf: number;
}

function writeLeaf(forest: ForestArrays, node: number, { target, word, leaf }: LeafPlace): void {
  const width = forest.leafWidth;
  const at = target.leavesAt + leaf * width * 8;
  target.views.words[word] = (leafExit | at) >>> 0;
  for (let k = 0; k < width; k++) {
    target.views.doubles[at / 8 + k] = forest.leaves[forest.left[node] * width + k];
  }
}

/** A block that asks nothing and leads to the sink. */
function clearBlock({ words, halves }: Views, at: number): void {
  words.fill(0, at / 4, at / 4 + 16);
  halves.fill(noIndicator, at / 2, at / 2 + 8);
  words[at / 4 + 4] = 0x7fc00000;
}
