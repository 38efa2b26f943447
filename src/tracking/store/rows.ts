// Cells of a row as the type that their column has.
import type { SqlRow, SqlValue, Statements } from "../../io/sql/database.ts";
import { placeholders } from "../../io/sql/database.ts";

export function textOf(row: SqlRow, name: string): string {
  const value = row[name];
  return value === null || value === undefined ? "" : String(value);
}

export function optionalText(row: SqlRow, name: string): string | undefined {
  const value = row[name];
  return value === null || value === undefined ? undefined : String(value);
}

export function numberOf(row: SqlRow, name: string): number {
  return Number(row[name] ?? 0);
}

/** Null and 0 are "not there", as MLflow has it for times. */
export function optionalNumber(row: SqlRow, name: string): number | undefined {
  const value = Number(row[name] ?? 0);
  return value === 0 ? undefined : value;
}

const chunkSize = 500;

/** Runs a query with `IN (#)` over many identifiers; the parameters before them are the same for each part. */
export async function queryIn(
  statements: Statements,
  sql: string,
  { ids, before = [] }: { readonly ids: readonly SqlValue[]; readonly before?: readonly SqlValue[] },
): Promise<readonly SqlRow[]> {
  const rows: SqlRow[] = [];
  for (let at = 0; at < ids.length; at += chunkSize) {
    const part = ids.slice(at, at + chunkSize);
    // Few lengths make few statements, which are prepared once: the last one is asked for again.
    const length = Math.min(chunkSize, 2 ** Math.ceil(Math.log2(part.length)));
    const last = part.at(-1) ?? null;
    const filled = [...part, ...Array<SqlValue>(length - part.length).fill(last)];
    for (const row of await statements.query(sql.replace("#", placeholders(length)), [...before, ...filled]))
      rows.push(row);
  }
  return rows;
}

/** Rows by a text column. */
export function grouped(rows: readonly SqlRow[], name: string): ReadonlyMap<string, readonly SqlRow[]> {
  const groups = new Map<string, SqlRow[]>();
  for (const row of rows) {
    const key = textOf(row, name);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}
