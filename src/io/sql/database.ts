// What a store asks of a database, whichever it is. SQL is written with `?` for its parameters, and knows no operator of that sign.

export type SqlValue = string | number | null;
export type SqlRow = Readonly<Record<string, SqlValue>>;

export interface Statements {
  readonly dialect: Dialect;
  /** After a SELECT: locks its rows until the transaction ends. Empty outside of one, and where it locks the whole database. */
  readonly lock: string;
  /** Truth values come as 0 and 1. @throws STORE_LOCKED, STORE_FULL, STORE_VALUE, STORE_TABLE, STORE_UNREACHABLE, STORE_FAILED */
  query(sql: string, parameters?: readonly SqlValue[]): Promise<readonly SqlRow[]>;
  /** Gives the number of rows that it changed. @throws what `query` throws, and STORE_READ_ONLY */
  run(sql: string, parameters?: readonly SqlValue[]): Promise<number>;
  /**
   * The same INSERT for many rows in few messages; its SQL has one `VALUES (?, …)`. Where it updates on a conflict, no two rows
   * may conflict with each other. Gives the number of rows that were added or changed. @throws what `run` throws
   */
  insertMany(sql: string, rows: readonly (readonly SqlValue[])[]): Promise<number>;
}

export interface Database extends Statements, AsyncDisposable {
  /** For messages: the file, or `host:port/database`. No user, no password. */
  readonly name: string;
  readonly isReadOnly: boolean;
  /**
   * All of it or nothing. What it writes is seen by others when it has ended. SQLite runs one at a time; PostgreSQL runs several,
   * where a row that is read in order to be written is locked by `lock`, and the work is run again when it lost to another.
   */
  transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Where databases differ in their SQL. */
export interface Dialect {
  readonly name: "sqlite" | "postgresql";
  /** Pattern match by case: `column` and the parameter. */
  readonly like: (column: string) => string;
  readonly ilike: (column: string) => string;
  /** Regular expressions of the grammar in linear-pattern.ts: whether the parameter is found in `column`. */
  readonly rlike: (column: string) => string;
  /** Such an expression as this database writes it. */
  readonly pattern: (source: string) => string;
}

/** `?, ?, ?`; for none something that is IN no column, as only SQLite takes an empty list. */
export function placeholders(count: number): string {
  return count === 0 ? "NULL" : Array(count).fill("?").join(", ");
}
