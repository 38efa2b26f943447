// The chains of ops that one fast kernel takes together. A value inside a chain must have no other reader.
import type { ModelGraph } from "../../model/graph.ts";
import type { Op } from "../../model/op.ts";
import type { ValueId, ValueType } from "../../model/value.ts";
import type { Kernel } from "../kernel.ts";
import { dictionaryAffine } from "./dictionary-affine.ts";

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
    case "affine": {
      const chain = singleReaders(options, op);
      const finite = chain[0]?.op.kind === "require_finite" ? chain[0].op : null;
      const first = chain[finite === null ? 0 : 1];
      if (first?.op.kind !== "vectorize" || first.op.number !== "f64") return null;
      return {
        kernel: dictionaryAffine({ vectorize: first.op, finite, affine: op }),
        inputs: first.op.inputs,
        covers: chain.slice(0, finite === null ? 1 : 2).map((link) => link.value),
      };
    }
    default:
      return null;
  }
}

/** The ops above `op` along first inputs, nearest first, as long as nobody else reads their values. */
function singleReaders({ graph, uses }: FuseOptions, op: Op): { value: ValueId; op: Op }[] {
  const chain: { value: ValueId; op: Op }[] = [];
  let value = op.inputs[0];
  while (value > 0 && uses[value] === 1) {
    const above = graph.ops[value - 1];
    if (above === undefined) break;
    chain.push({ value, op: above });
    value = above.inputs[0];
  }
  return chain;
}
