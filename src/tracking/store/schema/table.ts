// A table as data, and the SQL that makes it.

export interface Table {
  /** `name VARCHAR(250) NOT NULL` */
  readonly columns: readonly string[];
  readonly constraints: readonly string[];
  readonly indexes?: readonly string[];
}

export function createTable(name: string, { columns, constraints }: Table): string {
  return `CREATE TABLE ${name} (${[...columns, ...constraints].join(", ")})`;
}

/** The names of the columns, without quotes. */
export function columnNames({ columns }: Table): readonly string[] {
  return columns.map((text) => (/^"?(\w+)/.exec(text) ?? [])[1] ?? "");
}
