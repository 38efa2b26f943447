// The ways in which reading an array fails, and the checks of untrusted counts that they share.
import { type TrimaranError, trimaranError } from "../../base/errors.ts";
import { describeValue, isNode, type PyValue } from "../pickle/tree.ts";

export function arrayError(path: string, problem: string): TrimaranError {
  return trimaranError("ARRAY_INVALID", { path: path === "" ? "the root" : path, problem });
}

export function arrayTypeError(path: string, type: string, wanted: string): TrimaranError {
  return trimaranError("ARRAY_TYPE", { path: path === "" ? "the root" : path, type, wanted });
}

/** The items of a tuple (or of a list, which some writers use), or an error that names `what`. */
export function tupleItems(value: PyValue | undefined, path: string, what: string): readonly PyValue[] {
  if (isNode(value) && (value.kind === "tuple" || value.kind === "list")) return value.items;
  throw arrayError(path, `${what} is ${describeValue(value)}, not a tuple`);
}

/** A count or an offset: an integer from 0 to 2^53. */
export function countOf(value: PyValue | undefined, path: string, what: string): number {
  if (typeof value === "number" && value >= 0) return value;
  const shown = typeof value === "number" ? "negative" : typeof value === "bigint" ? "too large" : describeValue(value);
  throw arrayError(path, `${what} is ${shown}`);
}

/** numpy's own bound on dimensions. */
const maxDimensions = 64;

export function shapeOf(value: PyValue | undefined, path: string): readonly number[] {
  const items = typeof value === "number" ? [value] : tupleItems(value, path, "its shape");
  if (items.length > maxDimensions) throw arrayError(path, `it has ${items.length} dimensions`);
  return items.map((item) => countOf(item, path, "a dimension of its shape"));
}

/** The product of a shape, or an error beyond 2^53, where multiplication is no longer exact. */
export function elementCount(shape: readonly number[], path: string): number {
  if (shape.includes(0)) return 0;
  let count = 1;
  for (const dimension of shape) {
    count *= dimension;
    if (count > Number.MAX_SAFE_INTEGER) throw arrayError(path, "its shape has more elements than 2^53");
  }
  return count;
}
