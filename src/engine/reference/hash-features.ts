// hash_features, plainly.
import { jsonPointer } from "../../data/json-pointer.ts";
import type { RowItems } from "../../data/model-input.ts";
import type { KernelMaker } from "../kernel.ts";
import { hashColumn, murmurHash } from "../text/murmur-hash.ts";
import { sparseWriter } from "../text/sparse-writer.ts";

export const hashFeatures: KernelMaker<"hash_features"> =
  (op) =>
  ([input], frame) => {
    if (input?.kind !== "records") throw new TypeError("kernel: records were promised");
    const writer = sparseWriter(op);
    for (const [row, record] of input.rows.entries()) {
      for (const [place, item] of Object.entries(record)) {
        const [key, value] = pairOf(place, item, op.items);
        const problem = (message: string): void =>
          frame.refuse(row, { path: jsonPointer(place), code: "wrong_type", message });
        const isText = typeof value === "string";
        if (!isText && typeof value !== "number" && typeof value !== "boolean" && typeof value !== "bigint") {
          problem("must be a string, a number or a boolean");
          continue;
        }
        const number = isText ? 1 : Number(value);
        if (number === 0) continue;
        if (op.number === "i64" && !Number.isFinite(number)) {
          problem("must be finite, as it is counted in whole numbers");
          continue;
        }
        const hash = murmurHash(isText ? `${key}=${value}` : key);
        if (hash === undefined) problem("holds half of a surrogate pair, which has no UTF-8");
        else writer.add(hashColumn(hash, op.width), signed(number, op.signed && hash < 0, op.number));
      }
      writer.endRow(null);
    }
    return writer.finish();
  };

function pairOf(place: string, item: unknown, items: RowItems | undefined): readonly [string, unknown] {
  if (items === undefined) return [place, item];
  return items === "strings" ? [String(item), 1] : (item as readonly [string, unknown]);
}

/** Whole numbers are cut before they are added up, as storing them does. */
function signed(number: number, negative: boolean, type: "i64" | "f64" | "f32"): number {
  const value = negative ? -number : number;
  return type === "i64" ? Math.trunc(value) : value;
}
