// neighbors, plainly: insertion into a short ascending list.
import { denseInput, type KernelMaker } from "../kernel.ts";

export const neighbors: KernelMaker<"neighbors"> =
  ({ count }) =>
  ([input], frame) => {
    const { width, values: distances } = denseInput(input);
    const values = new Float64Array(frame.rowCount * 2 * count);
    for (let row = 0; row < frame.rowCount; row++) {
      const start = row * 2 * count;
      const near = values.subarray(start, start + count).fill(Number.POSITIVE_INFINITY);
      const places = values.subarray(start + count, start + 2 * count);
      for (let point = 0; point < width; point++) {
        const distance = distances[row * width + point] as number;
        if (!(distance < (near[count - 1] as number))) continue;
        let at = count - 1;
        for (; at > 0 && (near[at - 1] as number) > distance; at--) {
          near[at] = near[at - 1] as number;
          places[at] = places[at - 1] as number;
        }
        near[at] = distance;
        places[at] = point;
      }
    }
    return { kind: "dense", width: 2 * count, values };
  };
