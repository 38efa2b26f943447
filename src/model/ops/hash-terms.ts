// hash_terms: documents → how often terms occur, by the column that each term's hash (MurmurHash3, 32 bits) falls into.
import { graphError, type OpDefinition } from "../op-definition.ts";
import { assertAnalyzer, describeAnalyzer, type TextAnalyzer } from "../text-analyzer.ts";
import type { NumberType, ValueId, ValueType } from "../value.ts";

export interface HashTermsOp {
  readonly kind: "hash_terms";
  /** A table of one column, a document a row. */
  readonly inputs: readonly [ValueId];
  readonly analyzer: TextAnalyzer;
  readonly width: number;
  /** The hash's sign decides whether a term counts 1 or −1. */
  readonly signed: boolean;
  /** 1 wherever any term fell, also where they cancel out. */
  readonly binary: boolean;
  readonly number: "i64" | "f64" | "f32";
}

export const hashTermsDefinition: OpDefinition<HashTermsOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "table" || input.columns.length !== 1) throw graphError("hash_terms takes one column of text");
    assertAnalyzer(op.analyzer);
    return hashedType(op);
  },
  describe: (op) => `hashed to ${op.width}, ${describeAnalyzer(op.analyzer)}`,
};

export function hashedType({ width, number }: { readonly width: number; readonly number: NumberType }): ValueType {
  if (!Number.isInteger(width) || width < 1 || width > 0x7fffffff) throw graphError(`hashes to ${width} columns`);
  return { kind: "sparse", width, number, names: null };
}
