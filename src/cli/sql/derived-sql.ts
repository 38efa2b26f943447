// A definition's `derive` and `where`, which are DuckDB's SQL, as the other dialect says them. DuckDB's own parser reads them.
import { trimaranError } from "../../base/errors.ts";
import type { SqlDialect } from "../../formats/sql/sql-text.ts";
import { engineProblem, openSqlEngine, sqlText } from "../../tables/sql-engine.ts";
import type { DerivedSql } from "./compose-sql.ts";
import { postgresExpression, type SqlNode } from "./postgres-expression.ts";

/** Each must be one expression, not the end of one and the beginning of another. @throws TABLE_SQL */
export async function assertExpressions(derived: DerivedSql): Promise<void> {
  await parsed(derived);
}

/** @throws SQL_DEFINITION for what PostgreSQL does not have */
export async function forDialect(
  derived: DerivedSql,
  { dialect, name }: { readonly dialect: SqlDialect; readonly name: string },
): Promise<DerivedSql> {
  if (dialect === "duckdb") return derived;
  const nodes = await parsed(derived);
  const told = (part: string): string => {
    const node = nodes.get(part) as SqlNode;
    return postgresExpression(node, (problem) => {
      const fix = "Make the column in a view of PostgreSQL's and leave it out of `batch`, or export for DuckDB.";
      throw trimaranError("SQL_DEFINITION", { name, problem: `${part} ${problem}`, fix });
    });
  };
  return {
    derive: derived.derive.map(([column]) => [column, told(`derive.${column}`)] as const),
    where: derived.where === null ? null : told("where"),
  };
}

async function parsed({ derive, where }: DerivedSql): Promise<ReadonlyMap<string, SqlNode>> {
  const parts: (readonly [string, string])[] = derive.map(([name, expression]) => [`derive.${name}`, expression]);
  if (where !== null) parts.push(["where", where]);
  const nodes = new Map<string, SqlNode>();
  if (parts.length === 0) return nodes;
  await using engine = await openSqlEngine([]);
  for (const [part, expression] of parts) {
    const refuse = (problem: string, cause?: unknown): Error =>
      trimaranError("TABLE_SQL", { part, problem, columns: "those of the table" }, { cause });
    const statement = sqlText(`SELECT (${expression}\n) AS made FROM source`);
    const read = await engine.connection
      .runAndReadAll(`SELECT json_serialize_sql(${statement})`)
      .catch((cause: unknown) => {
        throw refuse(engineProblem(cause), cause);
      });
    const told = JSON.parse(String(read.getRowsJS()[0]?.[0])) as ParsedSql;
    if (told.error) throw refuse(told.error_message ?? "it is no SQL");
    const select = told.statements?.[0]?.node;
    const [node, second] = select?.select_list ?? [];
    const isOne = told.statements?.length === 1 && second === undefined && node?.alias === "made";
    const isPlain =
      select?.type === "SELECT_NODE" && select.where_clause === null && select.from_table?.["table_name"] === "source";
    if (!isOne || !isPlain || node === undefined) throw refuse("it is not one expression");
    nodes.set(part, node);
  }
  return nodes;
}

interface ParsedSql {
  readonly error: boolean;
  readonly error_message?: string;
  readonly statements?: readonly {
    readonly node: {
      readonly type: string;
      readonly select_list: readonly SqlNode[];
      readonly where_clause: unknown;
      readonly from_table?: Readonly<Record<string, unknown>>;
    };
  }[];
}
