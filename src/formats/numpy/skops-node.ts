// The nodes of a skops file's schema, checked as they are met: plain JSON until a loader says what a node means.
import { type TrimaranError, trimaranError } from "../../base/errors.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** What every node has. `content` and the rest belong to its loader. */
export interface SkopsNode {
  readonly loader: string;
  readonly module: string;
  readonly className: string;
  readonly fields: JsonObject;
  /** Where it stands in the schema, for errors. */
  readonly path: string;
}

export function skopsError(name: string, problem: string): TrimaranError {
  return trimaranError("FORMAT_DAMAGED", { name, problem, offset: 0 });
}

/** @throws FORMAT_DAMAGED when the value is no node */
export function toNode(value: unknown, path: string, name: string): SkopsNode {
  if (!isJsonObject(value)) throw skopsError(name, `${path} of its schema is no node`);
  const { __loader__: loader, __module__: module, __class__: className } = value;
  if (typeof loader !== "string" || typeof module !== "string" || typeof className !== "string") {
    throw skopsError(name, `${path} of its schema names no loader, module and class`);
  }
  return { loader, module, className, fields: value, path };
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
