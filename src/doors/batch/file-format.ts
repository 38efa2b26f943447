// What the name of a file says about its bytes.
import { trimaranError } from "../../base/errors.ts";
import type { BatchCompression, BatchFormat } from "./ports.ts";

export interface FileFormat {
  readonly format: BatchFormat;
  readonly compression?: BatchCompression;
}

const formats: Readonly<Record<string, BatchFormat>> = {
  parquet: "parquet",
  pq: "parquet",
  csv: "csv",
  ndjson: "ndjson",
  jsonl: "ndjson",
};

const compressions: Readonly<Record<string, BatchCompression>> = { gz: "gz", zst: "zst" };

/** null: no table that we know. */
export function formatOf(name: string): FileFormat | null {
  const [, ending = "", packed] = /\.([a-z]+)(?:\.(gz|zst))?$/i.exec(name) ?? [];
  const format = Object.hasOwn(formats, ending.toLowerCase()) ? formats[ending.toLowerCase()] : undefined;
  const compression = packed === undefined ? undefined : compressions[packed.toLowerCase()];
  if (format === undefined || (format === "parquet" && compression !== undefined)) return null;
  return compression === undefined ? { format } : { format, compression };
}

/** @throws BATCH_FORMAT */
export function assertFormat(name: string): FileFormat {
  const found = formatOf(name);
  if (found === null) throw trimaranError("BATCH_FORMAT", { name });
  return found;
}

/** Without what `formatOf` reads: `2021-03` of `2021-03.csv.gz`. */
export function withoutEnding(name: string): string {
  return formatOf(name) === null ? name : name.replace(/\.[a-z]+(?:\.(gz|zst))?$/i, "");
}
