// The chains of ops that one fast kernel takes together. A value inside a chain must have no other reader.
import type { ModelGraph } from "../../model/graph.ts";
import type { Op } from "../../model/op.ts";
import type { AffineOp } from "../../model/ops/affine.ts";
import type { DivideOp } from "../../model/ops/divide.ts";
import type { ForestOp } from "../../model/ops/forest.ts";
import type { NeighborsOp } from "../../model/ops/neighbors.ts";
import type { WeightedSumsOp } from "../../model/ops/weighted-sums.ts";
import type { ValueId, ValueType } from "../../model/value.ts";
import { denseInput, type Kernel } from "../kernel.ts";
import { categoryForest, placeCategories } from "./category-forest.ts";
import { denseForest } from "./dense-forest.ts";
import { dictionaryAffine } from "./dictionary-affine.ts";
import { dictionaryForest } from "./dictionary-forest.ts";
import { expandedForest, expandForest } from "./expand-forest.ts";
import { type ForestOpener, fastForest, isPlainForest } from "./forest.ts";
import { blockedKernelSums, blockedNeighbors } from "./point-blocks.ts";

export interface Fused {
  readonly kernel: Kernel;
  readonly inputs: readonly ValueId[];
  /** The values inside the chain, which no step makes any more. */
  readonly covers: readonly ValueId[];
}

export interface FuseOptions {
  readonly graph: ModelGraph;
  readonly types: readonly ValueType[];
  /** How many readers each value has. */
  readonly uses: Int32Array;
  /** The value that the chain ends in. */
  readonly value: ValueId;
  readonly openForest: ForestOpener;
}

/** The fast kernel that makes `value`, or null where the plain one stands. */
export function fuse(options: FuseOptions): Fused | null {
  const op = options.graph.ops[options.value - 1];
  switch (op?.kind) {
    case "affine":
      return fuseAffine(options, op);
    case "forest":
      if (!isPlainForest(op)) return fuseCategories(options, op);
      return fuseDictionaryForest(options, op) ?? fuseDenseForest(options, op) ?? fuseForest(options, op);
    case "divide":
      return fuseDivide(options, op);
    case "neighbors":
    case "weighted_sums":
      return fusePoints(options, op);
    default:
      return null;
  }
}

function fuseAffine(options: FuseOptions, affine: AffineOp): Fused | null {
  if (affine.number === "f32") return null;
  const chain = singleReaders(options, affine);
  const finite = chain[0]?.op.kind === "require_finite" ? chain[0].op : null;
  const length = finite === null ? 1 : 2;
  const vectorize = chain[length - 1]?.op;
  if (vectorize?.kind !== "vectorize" || vectorize.number !== "f64") return null;
  const kernel = dictionaryAffine({ vectorize, finite, affine });
  return { kernel, inputs: vectorize.inputs, covers: valuesOf(chain, length) };
}

function fuseDictionaryForest(options: FuseOptions, forest: ForestOp): Fused | null {
  const chain = singleReaders(options, forest);
  const [finite, cast, vectorize] = chain.map((link) => link.op);
  if (finite?.kind !== "require_finite" || cast?.kind !== "cast" || vectorize?.kind !== "vectorize") return null;
  if (vectorize.number !== "f64") return null;
  const opened = options.openForest(forest, { width: vectorize.names.length, number: cast.number });
  if (opened === null) return null;
  const kernel = dictionaryForest({ vectorize, cast, finite, forest }, opened);
  return { kernel, inputs: vectorize.inputs, covers: valuesOf(chain, 3) };
}

function fuseDenseForest(options: FuseOptions, forest: ForestOp): Fused | null {
  const chain = singleReaders(options, forest);
  const [finite, cast] = chain.map((link) => link.op);
  if (finite?.kind !== "require_finite" || cast?.kind !== "cast") return null;
  const type = options.types[cast.inputs[0]];
  if (type?.kind !== "dense") return null;
  const opened = options.openForest(forest, { width: type.width, number: cast.number });
  if (opened === null) return null;
  const kernel = denseForest({ cast, finite, forest, names: type.names }, opened);
  return { kernel, inputs: cast.inputs, covers: valuesOf(chain, 2) };
}

