// Reading one row by a schema: the types. `compileRow` (compile-row.ts) turns a schema into a reader.
import type { Issue } from "../base/errors.ts";
import type { Warning } from "./batch.ts";

/** A row as validated: the declared fields in declared order. Optional fields that were not sent are not there. */
export type Row = Readonly<Record<string, unknown>>;

/** Where a reader writes what it finds; one for a whole request or batch. */
export interface RowNotes {
  readonly issues: Issue[];
  readonly warnings: Map<string, Warning>;
}

/**
 * - `reject`: a field that is not declared is an issue
 * - `ignore`: it is dropped and counted as a warning `unknown_field`
 * - `reject-close`: an issue when its name is close to a declared one (a misspelling), else dropped and counted
 */
export type UnknownFields = "reject" | "ignore" | "reject-close";

export interface RowReaderOptions {
  /** @default "reject-close" */
  readonly unknownFields?: UnknownFields;
  /** Names the whole value in sentences. @default "The row" */
  readonly label?: string;
}

/**
 * Gives the row, or `undefined` after adding at least one issue. `path` is the JSON Pointer of `value` itself (`""`,
 * `/3`): issues stand below it.
 */
export type RowReader = (value: unknown, notes: RowNotes, path: string) => Row | undefined;
