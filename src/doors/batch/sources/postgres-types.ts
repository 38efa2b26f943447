// PostgreSQL's types as DuckDB's, and back.
import type { QuotedColumn } from "../../../tables/quoted-csv.ts";

/** By OID (src/include/catalog/pg_type.dat). All others come as text. */
const scalars: ReadonlyMap<number, string> = new Map([
  [16, "BOOLEAN"],
  [20, "BIGINT"],
  [21, "SMALLINT"],
  [23, "INTEGER"],
  [26, "BIGINT"],
  [700, "FLOAT"],
  [701, "DOUBLE"],
  [1082, "DATE"],
  [1083, "TIME"],
  [1114, "TIMESTAMP"],
  [1184, "TIMESTAMP WITH TIME ZONE"],
]);

const arrays: ReadonlyMap<number, string> = new Map([
  [1000, "BOOLEAN[]"],
  [1005, "SMALLINT[]"],
  [1007, "INTEGER[]"],
  [1016, "BIGINT[]"],
  [1021, "FLOAT[]"],
  [1022, "DOUBLE[]"],
  [1009, "VARCHAR[]"],
  [1015, "VARCHAR[]"],
]);

const numeric = 1700;

/** @param modifier of `numeric(p, s)`: ((p << 16) | s) + 4; -1: none was given */
export function columnOf(name: string, oid: number, modifier: number): QuotedColumn {
  const list = arrays.get(oid);
  if (list !== undefined) return { name, type: list, textType: "VARCHAR" };
  if (oid === numeric) {
    const precision = ((modifier - 4) >> 16) & 0xffff;
    const scale = (modifier - 4) & 0x7ff;
    const isExact = modifier >= 4 && precision <= 38 && scale <= precision;
    // Without digits it may hold any number; so does a double, nearly.
    return { name, type: isExact ? `DECIMAL(${precision},${scale})` : "DOUBLE" };
  }
  return { name, type: scalars.get(oid) ?? "VARCHAR" };
}

const written: Readonly<Record<string, string>> = {
  BOOLEAN: "boolean",
  TINYINT: "smallint",
  UTINYINT: "smallint",
  SMALLINT: "smallint",
  USMALLINT: "integer",
  INTEGER: "integer",
  UINTEGER: "bigint",
  BIGINT: "bigint",
  UBIGINT: "numeric(20)",
  HUGEINT: "numeric(39)",
  FLOAT: "real",
  DOUBLE: "double precision",
  VARCHAR: "text",
  DATE: "date",
  TIME: "time",
  TIMESTAMP: "timestamp",
  TIMESTAMP_S: "timestamp",
  TIMESTAMP_MS: "timestamp",
  TIMESTAMP_NS: "timestamp",
  "TIMESTAMP WITH TIME ZONE": "timestamptz",
  UUID: "uuid",
};

export interface WrittenType {
  readonly type: string;
  /** Lists and structs: JSON. */
  readonly isJson: boolean;
}

/** What a column becomes in a table that is made for it. */
export function postgresType(type: string): WrittenType {
  const known = Object.hasOwn(written, type) ? written[type] : undefined;
  if (known !== undefined) return { type: known, isJson: false };
  const [, digits] = /^DECIMAL(\(\d+,\d+\))$/.exec(type) ?? [];
  if (digits !== undefined) return { type: `numeric${digits}`, isJson: false };
  return /\[\]$|^(STRUCT|MAP)/.test(type) ? { type: "jsonb", isJson: true } : { type: "text", isJson: false };
}
