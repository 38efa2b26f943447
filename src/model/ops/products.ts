// products: each result is the product of some columns, multiplied one by one in the given order; of none it is 1.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface ProductsOp {
  readonly kind: "products";
  readonly inputs: readonly [ValueId];
  readonly terms: readonly Int32Array[];
}

export const productsDefinition: OpDefinition<ProductsOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "dense") throw graphError("products takes dense numbers");
    for (const term of op.terms) {
      if (term.some((column) => column < 0 || column >= input.width)) throw graphError("products of absent columns");
    }
    return { ...input, width: op.terms.length, names: null };
  },
  describe: (op) => `${op.terms.length} products`,
};
