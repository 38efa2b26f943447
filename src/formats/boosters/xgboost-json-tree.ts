// One tree of a JSON or UBJSON model: parallel arrays, one number a node.
//
//   left_children, right_children (-1: a leaf), split_indices, split_conditions (a leaf's number, too), default_left,
//   sum_hessian, split_type (1: by category), tree_param: { num_nodes, num_deleted, size_leaf_vector }
//   categories: of node categories_nodes[i] those from categories_segments[i] on, categories_sizes[i] of them; they go right
//   several numbers a leaf: from 3.1 leaf_weights, whose row stands in right_children; before in base_weights, by node
import { countOf, hasMember, integersOf, jsonError, type Located, memberOf, numbersOf } from "./json-value.ts";
import type { XgboostTree, XgboostVectors } from "./xgboost-parts.ts";

const maxNodes = 1 << 30;

/** @throws MODEL_ATTRIBUTE */
export function xgboostTree(at: Located, { width, outputs }: { width: number; outputs: number }): XgboostTree {
  const parameters = memberOf(at, "tree_param");
  const nodes = countOf(memberOf(parameters, "num_nodes"), maxNodes);
  if (nodes === 0) throw jsonError(`${at.path}.tree_param.num_nodes`, "a tree has at least one node");
  if (hasMember(parameters, "num_feature") && countOf(memberOf(parameters, "num_feature"), maxNodes) > width) {
    throw jsonError(`${parameters.path}.num_feature`, `at most ${width} was expected`);
  }
  const vectorWidth = hasMember(parameters, "size_leaf_vector")
    ? countOf(memberOf(parameters, "size_leaf_vector"), maxNodes)
    : 0;
  if (vectorWidth > 1 && vectorWidth !== outputs) {
    throw jsonError(`${parameters.path}.size_leaf_vector`, `${outputs} was expected`);
  }
  const condition = numbersOf(memberOf(at, "split_conditions"), nodes).map(Math.fround);
  const categories = categoriesOf(at, nodes);
  for (const node of categories.keys()) condition[node] = 0;
  return {
    path: at.path,
    left: integersOf(memberOf(at, "left_children"), nodes),
    right: integersOf(memberOf(at, "right_children"), nodes),
    feature: integersOf(memberOf(at, "split_indices"), nodes),
    condition,
    defaultLeft: Uint8Array.from(numbersOf(memberOf(at, "default_left"), nodes), (value) => (value === 0 ? 0 : 1)),
    cover: hasMember(at, "sum_hessian") ? numbersOf(memberOf(at, "sum_hessian"), nodes) : null,
    categories,
    vectors: vectorWidth > 1 ? vectorsOf(at, vectorWidth) : null,
    deleted: hasMember(parameters, "num_deleted") ? countOf(memberOf(parameters, "num_deleted"), nodes) : 0,
  };
}

function vectorsOf(at: Located, width: number): XgboostVectors {
  const byLeaf = hasMember(at, "leaf_weights");
  const values = numbersOf(memberOf(at, byLeaf ? "leaf_weights" : "base_weights")).map(Math.fround);
  return { width, values, row: byLeaf ? "right" : "node" };
}

function categoriesOf(at: Located, nodes: number): ReadonlyMap<number, Float64Array> {
  const found = new Map<number, Float64Array>();
  if (!hasMember(at, "split_type")) return found;
  const types = integersOf(memberOf(at, "split_type"), nodes);
  const owners = hasMember(at, "categories_nodes") ? integersOf(memberOf(at, "categories_nodes")) : new Int32Array(0);
  if (owners.length > 0) {
    const categories = numbersOf(memberOf(at, "categories"));
    const segments = integersOf(memberOf(at, "categories_segments"), owners.length);
    const sizes = integersOf(memberOf(at, "categories_sizes"), owners.length);
    for (const [index, node] of owners.entries()) {
      const start = segments[index] as number;
      const end = start + (sizes[index] as number);
      if (start < 0 || end < start || end > categories.length || types[node] !== 1 || found.has(node)) {
        throw jsonError(`${at.path}.categories_nodes[${index}]`, "the categories of one split were expected");
      }
      found.set(node, categories.subarray(start, end));
    }
  }
  if (types.some((type, node) => type !== 0 && !found.has(node))) {
    throw jsonError(`${at.path}.split_type`, "a split by category without categories");
  }
  return found;
}
