// Two plain kernels of which the first makes a number for each of many points, and the second reads them at once: run over a
// few rows at a time, so that a large batch against many points never stands in memory whole. The bits are the plain ones.
import type { DistancesOp } from "../../model/ops/distances.ts";
import type { KernelOp } from "../../model/ops/kernel.ts";
import type { NeighborsOp } from "../../model/ops/neighbors.ts";
import type { WeightedSumsOp } from "../../model/ops/weighted-sums.ts";
import type { ValueType } from "../../model/value.ts";
import type { Frame } from "../frame.ts";
import { denseInput, type Kernel } from "../kernel.ts";
import { distances } from "../reference/distances.ts";
import { kernel } from "../reference/kernel.ts";
import { neighbors } from "../reference/neighbors.ts";
import { weightedSums } from "../reference/weighted-sums.ts";
import type { DenseValue } from "../runtime-value.ts";

/** The types of the rows, of the numbers by point, and of the result. */
type Types = readonly [rows: ValueType, middle: ValueType, result: ValueType];

export function blockedNeighbors(first: DistancesOp, second: NeighborsOp, [rows, middle, result]: Types): Kernel {
  const inner = distances(first, { inputs: [rows], result: middle });
  return inBlocks(inner, neighbors(second, { inputs: [middle], result }), first.count);
}

export function blockedKernelSums(first: KernelOp, second: WeightedSumsOp, [rows, middle, result]: Types): Kernel {
  const inner = kernel(first, { inputs: [rows], result: middle });
  return inBlocks(inner, weightedSums(second, { inputs: [middle], result }), first.count);
}

/** Numbers by point that stand in memory at once (1 MiB). */
const blockCells = 1 << 17;

function inBlocks(inner: Kernel, outer: Kernel, points: number): Kernel {
  const blockRows = Math.max(1, Math.floor(blockCells / Math.max(1, points)));
  return ([input], frame) => {
    const { width, values } = denseInput(input);
    if (frame.rowCount <= blockRows) return outer([inner([denseInput(input)], frame)], frame);
    let made: DenseValue | null = null;
    for (let start = 0; start < frame.rowCount; start += blockRows) {
      const rowCount = Math.min(blockRows, frame.rowCount - start);
      const own = partOf(frame, start, rowCount);
      const block = {
        kind: "dense" as const,
        width,
        values: values.subarray(start * width, (start + rowCount) * width),
      };
      const part = denseInput(outer([inner([block], own)], own));
      made ??= { kind: "dense", width: part.width, values: new Float64Array(frame.rowCount * part.width) };
      made.values.set(part.values, start * part.width);
    }
    return made ?? outer([inner([denseInput(input)], frame)], frame);
  };
}

function partOf(frame: Frame, start: number, rowCount: number): Frame {
  return {
    rowCount,
    refuse: (row, issue) => frame.refuse(start + row, issue),
    warn: (code, field) => frame.warn(code, field),
  };
}
