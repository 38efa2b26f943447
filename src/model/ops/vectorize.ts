// vectorize: records → sparse, one column a known name. A string value v of key k is the name `k<separator>v` with 1,
// a number, boolean or null (NaN) the name k with its value, a list of strings several names; unknown names add nothing.
// Columns ascend within a row; a name that occurs twice stands twice, in the order of the record.
import type { OpDefinition } from "../op-definition.ts";
import { graphError } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface VectorizeOp {
  readonly kind: "vectorize";
  readonly inputs: readonly [ValueId];
  /** Column i has the name `names[i]`; names are unique. */
  readonly names: readonly string[];
  readonly separator: string;
  /**
   * What is neither a string nor a number: a list of strings is several values (`split`, scikit-learn ≥ 0.24). Before, an
   * unknown name was not looked at further (`ignore`), or its value still had to be numbers (`array`, the dense path).
   */
  readonly lists: "split" | "ignore" | "array";
  /** `i64` cuts fractions off and refuses what is no finite number. */
  readonly number: "f64" | "f32" | "i64";
}

export const vectorizeDefinition: OpDefinition<VectorizeOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "records") throw graphError("vectorize takes records");
    if (new Set(op.names).size !== op.names.length) throw graphError("vectorize has a name twice");
    return { kind: "sparse", width: op.names.length, number: op.number, names: op.names };
  },
  describe: (op) => `one-hot by dictionary, ${op.names.length} columns`,
};
