// A query in stages: each adds columns to those of the stage before, so that an expression that is used often is computed once, and
// that nothing nests deep. Stage 0 reads the table; every column inside has a name of ours.
//
//   WITH trimaran_0 AS (SELECT r."trip_distance" AS c0, … FROM source AS r),
//        trimaran_1 AS (SELECT s.*, j0.v0 AS c1 FROM trimaran_0 AS s LEFT JOIN (VALUES …) AS j0(k, v0) ON j0.k = c0),
//        …
//   SELECT c0 AS "trip_distance", c7 AS "duration" FROM trimaran_3
import { trimaranError } from "../../base/errors.ts";
import { dialectName, type SqlDialect, sqlDouble, sqlText } from "./sql-text.ts";

/** An expression in brackets, over columns that stand in stage `level`. */
export interface Sql {
  readonly text: string;
  readonly level: number;
}

export type SqlKey = string | number;

export interface Lookup {
  readonly key: Sql;
  /** Rows of the table: a key and one number a column; NaN is NULL. Keys are all texts or all numbers, each once. */
  readonly rows: readonly (readonly [SqlKey, readonly number[]])[];
  /** What each column is for a key that no row has, NULL included. */
  readonly otherwise: readonly number[];
}

export interface SqlBuilder {
  readonly dialect: SqlDialect;
  /** A column of stage 0. `text` is an expression over the source, which is called `r`. */
  read(text: string): Sql;
  /** Computes it once. */
  column(sql: Sql): Sql;
  /** By a join: as fast for 13,000 keys as for ten. */
  lookup(lookup: Lookup): readonly Sql[];
  /** Where it is not true the row has no answer. */
  require(condition: Sql): void;
  /** Says how far numbers may be from ours. */
  loosen(by: SqlTolerance): void;
  readonly tolerance: SqlTolerance;
  build(query: SqlQuery): string;
}

/** Both 0: equal to the last bit. A number may differ by the one, or by its size times the other. */
export interface SqlTolerance {
  readonly relative: number;
  /** Where what is small is the difference of what is not: a logarithm near 1. */
  readonly absolute: number;
}

export interface SqlQuery {
  /** What stands behind FROM. */
  readonly source: string;
  /** Of the result: quoted name and expression. `answers`: NULL where a row has no answer. */
  readonly columns: readonly { readonly name: string; readonly sql: Sql; readonly isAnswer: boolean }[];
}

interface Stage {
  readonly columns: string[];
  readonly joins: string[];
}

/** Whole tables of keys and numbers. */
export const maxLookupRows = 100_000;

