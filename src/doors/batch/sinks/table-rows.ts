// Rows of a finished file on their way into a table: its columns, those of the partition among them, and the manifest that counts them.
import { trimaranError } from "../../../base/errors.ts";
import { openSqlEngine, sqlName, sqlText } from "../../../tables/sql-engine.ts";
import { describe, unreadable } from "../../../tables/sql-source.ts";
import type { Manifest } from "../ports.ts";
import type { Partition } from "../sources/database-url.ts";

export interface TableColumn {
  readonly name: string;
  /** DuckDB's. */
  readonly type: string;
  /** SQL over the file. */
  readonly sql: string;
}

/** The partition's column comes last where the file has none of its name. @throws BATCH_QUERY when rows are of another partition */
export async function tableColumns(
  file: string,
  { partition, name }: { readonly partition: Partition | null; readonly name: string },
): Promise<readonly TableColumn[]> {
  await using engine = await openSqlEngine([file], { threads: 1 });
  const from = `read_parquet(${sqlText(file)}, hive_partitioning = false)`;
  const own = await describe(engine, from, (cause) => unreadable([file], cause));
  const columns = [...own].map(([column, type]) => ({ name: column, type, sql: sqlName(column) }));
  if (partition === null) return columns;
  if (!own.has(partition.column)) {
    return [...columns, { name: partition.column, type: "VARCHAR", sql: sqlText(partition.value) }];
  }
  const strange = `CAST(${sqlName(partition.column)} AS VARCHAR) IS DISTINCT FROM ${sqlText(partition.value)}`;
  const found = await engine.connection.runAndReadAll(`SELECT count(*) FROM ${from} WHERE ${strange}`);
  if (Number(found.getRowsJS()[0]?.[0] ?? 0) === 0) return columns;
  const problem = `rows whose ${partition.column} is another one than that of partition= would be lost by the next run`;
  throw trimaranError("BATCH_QUERY", { name, problem });
}

export const manifestsTable = "_trimaran_manifests";
export const rejectsTable = "_trimaran_rejects";

/** What a manifest is filed under: the table and its partition. */
export function outputKey(table: string, partition: Partition | null): string {
  return partition === null ? table : `${table}/${partition.column}=${partition.value}`;
}

export function writtenRows({ outputs }: Manifest): number {
  return outputs[0]?.rows ?? -1;
}
