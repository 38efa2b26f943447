// What a database says of its own tables, in the words of both.
import type { SqlRow, Statements } from "../../../io/sql/database.ts";

/** What a column can hold, as far as we depend on it. */
export type ColumnFamily = "text" | "number" | "truth" | "other";

export interface CatalogColumn {
  readonly name: string;
  readonly isRequired: boolean;
  readonly hasDefault: boolean;
  readonly isKey: boolean;
  readonly family: ColumnFamily;
}

/** Every table and view of the schema that is used. */
export async function tableNames(statements: Statements): Promise<ReadonlySet<string>> {
  const sql =
    statements.dialect.name === "sqlite"
      ? "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'"
      : // Tables of extensions, such as PostGIS, are nobody's data.
        `SELECT c.relname AS name FROM pg_class c
         WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
         AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')`;
  return new Set((await statements.query(sql)).map(({ name }) => String(name)));
}

export async function tableColumns(statements: Statements, table: string): Promise<readonly CatalogColumn[]> {
  const rows =
    statements.dialect.name === "sqlite"
      ? await statements.query(
          `SELECT name, type, "notnull" AS required, dflt_value IS NOT NULL OR hidden > 1 AS given, pk > 0 AS is_key FROM pragma_table_xinfo(?)`,
          [table],
        )
      : await statements.query(
          `SELECT a.attname AS name, format_type(a.atttypid, NULL) AS type, a.attnotnull AS required,
             a.atthasdef OR a.attidentity <> '' AS given,
             EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey)) AS is_key
           FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
           WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = ? AND a.attnum > 0 AND NOT a.attisdropped`,
          [table],
        );
  return rows.map(columnOf);
}

function columnOf(row: SqlRow): CatalogColumn {
  const isTrue = (name: string): boolean => Number(row[name]) === 1;
  return {
    name: String(row["name"]),
    isRequired: isTrue("required"),
    hasDefault: isTrue("given"),
    isKey: isTrue("is_key"),
    family: columnFamily(String(row["type"])),
  };
}

/** Of a type as either database writes it. */
export function columnFamily(type: string): ColumnFamily {
  if (/char|text|clob/i.test(type)) return "text";
  if (/bool/i.test(type)) return "truth";
  if (/int|float|double|real|serial|numeric|decimal/i.test(type)) return "number";
  return "other";
}
