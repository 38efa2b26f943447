// affine: x · weightsᵀ + intercept. Each sum runs from zero over the columns in order, then the intercept is added; that
// is scipy's CSR product bit for bit, and one of the many orders of a dense BLAS product.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface AffineOp {
  readonly kind: "affine";
  readonly inputs: readonly [ValueId];
  /** Row-major, `outputs × width`. */
  readonly weights: Float64Array;
  /** One a output. */
  readonly intercept: Float64Array;
}

export const affineDefinition: OpDefinition<AffineOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "dense" && input?.kind !== "sparse") throw graphError("affine takes numbers");
    if (op.weights.length !== op.intercept.length * input.width) {
      throw graphError(`affine has ${op.weights.length} weights for ${op.intercept.length} × ${input.width}`);
    }
    return { kind: "dense", width: op.intercept.length, number: "f64", names: null };
  },
  describe: (op) => `affine, ${op.weights.length} weights → ${op.intercept.length}`,
};