export function sqlBuilder(dialect: SqlDialect): SqlBuilder {
  const stages: Stage[] = [];
  const known = new Map<string, Sql>();
  const conditions = new Map<string, Sql>();
  let names = 0;
  let lookupRows = 0;
  let tolerance: SqlTolerance = { relative: 0, absolute: 0 };
  const stageAt = (level: number): Stage => {
    while (stages.length <= level) stages.push({ columns: [], joins: [] });
    return stages[level] as Stage;
  };
  const add = (level: number, text: string): Sql => {
    const key = `${level} ${text}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const name = `c${names++}`;
    stageAt(level).columns.push(`${text} AS ${name}`);
    const made = { text: name, level };
    known.set(key, made);
    return made;
  };
  const isName = ({ text }: Sql): boolean => /^c\d+$/.test(text);
  const column = (sql: Sql): Sql => (isName(sql) ? sql : add(sql.level + 1, sql.text));
  return {
    dialect,
    read: (text) => add(0, text),
    column,
    lookup({ key, rows, otherwise }) {
      lookupRows += rows.length;
      if (lookupRows > maxLookupRows) {
        throw trimaranError("SQL_SIZE", {
          what: "it has this many categories:",
          size: lookupRows,
          limit: maxLookupRows,
        });
      }
      const from = column(key);
      const level = from.level + 1;
      const stage = stageAt(level);
      const join = `j${level}_${stage.joins.length}`;
      const values = otherwise.map((_, at) => `v${at}`);
      const lines = rows.map(
        ([each, numbers]) =>
          `(${[keyText(each, dialect), ...numbers.map((number) => numberText(number, dialect))].join(", ")})`,
      );
      stage.joins.push(
        `LEFT JOIN (VALUES\n${lines.join(",\n")}\n) AS ${join}(k, ${values.join(", ")}) ON ${join}.k = ${from.text}`,
      );
      return values.map((value, at) => {
        const fallback = otherwise[at] ?? Number.NaN;
        const cell = `${join}.${value}`;
        if (Number.isNaN(fallback)) return add(level, cell);
        return add(level, `CASE WHEN ${join}.k IS NULL THEN ${sqlDouble(fallback, dialect)} ELSE ${cell} END`);
      });
    },
    require: (condition) => void conditions.set(`${condition.level} ${condition.text}`, condition),
    loosen(by) {
      const { relative, absolute } = tolerance;
      tolerance = { relative: Math.max(relative, by.relative), absolute: Math.max(absolute, by.absolute) };
    },
    get tolerance() {
      return tolerance;
    },
    build({ source, columns }) {
      const all = [...conditions.values()];
      const levelOf = (sqls: readonly Sql[]): number => Math.max(0, ...sqls.map(({ level }) => level));
      const sound = all.length === 0 ? null : column(both(all));
      const last = Math.max(levelOf(columns.map(({ sql }) => sql)), sound?.level ?? 0);
      stageAt(last);
      // PostgreSQL would put the expressions of one stage into the next, once for each use; OFFSET 0 keeps them where they are.
      const fence = dialect === "postgres" ? " OFFSET 0" : "";
      const texts = stages.map(({ columns: made, joins }, level) => {
        const from = level === 0 ? `${source} AS r` : `trimaran_${level - 1} AS s`;
        const selected = level === 0 ? (made.length === 0 ? ["1 AS c"] : made) : ["s.*", ...made];
        return `trimaran_${level} AS NOT MATERIALIZED (\n  SELECT ${selected.join(",\n    ")}\n  FROM ${[from, ...joins].join("\n  ")}${fence}\n)`;
      });
      const result = columns.map(({ name, sql, isAnswer }) =>
        isAnswer && sound !== null
          ? `CASE WHEN ${sound.text} THEN ${sql.text} END AS ${name}`
          : `${sql.text} AS ${name}`,
      );
      return `WITH ${texts.join(",\n")}\nSELECT ${result.join(",\n  ")}\nFROM trimaran_${stages.length - 1}`;
    },
  };
}

/** Joined by AND; each is false where it is unknown, as a CASE takes it. */
export function both(conditions: readonly Sql[]): Sql {
  return {
    text:
      conditions.length === 1 ? (conditions[0] as Sql).text : `(${conditions.map(({ text }) => text).join(" AND ")})`,
    level: Math.max(0, ...conditions.map(({ level }) => level)),
  };
}

/** An expression over others: `sql\`(${a} + ${b})\``. */
export function sql(texts: TemplateStringsArray, ...parts: readonly (Sql | string)[]): Sql {
  let text = texts[0] ?? "";
  let level = 0;
  for (const [at, part] of parts.entries()) {
    text += (typeof part === "string" ? part : part.text) + (texts[at + 1] ?? "");
    if (typeof part !== "string") level = Math.max(level, part.level);
  }
  return { text, level };
}

function keyText(key: SqlKey, dialect: SqlDialect): string {
  return typeof key === "string" ? sqlText(key, dialect) : sqlDouble(key, dialect);
}

/** NULL stands for NaN, which only SQL's own rules would compare. */
export function numberText(value: number, dialect: SqlDialect): string {
  return Number.isNaN(value) ? (dialect === "postgres" ? "NULL::float8" : "NULL::DOUBLE") : sqlDouble(value, dialect);
}

/** @throws SQL_EXPORT */
export function exportError(operation: string, reason: string): Error {
  return trimaranError("SQL_EXPORT", { operation, reason });
}

export function engineOf({ dialect }: SqlBuilder): string {
  return dialectName(dialect);
}
