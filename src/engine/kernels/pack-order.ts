// Where a tree's nodes lie: siblings side by side, pairs in depth-first order, the child that more training rows reached
// first. A tree's root has slot 0, slot 1 is empty, so that pairs start at even slots and do not straddle cache lines.
import type { ForestArrays } from "./forest-arrays.ts";

export interface TreeOrder {
  readonly slots: number;
  readonly leaves: number;
  /** The walk's longest way, in steps. */
  readonly depth: number;
  /** Steps after which nine of ten training rows have arrived; `depth` when the rest is near. */
  readonly usualDepth: number;
  /** The training rows' mean number of steps. */
  readonly meanDepth: number;
  /** The longest way from a node to its children, in slots. */
  readonly longestDelta: number;
}

/** Where the nodes of all trees lie. Both arrays are as long as the forest's. */
export interface NodePlaces {
  /** The right child is the first of its pair. */
  readonly swapped: boolean;
  /** Of each node: its slot, counted from its tree's root. */
  readonly slot: Int32Array;
  /** Of each leaf: its number in its tree. */
  readonly leaf: Int32Array;
}

/** Places the nodes of one tree. */
export function orderTree(forest: ForestArrays, tree: number, { swapped, slot, leaf }: NodePlaces): TreeOrder {
  const { feature, roots, cover } = forest;
  const first = swapped ? forest.right : forest.left;
  const second = swapped ? forest.left : forest.right;
  const stack: number[] = [roots[tree], 0];
  const reached: number[] = [];
  slot[roots[tree]] = 0;
  let slots = 2;
  let leaves = 0;
  let longestDelta = 0;
  while (stack.length > 0) {
    const depth = stack.pop() as number;
    const node = stack.pop() as number;
    while (reached.length <= depth) reached.push(0);
    if (feature[node] < 0) {
      leaf[node] = leaves++;
      reached[depth] += cover === null ? 1 : cover[node];
      continue;
    }
    const a = first[node];
    const b = second[node];
    slot[a] = slots;
    slot[b] = slots + 1;
    longestDelta = Math.max(longestDelta, slots - slot[node]);
    slots += 2;
    if (cover !== null && cover[b] > cover[a]) stack.push(a, depth + 1, b, depth + 1);
    else stack.push(b, depth + 1, a, depth + 1);
  }
  return { slots, leaves, depth: reached.length - 1, longestDelta, ...usualWay(reached) };
}

/** `reached[d]` is the weight of the rows that arrive after d steps. */
function usualWay(reached: readonly number[]): { usualDepth: number; meanDepth: number } {
  const depth = reached.length - 1;
  let total = 0;
  let steps = 0;
  for (let d = 0; d <= depth; d++) {
    total += reached[d];
    steps += d * reached[d];
  }
  if (!(total > 0) || !Number.isFinite(steps)) return { usualDepth: depth, meanDepth: depth };
  let usual = 0;
  for (let arrived = reached[0]; usual < depth && arrived < 0.9 * total; arrived += reached[usual]) usual++;
  return { usualDepth: depth - usual <= 2 ? depth : usual, meanDepth: steps / total };
}
