// Names, texts and numbers as DuckDB and PostgreSQL read them. Everything here is one token or stands in brackets, so that it can be
// put anywhere.
import { trimaranError } from "../../base/errors.ts";

export const sqlDialects = ["duckdb", "postgres"] as const;
export type SqlDialect = (typeof sqlDialects)[number];

/** PostgreSQL cuts longer names silently (NAMEDATALEN - 1). */
const maxNameBytes = 63;

/** A quoted name. @throws SQL_NAME for one that the engine cannot hold as it is */
export function sqlName(name: string, dialect: SqlDialect): string {
  const refuse = (problem: string): Error =>
    trimaranError("SQL_NAME", { name: JSON.stringify(name), dialect: dialectName(dialect), problem });
  if (name === "") throw refuse("it is empty");
  if (name.includes("\0")) throw refuse("it holds the character U+0000");
  if (!name.isWellFormed()) throw refuse("it is no sound Unicode text");
  if (dialect === "postgres" && utf8Length(name) > maxNameBytes) {
    throw refuse(`it has more than ${maxNameBytes} bytes, and would be cut`);
  }
  return `"${name.replaceAll('"', '""')}"`;
}

/** @throws SQL_NAME for names that the engine takes for one another */
export function assertDistinctNames(names: readonly string[], dialect: SqlDialect): void {
  const seen = new Set<string>();
  for (const name of names) {
    // DuckDB compares names without case, also quoted ones.
    const key = dialect === "duckdb" ? name.toLowerCase() : name;
    if (seen.has(key)) {
      const problem = "another column has this name already";
      throw trimaranError("SQL_NAME", { name: JSON.stringify(name), dialect: dialectName(dialect), problem });
    }
    seen.add(key);
  }
}

export function dialectName(dialect: SqlDialect): string {
  return dialect === "duckdb" ? "DuckDB" : "PostgreSQL";
}

/** Whether a column of text can hold it at all: no engine holds half a surrogate pair, PostgreSQL no U+0000. */
export function canHold(text: string, dialect: SqlDialect): boolean {
  return text.isWellFormed() && !(dialect === "postgres" && text.includes("\0"));
}

/** A constant of text, whatever the settings for backslashes are. Ask `canHold` first. */
export function sqlText(text: string, dialect: SqlDialect): string {
  if (dialect === "duckdb" && text.includes("\0")) {
    return `(${text
      .split("\0")
      .map((part) => sqlText(part, dialect))
      .join(" || chr(0) || ")})`;
  }
  const quoted = text.replaceAll("'", "''");
  return text.includes("\\") ? `E'${quoted.replaceAll("\\", "\\\\")}'` : `'${quoted}'`;
}

/**
 * A double, to the last bit. A bare 0.5 is a decimal in both engines: DuckDB's decimals lose bits on their way to a double, and
 * PostgreSQL would compute with them.
 */
export function sqlDouble(value: number, dialect: SqlDialect): string {
  if (dialect === "postgres") return `'${doubleText(value)}'::float8`;
  if (!Number.isFinite(value) || Object.is(value, -0)) return `'${doubleText(value)}'::DOUBLE`;
  const text = value.toString();
  const exact = text.includes("e") ? text.replace("e+", "e") : `${text}e0`;
  return value < 0 ? `(${exact})` : exact;
}

function doubleText(value: number): string {
  if (Object.is(value, -0)) return "-0";
  return value.toString();
}

/** For comments: one line, whatever the text holds. */
export function sqlComment(text: string): string {
  return `-- ${text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, "?")}`;
}

function utf8Length(text: string): number {
  let length = 0;
  for (const sign of text) {
    const code = sign.codePointAt(0) ?? 0;
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return length;
}
