// hash_features: records → sparse, by the column that the hash (MurmurHash3, 32 bits) of a name falls into. A string value v
// of key k is the name `k=v` with 1, a number or boolean the name k with its value; zeros add nothing. Of rows that are arrays,
// every item is a name that counts 1, or such a pair of key and value.
import type { RowItems } from "../../data/model-input.ts";
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";
import { hashedType } from "./hash-terms.ts";

export interface HashFeaturesOp {
  readonly kind: "hash_features";
  readonly inputs: readonly [ValueId];
  readonly width: number;
  /** The hash's sign multiplies the value. */
  readonly signed: boolean;
  readonly number: "i64" | "f64" | "f32";
  /** What rows hold that are no dictionaries. */
  readonly items?: RowItems;
}

export const hashFeaturesDefinition: OpDefinition<HashFeaturesOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "records") throw graphError("hash_features takes records");
    return hashedType(op);
  },
  describe: (op) => `names hashed to ${op.width}`,
};
