// The chains of ops that one fast kernel takes together. A value inside a chain must have no other reader.
import type { ModelGraph } from "../../model/graph.ts";
import type { Op } from "../../model/op.ts";
import type { AffineOp } from "../../model/ops/affine.ts";
import type { ForestOp } from "../../model/ops/forest.ts";
import type { ValueId, ValueType } from "../../model/value.ts";
import type { Kernel } from "../kernel.ts";
import { dictionaryAffine } from "./dictionary-affine.ts";
import { dictionaryForest } from "./dictionary-forest.ts";
import { fastForest } from "./forest.ts";

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
}

/** The fast kernel that makes `value`, or null where the plain one stands. */
export function fuse(options: FuseOptions): Fused | null {
  const op = options.graph.ops[options.value - 1];
  switch (op?.kind) {
    case "affine":
      return fuseAffine(options, op);
    case "forest":
      if (!isPlainForest(op)) return null;
      return fuseDictionaryForest(options, op) ?? fuseForest(options, op);
    default:
      return null;
  }
}

function fuseAffine(options: FuseOptions, affine: AffineOp): Fused | null {
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
  const kernel = dictionaryForest({ vectorize, cast, finite, forest });
  return kernel === null ? null : { kernel, inputs: vectorize.inputs, covers: valuesOf(chain, 3) };
}

function fuseForest({ types }: FuseOptions, forest: ForestOp): Fused | null {
  const type = types[forest.inputs[0]];
  if (type?.kind !== "dense" && type?.kind !== "sparse") return null;
  const kernel = fastForest(forest, { width: type.width, number: type.number === "f32" ? "f32" : "f64" });
  return kernel === null ? null : { kernel, inputs: forest.inputs, covers: [] };
}

/** The packed kernels know neither categories, nor zeros that are missing, nor sums that start from another value. */
function isPlainForest({ categories, zeroMissing, inputs }: ForestOp): boolean {
  return inputs.length === 1 && (categories ?? null) === null && (zeroMissing ?? null) === null;
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