function fuseForest({ types, openForest }: FuseOptions, forest: ForestOp): Fused | null {
  const type = types[forest.inputs[0]];
  if (type?.kind !== "dense" && type?.kind !== "sparse") return null;
  const opened = openForest(forest, { width: type.width, number: type.number === "f32" ? "f32" : "f64" });
  return opened === null ? null : { kernel: fastForest(forest, opened), inputs: forest.inputs, covers: [] };
}

/**
 * A forest with categories, over dense rows: widened where that takes few columns (each costs about half of what a tree
 * without sets saves), else walked by sets.
 */
function fuseCategories({ types, openForest }: FuseOptions, forest: ForestOp): Fused | null {
  const type = types[forest.inputs[0]];
  if (type?.kind !== "dense") return null;
  const expanded = expandForest(forest, type.width);
  const isNarrow = expanded !== null && expanded.width - type.width <= 2 * (forest.roots.length - 1);
  const placed = isNarrow ? null : placeCategories(forest, type.width);
  const walked = placed === null ? null : openForest(placed.op, { width: type.width, number: "f64" });
  if (placed !== null && walked !== null) {
    return { kernel: categoryForest(forest, placed, walked), inputs: forest.inputs, covers: [] };
  }
  if (expanded === null) return null;
  const number = type.number === "f32" ? "f32" : "f64";
  const kernel = openForest(expanded.op, { width: expanded.width, number });
  if (kernel === null) return null;
  return { kernel: expandedForest(forest, expanded, { kernel, number }), inputs: forest.inputs, covers: [] };
}

/** Divides what another fast kernel has just made where it stands. */
function fuseDivide(options: FuseOptions, { inputs: [dividend], divisor }: DivideOp): Fused | null {
  if (options.uses[dividend] !== 1) return null;
  const inner = fuse({ ...options, value: dividend });
  if (inner === null) return null;
  const kernel: Kernel = (inputs, frame) => {
    const { width, values: made } = denseInput(inner.kernel(inputs, frame));
    const values = made instanceof Float64Array ? made : Float64Array.from(made);
    for (let at = 0; at < values.length; at++) values[at] = (values[at] as number) / divisor;
    return { kind: "dense", width, values };
  };
  return { kernel, inputs: inner.inputs, covers: [dividend, ...inner.covers] };
}

/** Numbers by point that only `op` reads. */
function fusePoints({ graph, types, uses, value }: FuseOptions, op: NeighborsOp | WeightedSumsOp): Fused | null {
  const [middle] = op.inputs;
  const above = graph.ops[middle - 1];
  if (above === undefined || uses[middle] !== 1) return null;
  const [rows, between, result] = [above.inputs[0] ?? 0, middle, value].map((id) => types[id]);
  if (rows === undefined || between === undefined || result === undefined) return null;
  const covers = [middle];
  if (op.kind === "neighbors" && above.kind === "distances") {
    return { kernel: blockedNeighbors(above, op, [rows, between, result]), inputs: above.inputs, covers };
  }
  if (op.kind === "weighted_sums" && above.kind === "kernel") {
    return { kernel: blockedKernelSums(above, op, [rows, between, result]), inputs: above.inputs, covers };
  }
  return null;
}

interface Link {
  readonly value: ValueId;
  readonly op: Op;
}

function valuesOf(chain: readonly Link[], count: number): readonly ValueId[] {
  return chain.slice(0, count).map((link) => link.value);
}

/** The ops above `op` along first inputs, nearest first, as long as nobody else reads their values. */
function singleReaders({ graph, uses }: FuseOptions, op: AffineOp | ForestOp): readonly Link[] {
  const chain: Link[] = [];
  let value: ValueId = op.inputs[0];
  while (value > 0 && uses[value] === 1) {
    const above = graph.ops[value - 1];
    if (above === undefined) break;
    chain.push({ value, op: above });
    value = above.inputs[0] ?? 0;
  }
  return chain;
}
