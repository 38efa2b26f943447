// Which files are opened, and how.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { isTrimaranError } from "../../src/base/errors.ts";
import { headRevision } from "../../src/tracking/store/schema/mlflow-schema.ts";
import { openSchema } from "../../src/tracking/store/schema/open-schema.ts";
import { storePlace } from "../../src/tracking/store-uri.ts";

async function openFolder(): Promise<
  AsyncDisposable & { readonly file: string; readonly change: (sql: string) => void }
> {
  const folder = await mkdtemp(join(tmpdir(), "trimaran-schema-"));
  const file = join(folder, "store.db");
  const change = (sql: string): void => {
    const database = new DatabaseSync(file);
    database.exec(sql);
    database.close();
  };
  return { file, change, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

async function noticeOf(file: string): Promise<string | null> {
  const { database, notice } = await openSchema(storePlace(`sqlite:///${file}`));
  await database.close();
  return notice;
}

async function codeOf(file: string): Promise<string> {
  try {
    await noticeOf(file);
  } catch (error) {
    if (isTrimaranError(error)) return error.code;
    throw error;
  }
  return "opened";
}

test("a new file is made at the head, once, also by several at the same time", async () => {
  await using folder = await openFolder();
  const opened = await Promise.all([
    openSchema(storePlace(`sqlite:///${folder.file}`)),
    openSchema(storePlace(`sqlite:///${folder.file}`)),
    openSchema(storePlace(`sqlite:///${folder.file}`)),
  ]);
  for (const { database } of opened) {
    assert.deepEqual(
      (await database.query("SELECT version_num FROM alembic_version")).map(({ version_num }) => version_num),
      [headRevision],
    );
    const [row] = await database.query("SELECT count(*) AS count FROM sqlite_master WHERE type = 'table'");
    assert.equal(row?.["count"], 71);
    await database.close();
  }
});

test("a newer head is used when all that we use is there, else only read", async () => {
  await using folder = await openFolder();
  assert.equal(await noticeOf(folder.file), null);
  folder.change(
    "UPDATE alembic_version SET version_num = 'ffffffffffff'; ALTER TABLE runs ADD COLUMN later TEXT; CREATE TABLE later (x)",
  );
  assert.equal(await noticeOf(folder.file), null);
  folder.change("ALTER TABLE runs RENAME COLUMN end_time TO ended");
  const { database, notice } = await openSchema(storePlace(`sqlite:///${folder.file}`));
  assert.match(notice ?? "", /runs\.end_time is not there/);
  assert.ok(database.isReadOnly);
  await assert.rejects(database.run("DELETE FROM runs"), { code: "STORE_READ_ONLY" });
  await database.close();
});

test("older heads, foreign databases and files that are none are refused and left as they are", async () => {
  await using folder = await openFolder();
  folder.change("CREATE TABLE mine (x)");
  assert.equal(await codeOf(folder.file), "STORE_FOREIGN");
  folder.change("CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES ('acf3f17fdcc7')");
  assert.equal(await codeOf(folder.file), "STORE_OLD");
  await using other = await openFolder();
  await writeFile(
    other.file,
    "this is no database, though it is long enough to hold the header of one, isn't it?".repeat(20),
  );
  assert.equal(await codeOf(other.file), "STORE_FILE");
  assert.equal(await codeOf(join(other.file, "below")), "STORE_FILE");
});
