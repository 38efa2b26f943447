// forest by the packed kernels, over dense and sparse rows; the same bits as the plain walk.
import type { ForestOp } from "../../model/ops/forest.ts";
import { denseInput, type Kernel } from "../kernel.ts";
import { type ForestKernel, openForestKernel } from "../kernels/forest-kernel.ts";
import { packForest } from "../kernels/pack-forest.ts";
import type { PlacedForest } from "../kernels/placed-forest.ts";
import { numbersOf } from "../runtime-value.ts";

export interface ForestInput {
  readonly width: number;
  readonly number: "f64" | "f32";
}

export interface ForestOpener {
  /** Null where the forest does not fit into the kernels' 32-bit addresses. */
  (op: ForestOp, input: ForestInput): ForestKernel | null;
  /** Lets go of what was opened. */
  forget(): void;
}

/** Finds or packs a forest; null where it does not fit. */
export type ForestSource = (op: ForestOp, input: ForestInput) => PlacedForest | null;

const packHere: ForestSource = (op, input) => {
  const packed = packForest(op, input);
  return packed === null ? null : { packed, memory: null };
};

/**
 * Opens each forest of one graph once, whatever number of plans walk it: packing takes time and a copy of all nodes. `thread`
 * is the number of this one among those that share the forests' memories.
 */
export function forestOpener(source: ForestSource = packHere, thread: number = 0): ForestOpener {
  const opened = new Map<ForestOp, ForestKernel | null>();
  const open = (op: ForestOp, input: ForestInput): ForestKernel | null => {
    let kernel = opened.get(op);
    if (kernel === undefined) {
      const placed = source(op, input);
      kernel = placed === null ? null : openPlaced(placed, thread);
      opened.set(op, kernel);
    }
    return kernel;
  };
  return Object.assign(open, { forget: () => opened.clear() });
}

function openPlaced({ packed, memory }: PlacedForest, thread: number): ForestKernel {
  return openForestKernel(packed, memory === null ? {} : { placed: { memory, thread } });
}

/** The packed kernels know no categories, no zeros or absent cells that are missing, no leaf that is a function, and start from `base`. */
export function isPlainForest({ categories, zeroMissing, linear, absent, inputs }: ForestOp): boolean {
  const extras = [categories, zeroMissing, linear].filter((each) => each !== undefined && each !== null);
  return inputs.length === 1 && extras.length === 0 && absent !== "missing";
}

export function fastForest(op: ForestOp, kernel: ForestKernel): Kernel {
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
