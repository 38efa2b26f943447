// Columns made of others by a definition's SQL, and its filter.

import { type SqlEngine, sqlName } from "./sql-engine.ts";
import { describe, sqlError } from "./sql-source.ts";

export interface Derivation {
  readonly source: string;
  readonly own: ReadonlyMap<string, string>;
  readonly derive: Readonly<Record<string, string>>;
}

/**
 * One query inside the other, so that a column may be made of one that was derived before it.
 * @throws TABLE_SQL
 */
export async function deriveAll(
  engine: SqlEngine,
  { source, own, derive }: Derivation,
): Promise<{ readonly from: string; readonly columns: ReadonlyMap<string, string> }> {
  let from = source;
  let columns = own;
  for (const [name, sql] of Object.entries(derive)) {
    const made = `(${sql}\n) AS ${sqlName(name)}`;
    from = `(SELECT * ${columns.has(name) ? `REPLACE (${made})` : `, ${made}`} FROM ${from})`;
    const known = columns;
    columns = await describe(engine, from, (cause) => sqlError(`derive.${name}`, cause, known));
  }
  return { from, columns };
}
