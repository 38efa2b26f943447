// forest by the packed kernels, over dense and sparse rows; the same bits as the plain walk.
import type { ForestOp } from "../../model/ops/forest.ts";
import { denseInput, type Kernel } from "../kernel.ts";
import { type ForestKernel, openForestKernel } from "../kernels/forest-kernel.ts";
import { packForest } from "../kernels/pack-forest.ts";
import { numbersOf } from "../runtime-value.ts";

export interface ForestInput {
  readonly width: number;
  readonly number: "f64" | "f32";
}

/** Null where the forest does not fit into the kernels' 32-bit addresses. */
export function openForest(op: ForestOp, input: ForestInput): ForestKernel | null {
  const packed = packForest(op, input);
  return packed === null ? null : openForestKernel(packed);
}

export function fastForest(op: ForestOp, input: ForestInput): Kernel | null {
  const kernel = openForest(op, input);
  if (kernel === null) return null;
  const width = op.base.length;
  return ([value], frame) => {
    const out = numbersOf(op.sum, frame.rowCount * width);
    if (value?.kind === "sparse") {
      const { indptr, indices, data } = value;
      kernel.predictSparse({ rowCount: frame.rowCount, indptr, indices, data }, out);
    } else kernel.predictDense(denseInput(value).values, frame.rowCount, out);
    return { kind: "dense", width, values: out };
  };
}
