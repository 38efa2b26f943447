// count_terms, plainly.
import type { KernelMaker } from "../kernel.ts";
import { makeAnalyze } from "../text/analyze.ts";
import { documentName, eachDocument } from "../text/documents.ts";
import { sparseWriter } from "../text/sparse-writer.ts";

export const countTerms: KernelMaker<"count_terms"> = (op, { inputs }) => {
  const analyze = makeAnalyze(op.analyzer);
  const columns = new Map(op.terms.map((term, column) => [term, column]));
  const [type] = inputs;
  const name = type?.kind === "table" ? documentName(type.columns) : "0";
  return ([input], frame) => {
    const writer = sparseWriter({ width: op.terms.length, number: op.number });
    eachDocument(input, { frame, name }, (document) => {
      for (const term of analyze(document)) {
        const column = columns.get(term);
        if (column !== undefined) writer.add(column, 1);
      }
      writer.endRow(op.binary ? 1 : null);
    });
    return writer.finish();
  };
};
