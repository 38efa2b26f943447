// Every suite of this folder that asks a server runs again over PostgreSQL: what holds for one store holds for the other.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { postgresSkip } from "../../scripts/postgres-server.ts";
import { passesOverPostgres } from "./over-postgres.ts";

test("the suites of the tracking server pass over PostgreSQL, too", {
  skip: postgresSkip(),
  timeout: 1_200_000,
}, async () => {
  const folder = new URL("./", import.meta.url);
  const suites: string[] = [];
  for (const name of await readdir(folder, { recursive: true })) {
    if (!name.endsWith(".test.ts")) continue;
    const text = await readFile(new URL(name, folder), "utf8");
    if (/from "\.\.?\/(tracking-server|access-server|test-store)\.ts"/.test(text))
      suites.push(fileURLToPath(new URL(name, folder)));
  }
  assert.ok(suites.length >= 2, "no suites were found");
  await passesOverPostgres(suites);
});
