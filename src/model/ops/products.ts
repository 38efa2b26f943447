// products: each result is the product of some columns, multiplied one by one in the given order; of none it is 1. In a
// sparse row each stored number meets itself and those behind it, as scipy's rows do that store a column twice: terms must
// then ascend, and only products of stored numbers are stored.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface ProductsOp {
  readonly kind: "products";
  readonly inputs: readonly [ValueId];
  readonly terms: readonly Int32Array[];
}

export const productsDefinition: OpDefinition<ProductsOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "dense" && input?.kind !== "sparse") throw graphError("products takes numbers");
    for (const term of op.terms) {
      if (term.some((column) => column < 0 || column >= input.width)) throw graphError("products of absent columns");
      if (input.kind === "sparse" && term.some((column, at) => column < (term[at - 1] ?? 0))) {
        throw graphError("products of sparse columns that descend");
      }
    }
    return { ...input, width: op.terms.length, names: null };
  },
  describe: (op) => `${op.terms.length} products`,
};
