// A hostile body → a JSON value: sound UTF-8, bounded depth, no key twice. `__proto__` is a key like any other.
import { isUtf8 } from "node:buffer";
import { type Issue, trimaranError } from "../../base/errors.ts";
import { describeJsonFault } from "../../base/json-fault.ts";
import { jsonPointer } from "../../data/json-pointer.ts";
import { parseEscapedNames } from "./parse-escaped-names.ts";
import { countKeys, scanJson } from "./scan-json.ts";

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

/** Whether a number was too large for a double: JSON.parse turns such numbers into infinities, which JSON cannot write. */
export function hasOverflow(value: unknown): boolean {
  if (typeof value === "number") return !Number.isFinite(value);
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some(hasOverflow);
  const record = value as Readonly<Record<string, unknown>>;
  for (const key in record) if (hasOverflow(record[key])) return true;
  return false;
}

/** An issue for each of those numbers, the first `maxIssues` of them. */
export function overflowIssues(value: unknown, maxIssues: number): Issue[] {
  const issues: Issue[] = [];
  const visit = (item: unknown, path: string): void => {
    if (issues.length >= maxIssues || !hasOverflow(item)) return;
    if (typeof item === "number") {
      issues.push({ path, code: "not_finite", message: "The number is too large for a 64-bit float." });
    } else {
      const steps = Array.isArray(item) ? item.entries() : Object.entries(item as object);
      for (const [step, inner] of steps) visit(inner, path + jsonPointer(step));
    }
  };
  visit(value, "");
  return issues;
}
