// What a batch job reads from and writes to, whatever it is: local files, S3, HTTP, a database. `open-place.ts` knows the schemes.
import type { Issue } from "../../base/errors.ts";

export type BatchFormat = "parquet" | "csv" | "ndjson";
export type BatchCompression = "gz" | "zst";

export interface PlaceOptions {
  /** Secrets come from here only (AWS_…, PG…). */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Where shards of a place that is not on this machine are kept. @default the system's folder for temporary files */
  readonly home?: string | undefined;
}

/** One file of the input, as it was when it was listed. */
export interface InputFile {
  /** As a person would write it, without secrets: `data/green/2021-03.parquet`, `s3://bucket/key`. */
  readonly uri: string;
  /** The path below the fixed part of the glob, without extensions; for one file its stem. `{file}` of the ids. */
  readonly name: string;
  /** Bytes; of a query the bytes of what it gave, 0 before it is fetched. */
  readonly size: number;
  /** Of a store that has such. */
  readonly etag?: string;
  /** ISO 8601. */
  readonly modified?: string;
  readonly format: BatchFormat;
  readonly compression?: BatchCompression;
}

export interface InputSource extends AsyncDisposable {
  /** Sorted by name; empty where nothing matches. @throws BATCH_INPUT, and what the store says */
  list(signal: AbortSignal): Promise<readonly InputFile[]>;
  /**
   * A local path with exactly the bytes that were listed: the file itself, or a copy below `folder` (which the caller removes).
   * @throws BATCH_CHANGED when it is no longer the file that was listed
   */
  fetch(file: InputFile, folder: string, signal: AbortSignal): Promise<string>;
  /** Whether it still is what was listed; asked when all of it was read. @throws BATCH_CHANGED */
  assertSame(file: InputFile, signal: AbortSignal): Promise<void>;
}

/** A place for one unit of output: a file, or the `predictions.parquet` of one partition. */
export interface OutputPlace extends AsyncDisposable {
  /** Of the file that readers see, without secrets. */
  readonly uri: string;
  readonly format: BatchFormat;
  readonly compression?: BatchCompression;
  /** A local folder for shards and for what is made of them. Of a remote place: a temporary one. */
  readonly folder: string;
  /** Takes the place for this run, until it is disposed of. A run that died holds nothing. @throws BATCH_BUSY */
  acquire(signal: AbortSignal): Promise<void>;
  /** Of the last run that finished; null where none did, or what lies there is none. */
  readManifest(): Promise<Manifest | null>;
  /** Whether the published file is there, with the manifest's bytes and checksum where that can be told cheaply. */
  isPublished(manifest: Manifest): Promise<boolean>;
  /** Names of files that earlier runs have kept: `shard-00003.parquet`, `plan.json`. */
  kept(): Promise<readonly string[]>;
  /** From now on `folder/name` outlives the process; written as `name.part`, and closed. Whoever takes it later checks it. */
  keep(name: string): Promise<void>;
  /** A file that was kept, as a local path below `folder`. */
  fetchKept(name: string): Promise<string>;
  /** Forgets what is kept, but for names of which `stays` is true. */
  clear(stays?: (name: string) => boolean): Promise<void>;
  /** The one atomic step: readers see the file as it was before, or this one. */
  publish(publication: Publication): Promise<void>;
}

/** Paths lie below the place's folder; they are taken, not copied, where that can be. */
export interface Publication {
  readonly file: string;
  /** NDJSON files for `_rejects/`, by the name that they get there. Those of earlier runs go. */
  readonly rejects: Readonly<Record<string, string>>;
  /** Written last: until then the unit does not count as done. */
  readonly manifest: Manifest;
}

export interface ManifestInput {
  readonly uri: string;
  readonly name: string;
  readonly size: number;
  readonly etag?: string;
  readonly modified?: string;
  /** `sha256:` and 64 hex digits over the bytes. */
  readonly digest: string;
  /** Rows of it, before the filter. */
  readonly rows: number;
}

export interface ManifestModel {
  readonly name: string;
  readonly uri: string;
  readonly version: string | null;
  readonly digest: string;
}

export interface ManifestRows {
  /** Rows of the inputs. */
  readonly read: number;
  /** Left out by `where`. */
  readonly filtered: number;
  readonly rejected: number;
  readonly written: number;
}

/** What was made of what. Everything but `times` and `engine` is the same for every run over the same things. */
export interface Manifest {
  readonly format: "trimaran-batch/1";
  /** 12 hex digits; rows of the run are `<run>/<row id>` in the prediction log. */
  readonly run: string;
  readonly deployment: string;
  readonly period: string | null;
  readonly inputs: readonly ManifestInput[];
  readonly models: readonly ManifestModel[];
  readonly definition_digest: string | null;
  readonly rows: ManifestRows;
  /** How often each reason stands in the rejects, the most frequent first. */
  readonly reject_reasons: readonly (Issue & { readonly count: number })[];
  readonly warnings: readonly { readonly code: string; readonly field: string; readonly count: number }[];
  readonly outputs: readonly ManifestOutput[];
  readonly engine: { readonly trimaran: string; readonly node: string; readonly duckdb: string };
  readonly times: { readonly started: string; readonly finished: string };
  /** What a back-test found, where one was asked for. */
  readonly backtest?: unknown;
}

export interface ManifestOutput {
  /** The file's name in its folder. */
  readonly file: string;
  readonly rows: number;
  readonly bytes: number;
  readonly digest: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}
