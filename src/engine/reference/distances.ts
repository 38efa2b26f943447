// distances, plainly.
import { denseInput, type KernelMaker } from "../kernel.ts";
import { rowDistance } from "../row-distance.ts";

export const distances: KernelMaker<"distances"> = (op, { inputs }) => {
  const [type] = inputs;
  const width = type?.kind === "dense" ? type.width : 0;
  const distance = rowDistance(op.metric, op.points, width);
  return ([input], frame) => {
    const { values: x } = denseInput(input);
    const values = new Float64Array(frame.rowCount * op.count);
    for (let row = 0, at = 0; row < frame.rowCount; row++) {
      for (let point = 0; point < op.count; point++) {
        values[at++] = distance({ x, row: row * width, point: point * width });
      }
    }
    return { kind: "dense", width: op.count, values };
  };
};
