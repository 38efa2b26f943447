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

export interface ForestOpener {
  /** Null where the forest does not fit into the kernels' 32-bit addresses. */
  (op: ForestOp, input: ForestInput): ForestKernel | null;
  /** Lets go of what was opened. */
  forget(): void;
}

/** Opens each forest of one graph once, whatever number of plans walk it: packing takes time and a copy of all nodes. */
export function forestOpener(): ForestOpener {
  const opened = new Map<ForestOp, ForestKernel | null>();
  const open = (op: ForestOp, input: ForestInput): ForestKernel | null => {
    let kernel = opened.get(op);
    if (kernel === undefined) {
      const packed = packForest(op, input);
      kernel = packed === null ? null : openForestKernel(packed);
      opened.set(op, kernel);
    }
    return kernel;
  };
  return Object.assign(open, { forget: () => opened.clear() });
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
