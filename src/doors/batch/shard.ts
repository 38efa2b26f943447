// A shard: a range of rows of one file, scored by one thread, kept on its own. What threads are told of it is plain data.
import type { Issue } from "../../base/errors.ts";
import type { Warning } from "../../data/batch.ts";
import type { OutputColumnPlan } from "./answer-columns.ts";
import type { FieldPlan } from "./input-fields.ts";
import type { BatchCompression, BatchFormat, ManifestRows } from "./ports.ts";
import type { WriteColumn } from "./write-columns.ts";

/** What all shards of a unit share. */
export interface ShardJob {
  /** Every file of the unit: what a thread's DuckDB may read. */
  readonly paths: readonly string[];
  readonly folder: string;
  readonly format: BatchFormat;
  readonly compression?: BatchCompression;
  readonly derive: Readonly<Record<string, string>>;
  readonly where: string | null;
  readonly truth: string | null;
  readonly id: IdRule;
  readonly write: readonly WriteColumn[];
  readonly outputs: readonly OutputColumnPlan[];
  readonly version: string;
  readonly period: string | null;
  /** Of the definition and of the models that every thread must have; null: a model alone has no definition. */
  readonly definitionDigest: string | null;
  readonly modelDigests: readonly string[];
  readonly memoryBytes: number;
}

/**
 * - `template`: of `{file}`, `{period}` and `{row}`
 * - `key`: what the definition's `key` says of a row
 * - `column`: a column of the input
 */
export type IdRule =
  | { readonly kind: "template"; readonly template: string }
  | { readonly kind: "key" }
  | { readonly kind: "column"; readonly column: string };

/** A file of the input as it is read: Parquet on this machine. */
export interface ShardFile {
  readonly path: string;
  /** As a person knows it. */
  readonly uri: string;
  /** `{file}` of ids. */
  readonly name: string;
  /** Columns that its path says: `year=2021`. */
  readonly hive: Readonly<Record<string, string>>;
  /** Its types are guesses, as CSV's are. */
  readonly isCsv: boolean;
  readonly isGuessed: boolean;
  /** Columns whose cells are JSON texts. */
  readonly json: readonly string[];
  /** Columns of the file alone → DuckDB's types. */
  readonly own: readonly (readonly [string, string])[];
  /** Derived ones included. */
  readonly columnTypes: Readonly<Record<string, string>>;
  readonly fields: readonly FieldPlan[];
  /** Of a model that knows its columns by position. */
  readonly isPositional: boolean;
  /** A field that the file lacks has a default: every row is read as a request is. */
  readonly lacksDefaults: boolean;
}

export interface ShardTask {
  readonly index: number;
  readonly file: ShardFile;
  /** Rows of the file from `start` to before `end`. */
  readonly start: number;
  readonly end: number;
}

export interface ShardReport {
  readonly index: number;
  readonly rows: ManifestRows;
  readonly reasons: readonly CountedIssue[];
  readonly warnings: readonly Warning[];
  /** Names in the folder, whole but not yet kept. */
  readonly files: readonly string[];
  /** Of each of them: what a later run takes must be what this one wrote. */
  readonly checksums: readonly string[];
}

export interface CountedIssue extends Issue {
  readonly count: number;
}

export function shardName(index: number): string {
  return `shard-${String(index).padStart(6, "0")}`;
}

/** Counts issues by path and code; the message is that of the first. */
export class IssueCounts {
  readonly #counts = new Map<string, CountedIssue>();

  add({ path, code, message }: Issue, count = 1): void {
    // A field of each row's own (`/tags/17`) is one reason.
    const key = `${path.replaceAll(/\/\d+(?=\/|$)/g, "/*")}\u0000${code}`;
    const known = this.#counts.get(key);
    this.#counts.set(key, { path, code, message: known?.message ?? message, count: (known?.count ?? 0) + count });
  }

  /** The most frequent first; equal ones by path. */
  list(): readonly CountedIssue[] {
    const order = (left: CountedIssue, right: CountedIssue): number =>
      right.count - left.count || (`${left.path} ${left.code}` < `${right.path} ${right.code}` ? -1 : 1);
    return [...this.#counts.values()].sort(order);
  }
}
