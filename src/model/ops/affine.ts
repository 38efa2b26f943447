// affine: x · weightsᵀ + intercept. Each sum runs from zero over the columns in order, then the intercept is added; that
// is scipy's CSR product bit for bit, and one of the many orders of a dense BLAS product. On float32 rows it may run in
// float32, where every product and every sum is rounded.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface AffineOp {
  readonly kind: "affine";
  readonly inputs: readonly [ValueId];
  /** Row-major, `outputs × width`. */
  readonly weights: Float64Array;
  /** One a output. */
  readonly intercept: Float64Array;
  /**
   * `f32`: float32 input, and weights and intercepts that are float32 numbers. Every product and sum is rounded.
   *
   * @default "f64"
   */
  readonly number?: "f64" | "f32";
}

export const affineDefinition: OpDefinition<AffineOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "dense" && input?.kind !== "sparse") throw graphError("affine takes numbers");
    if (op.weights.length !== op.intercept.length * input.width) {
      throw graphError(`affine has ${op.weights.length} weights for ${op.intercept.length} × ${input.width}`);
    }
    if (op.number === "f32" && input.number !== "f32") throw graphError("affine in float32 takes float32 numbers");
    return { kind: "dense", width: op.intercept.length, number: op.number ?? "f64", names: null };
  },
  describe: (op) => `affine, ${op.weights.length} weights → ${op.intercept.length}`,
};
