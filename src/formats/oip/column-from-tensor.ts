// A tensor that a model answered → a column of predictions, in the type in which it came.
import type { OutputColumn } from "../../data/predictions.ts";
import { datatypeFacts } from "./datatype.ts";
import { dataProblem, type OipTensor, shapeProblem } from "./tensor.ts";
import { isBigIntData, isBytesData } from "./tensor-data.ts";

/** [N] and [N, 1] answer one value a row, [N, k] a list. @throws OIP_SHAPE, OIP_DATA */
export function columnFromTensor({ name, datatype, shape, data }: OipTensor, rowCount: number): OutputColumn {
  if (shape[0] !== rowCount) throw shapeProblem(name, `[${shape.join(", ")}] for ${rowCount} rows`);
  const width = shape.slice(1).reduce((count, dim) => count * dim, 1);
  const form = { scalar: width === 1, width };
  if (isBytesData(data)) {
    const cells = data.map((element, at) => {
      if (element instanceof Uint8Array) throw dataProblem(name, `element ${at} is no UTF-8 text`);
      return element;
    });
    return { kind: "cell", ...form, cells };
  }
  if (isBigIntData(data)) {
    const values = Float64Array.from(data, Number);
    if (values.every(Number.isSafeInteger)) return { kind: "number", type: "integer", ...form, values };
    return { kind: "cell", ...form, cells: [...data] };
  }
  if (data instanceof Float32Array) return { kind: "number", type: "float32", ...form, values: data };
  if (data instanceof Float64Array) return { kind: "number", type: "float64", ...form, values: data };
  const type = datatypeFacts(datatype).family === "bool" ? "boolean" : "integer";
  return { kind: "number", type, ...form, values: Float64Array.from(data) };
}
