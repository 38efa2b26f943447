// hash_terms, plainly.
import { jsonPointer } from "../../data/json-pointer.ts";
import type { KernelMaker } from "../kernel.ts";
import { makeAnalyze } from "../text/analyze.ts";
import { documentName, eachDocument } from "../text/documents.ts";
import { hashColumn, murmurHash } from "../text/murmur-hash.ts";
import { sparseWriter } from "../text/sparse-writer.ts";

export const hashTerms: KernelMaker<"hash_terms"> = (op, { inputs }) => {
  const analyze = makeAnalyze(op.analyzer);
  const [type] = inputs;
  const name = type?.kind === "table" ? documentName(type.columns) : "0";
  return ([input], frame) => {
    const writer = sparseWriter(op);
    eachDocument(input, { frame, name }, (document, row) => {
      for (const term of analyze(document)) {
        const hash = murmurHash(term);
        if (hash === undefined) {
          const message = "holds half of a surrogate pair, which has no UTF-8";
          frame.refuse(row, { path: jsonPointer(name), code: "wrong_type", message });
          break;
        }
        writer.add(hashColumn(hash, op.width), op.signed && hash < 0 ? -1 : 1);
      }
      writer.endRow(op.binary ? 1 : null);
    });
    return writer.finish();
  };
};
