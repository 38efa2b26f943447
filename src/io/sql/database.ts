// What a store asks of a database, whichever it is. SQL is written with `?` for its parameters.

export type SqlValue = string | number | null;
export type SqlRow = Readonly<Record<string, SqlValue>>;

export interface Statements {
  /** @throws STORE_LOCKED, STORE_FULL, STORE_FAILED */
  query(sql: string, parameters?: readonly SqlValue[]): Promise<readonly SqlRow[]>;
  /** Gives the number of rows that it changed. @throws STORE_LOCKED, STORE_FULL, STORE_READ_ONLY, STORE_FAILED */
  run(sql: string, parameters?: readonly SqlValue[]): Promise<number>;
}

export interface Database extends Statements, AsyncDisposable {
  readonly dialect: Dialect;
  readonly isReadOnly: boolean;
  /** All of it or nothing; one at a time. What it writes is seen by others when it has ended. */
  transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Where databases differ in their SQL. */
export interface Dialect {
  readonly name: "sqlite" | "postgresql";
  /** Pattern match by case: `column` and the parameter. */
  readonly like: (column: string) => string;
  readonly ilike: (column: string) => string;
  /** Locks that row until the transaction ends; empty where a transaction locks the whole database. */
  readonly forUpdate: string;
}

/** `?, ?, ?` */
export function placeholders(count: number): string {
  return Array(count).fill("?").join(", ");
}
