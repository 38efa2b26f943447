// The store that a suite runs over: SQLite in a folder, or, when postgres-contract.test.ts runs it, a new PostgreSQL database.
import { randomUUID } from "node:crypto";
import pg from "pg";

const server = process.env["TRIMARAN_TEST_POSTGRES"] ?? "";

export const isOverPostgres = server !== "";

/** For tests about SQLite itself. */
export const sqliteOnly: string | false = isOverPostgres ? "it is about SQLite files" : false;

export async function testStoreUri(folder: string): Promise<string> {
  if (!isOverPostgres) return folder;
  const name = `t${randomUUID().replaceAll("-", "")}`;
  const client = new pg.Client({ connectionString: `${server}postgres` });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${name}`);
  } finally {
    await client.end();
  }
  return `${server}${name}`;
}
