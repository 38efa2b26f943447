// hash_features, plainly.
import { jsonPointer } from "../../data/json-pointer.ts";
import type { KernelMaker } from "../kernel.ts";
import { hashColumn, murmurHash } from "../text/murmur-hash.ts";
import { sparseWriter } from "../text/sparse-writer.ts";

export const hashFeatures: KernelMaker<"hash_features"> =
  (op) =>
  ([input], frame) => {
    if (input?.kind !== "records") throw new TypeError("kernel: records were promised");
    const writer = sparseWriter(op);
    for (const [row, record] of input.rows.entries()) {
      for (const [key, value] of Object.entries(record)) {
        const problem = (message: string): void =>
          frame.refuse(row, { path: jsonPointer(key), code: "wrong_type", message });
        const isText = typeof value === "string";
        if (!isText && typeof value !== "number" && typeof value !== "boolean" && typeof value !== "bigint") {
          problem("must be a string, a number or a boolean");
          continue;
        }
        const number = isText ? 1 : Number(value);
        if (number === 0) continue;
        const hash = murmurHash(isText ? `${key}=${value}` : key);
        if (hash === undefined) problem("holds half of a surrogate pair, which has no UTF-8");
        else writer.add(hashColumn(hash, op.width), op.signed && hash < 0 ? -number : number);
      }
      writer.endRow(null);
    }
    return writer.finish();
  };
