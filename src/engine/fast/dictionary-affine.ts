// vectorize → require_finite → affine as one pass over the records: no row is materialised. The products are summed in
// column order from zero, so the answers equal the plain kernels bit for bit.
import type { AffineOp } from "../../model/ops/affine.ts";
import type { RequireFiniteOp } from "../../model/ops/require-finite.ts";
import type { VectorizeOp } from "../../model/ops/vectorize.ts";
import { sparseRow } from "../dictionary.ts";
import type { Kernel } from "../kernel.ts";
import { RecordsReader } from "../records-reader.ts";
import { refuseNumber } from "../reference/require-finite.ts";
import { affineColumns } from "./affine-columns.ts";

export interface DictionaryAffine {
  readonly vectorize: VectorizeOp;
  readonly finite: RequireFiniteOp | null;
  readonly affine: AffineOp;
}

export function dictionaryAffine({ vectorize, finite, affine }: DictionaryAffine): Kernel {
  const records = new RecordsReader(vectorize);
  const { weights, intercept } = affine;
  const outputs = intercept.length;
  const width = vectorize.names.length;
  const out = sparseRow(32);
  const sumColumns = affineColumns({ records, affine, width, checksFinite: finite !== null });
  return ([input], frame) => {
    if (input?.kind !== "records") throw new TypeError("kernel: records were promised");
    const summed = input.columns === undefined ? null : sumColumns(input.columns, frame);
    if (summed !== null) return { kind: "dense", width: outputs, values: summed };
    const values = new Float64Array(frame.rowCount * outputs);
    const read = records.open(input, frame);
    for (let row = 0; row < frame.rowCount; row++) {
      read(row, out);
      if (finite !== null) {
        for (let i = 0; i < out.length; i++) {
          const value = out.values[i] as number;
          if (!Number.isFinite(value)) {
            const column = out.columns[i] as number;
            refuseNumber(frame, { row, column, value, names: vectorize.names, float32: false, op: finite });
          }
        }
      }
      for (let output = 0; output < outputs; output++) {
        let sum = 0;
        for (let i = 0; i < out.length; i++) {
          sum += (out.values[i] as number) * (weights[output * width + (out.columns[i] as number)] as number);
        }
        values[row * outputs + output] = sum + (intercept[output] as number);
      }
    }
    return { kind: "dense", width: outputs, values };
  };
}
