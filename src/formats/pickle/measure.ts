// How deep and how large a finished tree is for whoever walks it. A pickle of 700 bytes can be a list that a walker meets
// 2^64 times, and one of a megabyte a tuple nested a million deep; a reader of higher floors may recurse once this has passed.
import type { PickleBudget } from "./limits.ts";
import { isNode, type PyNode, type PyValue } from "./tree.ts";

interface Measure {
  /** Nodes on the longest way down; 1 for an empty list. */
  readonly depth: number;
  /** Nodes met when shared ones count each time. */
  readonly visits: number;
}

interface Step {
  readonly node: PyNode;
  readonly children: readonly PyValue[];
  next: number;
  depth: number;
  visits: number;
}

/** What is shared this often on the average is no attack: dtypes, strings, feature names. */
const usualSharing = 8;

/** Throws FORMAT_LIMIT for `maxDepth`, `maxVisits` or `maxSharedVisits`. An edge back to a value that is still open (a cycle) is not followed. */
export function assertMeasure(root: PyValue, budget: PickleBudget): void {
  const { maxDepth, maxVisits, maxSharedVisits } = budget.limits;
  let held = 0;
  const measured = new Map<PyNode, Measure | null>();
  const weighed = new Set<PyNode>();
  const path: Step[] = [];
  const open = (node: PyNode): void => {
    if (path.length >= maxDepth) throw budget.crossed("maxDepth", "its values are nested deeper");
    measured.set(node, null);
    const children = childrenOf(node);
    held += 1 + children.length;
    path.push({ node, children, next: 0, depth: 0, visits: 1 });
  };
  if (isContainer(root)) open(root);
  for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
    const child = step.children[step.next++];
    if (child === undefined) {
      path.pop();
      const done = { depth: step.depth + 1, visits: step.visits };
      if (done.depth > maxDepth) throw budget.crossed("maxDepth", "its values are nested deeper");
      if (done.visits > maxVisits)
        throw budget.crossed("maxVisits", "a walk through its shared values takes more steps");
      measured.set(step.node, done);
      add(path.at(-1), done);
      if (path.length === 0 && done.visits > usualSharing * held + maxSharedVisits)
        throw budget.crossed("maxSharedVisits", "its shared values stand in it too often");
    } else if (typeof child !== "object" || !isContainer(child)) {
      step.visits += visitsOf(child);
      if (isLarge(child) && !weighed.has(child)) {
        weighed.add(child);
        held += visitsOf(child);
      }
    } else {
      const known = isEmpty(child) ? emptyMeasure : measured.get(child);
      if (known === undefined) open(child);
      else if (known === null) step.visits++;
      else add(step, known);
    }
  }
}

function add(step: Step | undefined, child: Measure): void {
  if (step === undefined) return;
  step.depth = Math.max(step.depth, child.depth);
  step.visits += child.visits;
}

/** Whoever works on an array that is shared works on all of its bytes each time. */
const bytesPerVisit = 256;

function isLarge(value: PyValue): value is Extract<PyNode, { readonly kind: "bytes" }> {
  return isNode(value) && value.kind === "bytes" && value.value.length >= bytesPerVisit;
}

function visitsOf(value: PyValue): number {
  return isLarge(value) ? 1 + Math.floor(value.value.length / bytesPerVisit) : 1;
}

/** A file of nothing but empty containers would cost many times its size if each were remembered. */
const emptyMeasure: Measure = { depth: 1, visits: 1 };

function isEmpty(node: PyNode): boolean {
  if (node.kind === "dict") return node.keys.length === 0;
  return (node.kind === "tuple" || node.kind === "list" || node.kind === "set") && node.items.length === 0;
}

function isContainer(value: PyValue): value is PyNode {
  return isNode(value) && value.kind !== "float" && value.kind !== "bytes" && value.kind !== "global";
}

function childrenOf(node: PyNode): readonly PyValue[] {
  switch (node.kind) {
    case "tuple":
    case "list":
    case "set":
      return node.items;
    case "dict":
      return node.keys.concat(node.values);
    case "object":
      return [node.args, node.kwargs, node.entries, ...node.states, ...node.appended];
    default:
      return [];
  }
}
