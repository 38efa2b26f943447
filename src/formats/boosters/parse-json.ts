// JSON text → values. XGBoost and Python also write NaN and Infinity, which JSON does not have.
import { trimaranError } from "../../base/errors.ts";
import type { JsonValue } from "./json-value.ts";

/** What one string of V8 safely holds. */
const maxJsonBytes = 0x1ff00000;

/** @throws FORMAT_LIMIT, FORMAT_DAMAGED */
export function parseJsonBytes(bytes: Uint8Array, name: string): JsonValue {
  if (bytes.length > maxJsonBytes) {
    const problem = `JSON of ${bytes.length} bytes; save it as .ubj`;
    throw trimaranError("FORMAT_LIMIT", { name, limit: "maxJsonBytes", max: maxJsonBytes, problem });
  }
  return parseJson(new TextDecoder().decode(bytes), name);
}

/** @throws FORMAT_DAMAGED */
export function parseJson(text: string, name: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    try {
      return JSON.parse(withoutSpecials(text)) as JsonValue;
    } catch (cause) {
      // The engine's own message would quote the file.
      const offset = Number(/position (\d+)/.exec(cause instanceof Error ? cause.message : "")?.[1] ?? text.length);
      throw trimaranError("FORMAT_DAMAGED", { name, problem: "the JSON text is not sound", offset });
    }
  }
}

/** NaN becomes null, and an infinity a number that reads as one. Strings stay as they are. */
function withoutSpecials(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|NaN|Infinity/g, (token) =>
    token === "NaN" ? "null" : token === "Infinity" ? "1e999" : token,
  );
}
