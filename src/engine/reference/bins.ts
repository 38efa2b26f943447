// bins, plainly.
import { denseInput, type KernelMaker } from "../kernel.ts";

export const bins: KernelMaker<"bins"> =
  ({ edges, rule }) =>
  ([input]) => {
    const { width, values: x } = denseInput(input);
    const values = new Float64Array(x.length);
    for (let at = 0; at < x.length; at++) {
      const value = x[at] as number;
      const moved = rule === "nudged" ? value + (1e-8 + 1e-5 * Math.abs(value)) : value;
      values[at] = countNotAbove(edges[at % width] ?? noEdges, moved);
    }
    return { kind: "dense", width, values };
  };

const noEdges = new Float64Array(0);

function countNotAbove(edges: Float64Array, value: number): number {
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((edges[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
