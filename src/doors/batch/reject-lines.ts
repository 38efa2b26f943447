// Rejected rows as NDJSON: where the row stood, what is wrong with it, and the row as it was.
import { JSDuckDBValueConverter } from "@duckdb/node-api";
import type { Issue } from "../../base/errors.ts";
import type { RowIssue } from "../../data/batch.ts";
import { jsonValueText } from "../../data/json-value-text.ts";
import { type SqlEngine, sqlName } from "../../tables/sql-engine.ts";
import { plainCell } from "../../tables/sql-table.ts";
import type { BrokenLine } from "../../tables/text-to-parquet.ts";
import type { ShardTask } from "./shard.ts";
import { fileSql, keepColumn, okColumn, rowColumn } from "./shard-sql.ts";

export interface RejectedRow {
  /** Among the rows that the filter kept. */
  readonly at: number;
  readonly issues: readonly RowIssue[];
}

/** The rows are read from the file once more: all of their columns, not just those that the model wants. */
export async function* rejectLines(
  { connection }: Pick<SqlEngine, "connection">,
  { file, start, end }: ShardTask,
  rejected: readonly RejectedRow[],
): AsyncGenerator<string> {
  const names = file.own.map(([name]) => name);
  const isDate = file.own.map(([, type]) => type === "DATE");
  const numbers = `(SELECT ${rowColumn} FROM (SELECT * FROM shard WHERE ${keepColumn}) POSITIONAL JOIN answers WHERE NOT ${okColumn})`;
  const result = await connection.run(
    `SELECT ${[rowColumn, ...names.map(sqlName)].join(", ")} FROM ${fileSql(file, names)}
     WHERE ${rowColumn} >= ${start} AND ${rowColumn} < ${end} AND ${rowColumn} IN ${numbers} ORDER BY ${rowColumn}`,
  );
  let at = 0;
  for (const chunk of await result.fetchAllChunks()) {
    for (const [row, ...cells] of chunk.convertRows(JSDuckDBValueConverter)) {
      const original: Record<string, unknown> = {};
      for (const [column, name] of names.entries()) {
        const value = shownCell(plainCell(cells[column], isDate[column] === true));
        Object.defineProperty(original, name, { value, enumerable: true, configurable: true });
      }
      const issues = rejected[at++]?.issues ?? [];
      yield rejectLine({ file: file.uri, row: Number(row), issues, original });
    }
  }
}

/** Bytes as base64. */
function shownCell(cell: unknown): unknown {
  return cell instanceof Uint8Array ? Buffer.from(cell).toString("base64") : cell;
}

interface Reject {
  readonly file: string;
  readonly row: number | null;
  readonly line?: number;
  readonly issues: readonly Issue[];
  readonly original: unknown;
}

export function rejectLine({ file, row, line, issues, original }: Reject): string {
  const [first] = issues;
  const all = issues.map(({ path, code, message }) => ({ path, code, message }));
  const place = line === undefined ? { file, row } : { file, row, line };
  return `${jsonValueText({ ...place, path: first?.path ?? "", code: first?.code ?? "", issues: all, original })}\n`;
}

/** A line that is no row: it has no number among the rows. */
export function brokenLine(file: string, { line, code, message, text }: BrokenLine): string {
  return rejectLine({ file, row: null, line, issues: [{ path: "", code, message }], original: text });
}
