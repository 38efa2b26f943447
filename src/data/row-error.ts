// The issues of rows as one error, for callers that ask for all rows or none.
import { type TrimaranError, trimaranError } from "../base/errors.ts";
import type { RowIssue } from "./batch.ts";
import { jsonPointer } from "./json-pointer.ts";

export type AnyIssue = Pick<RowIssue, "path" | "code" | "message"> & { readonly row?: number };

/** ROW_INVALID with every issue; paths begin with the row (`/3/trip_distance`), unless only one was asked for. */
export function rowError(found: readonly AnyIssue[], isSingle = false): TrimaranError {
  const issues = found.map(({ row, path, code, message }) => ({
    path: isSingle || row === undefined ? path : jsonPointer(row) + path,
    code,
    message,
  }));
  const [first] = issues;
  const text = first === undefined ? "" : first.path === "" ? first.message : `${first.path}: ${first.message}`;
  return trimaranError("ROW_INVALID", { count: issues.length, first: text }, { issues });
}
