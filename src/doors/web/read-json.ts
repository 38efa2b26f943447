// A hostile body → a JSON value: sound UTF-8, bounded depth, no key twice. `__proto__` is a key like any other.
import { isUtf8 } from "node:buffer";
import { trimaranError } from "../../base/errors.ts";
import { describeJsonFault } from "../../base/json-fault.ts";
import { parseEscapedNames } from "../../data/parse-escaped-names.ts";
import { countKeys, scanJson } from "../../data/scan-json.ts";

/**
 * A byte order mark at the start is skipped, as RFC 8259 allows.
 * @throws REQUEST_NOT_JSON, REQUEST_TOO_DEEP, REQUEST_DUPLICATE_KEY
 */
export function readJson(body: Buffer, maxDepth: number): unknown {
  const bytes = body.length >= 3 && body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? body.subarray(3) : body;
  if (!isUtf8(bytes)) throw trimaranError("REQUEST_NOT_JSON", { problem: "its bytes are not UTF-8" });
  const { depth, members, escapedNames } = scanJson(bytes);
  if (depth > maxDepth) throw trimaranError("REQUEST_TOO_DEEP", { depth, limit: maxDepth });
  const text = bytes.toString("utf8");
  const value = escapedNames ? parseEscapedNames(text) : parse(text);
  if (members !== countKeys(value)) throw trimaranError("REQUEST_DUPLICATE_KEY", {});
  return value;
}

function parse(text: string): unknown {
  try {
    // Makes `__proto__` an own key of the object, never its prototype.
    return JSON.parse(text);
  } catch {
    // V8's own message quotes the body, so it is not passed on.
    throw trimaranError("REQUEST_NOT_JSON", { problem: describeJsonFault(text) });
  }
}
