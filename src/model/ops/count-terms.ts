// count_terms: documents → how often each known term occurs, sparse. Terms that are not known count nothing.
import { graphError, type OpDefinition } from "../op-definition.ts";
import { assertAnalyzer, describeAnalyzer, type TextAnalyzer } from "../text-analyzer.ts";
import type { ValueId } from "../value.ts";

export interface CountTermsOp {
  readonly kind: "count_terms";
  /** A table of one column, a document a row. */
  readonly inputs: readonly [ValueId];
  readonly analyzer: TextAnalyzer;
  /** Column i counts `terms[i]`; terms are unique. */
  readonly terms: readonly string[];
  /** 1 for a term that occurs, however often. */
  readonly binary: boolean;
  readonly number: "i64" | "f64" | "f32";
}

export const countTermsDefinition: OpDefinition<CountTermsOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "table" || input.columns.length !== 1) throw graphError("count_terms takes one column of text");
    if (new Set(op.terms).size !== op.terms.length) throw graphError("count_terms has a term twice");
    assertAnalyzer(op.analyzer);
    return { kind: "sparse", width: op.terms.length, number: op.number, names: op.terms };
  },
  describe: (op) => `${op.terms.length} terms, ${describeAnalyzer(op.analyzer)}`,
};
