// Which container of XGBoost some bytes are → parts.
import { trimaranError } from "../../base/errors.ts";
import { parseJsonBytes } from "./parse-json.ts";
import { readUbjson } from "./ubjson.ts";
import { isXgboostBinary, readXgboostBinary } from "./xgboost-binary.ts";
import { xgboostParts } from "./xgboost-json.ts";
import type { XgboostParts } from "./xgboost-parts.ts";

export type XgboostContainer = "xgboost-json" | "xgboost-ubj" | "xgboost-binary";

const sniffedBytes = 400;
const serializedMagic = "CONFIG-offset:";

/** What the bytes begin as, or null. */
export function sniffXgboost(bytes: Uint8Array): XgboostContainer | null {
  const head = String.fromCharCode(...bytes.subarray(0, sniffedBytes));
  if (/^\s*\{\s*"/.test(head)) return /"(learner|Config|Model)"/.test(head) ? "xgboost-json" : null;
  if (/^\{[LlIiU#$]/.test(head)) return /learner|Config|Model/.test(head) ? "xgboost-ubj" : null;
  return isXgboostBinary(bytes) ? "xgboost-binary" : null;
}

export interface XgboostFile {
  readonly container: XgboostContainer;
  readonly parts: XgboostParts;
}

/** A model file, or the buffer that a pickled Booster holds. @throws FORMAT_*, MODEL_* */
export function readXgboostFile(bytes: Uint8Array, name: string): XgboostFile {
  const inner = withoutConfig(bytes, name);
  const container = sniffXgboost(inner);
  switch (container) {
    case "xgboost-json":
      return { container, parts: xgboostParts(parseJsonBytes(inner, name)) };
    case "xgboost-ubj":
      return { container, parts: xgboostParts(readUbjson(inner, name)) };
    case "xgboost-binary":
      return { container, parts: readXgboostBinary(inner, name) };
    case null:
      throw trimaranError("FORMAT_UNKNOWN", { name, start: "no model of XGBoost" });
  }
}

/** Until 1.5 a Booster could be pickled as `CONFIG-offset:`, the length of the model in 8 bytes, the model, its settings. */
function withoutConfig(bytes: Uint8Array, name: string): Uint8Array {
  const start = serializedMagic.length;
  if (String.fromCharCode(...bytes.subarray(0, start)) !== serializedMagic) return bytes;
  if (bytes.length < start + 8)
    throw trimaranError("FORMAT_DAMAGED", { name, problem: "it ends early", offset: start });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigInt64(start, true));
  if (length < 0 || length > bytes.length - start - 8) {
    throw trimaranError("FORMAT_DAMAGED", { name, problem: "the model is longer than its buffer", offset: start });
  }
  return bytes.subarray(start + 8, start + 8 + length);
}
