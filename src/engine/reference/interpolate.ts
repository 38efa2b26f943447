// interpolate, plainly. Source: interp1d._call_linear in scipy/interpolate/_interpolate.py.
import type { InterpolateOp } from "../../model/ops/interpolate.ts";
import { denseInput, type KernelMaker } from "../kernel.ts";

export const interpolate: KernelMaker<"interpolate"> =
  (op) =>
  ([input], frame) => {
    const { values: t } = denseInput(input);
    const values = new Float64Array(frame.rowCount);
    const [first, last] = [op.x[0] as number, op.x.at(-1) as number];
    for (let row = 0; row < frame.rowCount; row++) {
      const at = t[row] as number;
      if (op.outside === "refuse" && op.x.length > 1 && (at < first || at > last)) {
        const message = `lies outside of what ${op.estimator} was fitted on`;
        frame.refuse(row, { path: "/0", code: "out_of_range", message });
      }
      values[row] = valueAt(op, at);
    }
    return { kind: "dense", width: 1, values };
  };

function valueAt({ x, y, outside }: InterpolateOp, t: number): number {
  const last = x.length - 1;
  if (last === 0) return y[0] as number;
  let at = t;
  if (t < (x[0] as number) || t > (x[last] as number)) {
    if (outside !== "clip") return Number.NaN;
    at = t < (x[0] as number) ? (x[0] as number) : (x[last] as number);
  }
  const high = Math.min(Math.max(firstNotBelow(x, at), 1), last);
  const [x0, x1, y0, y1] = [x[high - 1], x[high], y[high - 1], y[high]] as [number, number, number, number];
  return ((y1 - y0) / (x1 - x0)) * (at - x0) + y0;
}

function firstNotBelow(x: Float64Array, value: number): number {
  let [low, high] = [0, x.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((x[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
