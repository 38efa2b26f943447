// Which stores are opened, and how: over SQLite and PostgreSQL. Nothing that is there is ever changed by opening.
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import pg from "pg";
import { isTrimaranError } from "../../src/base/errors.ts";
import { openTracking } from "../../src/tracking/open-tracking.ts";
import { headRevision, mlflowTables, usedTables } from "../../src/tracking/store/schema/mlflow-schema.ts";
import { openSchema } from "../../src/tracking/store/schema/open-schema.ts";
import { storePlace } from "../../src/tracking/store-uri.ts";
import { isOverPostgres, sqliteOnly, testStoreUri } from "./test-store.ts";

interface TestStore extends AsyncDisposable {
  readonly uri: string;
  readonly folder: string;
  /** Changes it behind our back. */
  change(sql: string): Promise<void>;
  noticeOf(): Promise<string | null>;
  codeOf(): Promise<string>;
}

async function emptyStore(): Promise<TestStore> {
  const folder = await mkdtemp(join(tmpdir(), "trimaran-schema-"));
  const uri = isOverPostgres ? await testStoreUri(folder) : `sqlite:///${join(folder, "store.db")}`;
  const noticeOf = async (): Promise<string | null> => {
    const { database, notice } = await openSchema(storePlace(uri));
    await database.close();
    return notice;
  };
  return {
    uri,
    folder,
    noticeOf,
    change: async (sql) => {
      if (isOverPostgres) {
        const client = new pg.Client({ connectionString: uri });
        await client.connect();
        await client.query(sql).finally(() => client.end());
        return;
      }
      const database = new DatabaseSync(join(folder, "store.db"));
      database.exec(sql);
      database.close();
    },
    codeOf: async () => {
      try {
        await noticeOf();
      } catch (error) {
        if (isTrimaranError(error)) return error.code;
        throw error;
      }
      return "opened";
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

const newer = "UPDATE alembic_version SET version_num = 'ffffffffffff'";

test("a new store is made at the head, once, also by several at the same time", async () => {
  await using store = await emptyStore();
  const place = storePlace(store.uri);
  const opened = await Promise.all([openSchema(place), openSchema(place), openSchema(place)]);
  for (const { database } of opened) {
    assert.deepEqual(
      (await database.query("SELECT version_num FROM alembic_version")).map(({ version_num }) => version_num),
      [headRevision],
    );
    for (const table of Object.keys(mlflowTables)) await database.query(`SELECT count(*) AS count FROM ${table}`);
    assert.equal(Object.keys(mlflowTables).length, 71);
    await database.close();
  }
});

test("a newer head is used when all that we use is there", async () => {
  await using store = await emptyStore();
  assert.equal(await store.noticeOf(), null);
  await store.change(newer);
  for (const change of [
    "ALTER TABLE runs ADD COLUMN later TEXT",
    "ALTER TABLE runs ADD COLUMN latest TEXT DEFAULT 'x' NOT NULL",
    "CREATE TABLE later (x INTEGER NOT NULL)",
    "CREATE VIEW seen AS SELECT run_uuid FROM runs",
    "DROP TABLE scheduler_leases",
  ]) {
    await store.change(change);
    assert.equal(await store.noticeOf(), null, change);
  }
});

const misfits: readonly (readonly [string, RegExp])[] = [
  ["ALTER TABLE runs RENAME COLUMN end_time TO ended", /the column runs\.end_time is not there/],
  ["ALTER TABLE latest_metrics RENAME TO last_metrics", /the table latest_metrics is not there/],
  [
    isOverPostgres
      ? "ALTER TABLE params ADD COLUMN tenant TEXT NOT NULL"
      : "ALTER TABLE params RENAME TO old; CREATE TABLE params (key VARCHAR(250) NOT NULL, value VARCHAR(8000) NOT NULL, run_uuid VARCHAR(32) NOT NULL, tenant TEXT NOT NULL, PRIMARY KEY (key, run_uuid))",
    /params\.tenant is required and has no default/,
  ],
  [
    isOverPostgres
      ? "ALTER TABLE metrics ALTER COLUMN step DROP DEFAULT"
      : "ALTER TABLE metrics RENAME TO old; CREATE TABLE metrics (key VARCHAR(250) NOT NULL, value FLOAT NOT NULL, timestamp BIGINT NOT NULL, run_uuid VARCHAR(32) NOT NULL, step BIGINT NOT NULL, is_nan BOOLEAN DEFAULT '0' NOT NULL, PRIMARY KEY (key, timestamp, step, run_uuid, value, is_nan))",
    /metrics\.step is required and has no default/,
  ],
  [
    isOverPostgres
      ? "ALTER TABLE tags DROP CONSTRAINT tag_pk; ALTER TABLE tags ADD PRIMARY KEY (run_uuid)"
      : "ALTER TABLE tags RENAME TO old; CREATE TABLE tags (key VARCHAR(250) NOT NULL, value VARCHAR(8000), run_uuid VARCHAR(32) NOT NULL, PRIMARY KEY (run_uuid))",
    /tags has another primary key/,
  ],
  [
    isOverPostgres
      ? "ALTER TABLE runs ALTER COLUMN start_time TYPE TEXT"
      : "ALTER TABLE runs RENAME TO old; CREATE TABLE runs AS SELECT * FROM old; ALTER TABLE runs DROP COLUMN start_time; ALTER TABLE runs ADD COLUMN start_time TEXT",
    /runs\.start_time is of another type|runs has another primary key/,
  ],
];

for (const [change, reason] of misfits) {
  test(`a newer head that does not fit is only read: ${reason.source}`, async () => {
    await using store = await emptyStore();
    await store.noticeOf();
    await store.change(newer);
    await store.change(change);
    const { database, notice } = await openSchema(storePlace(store.uri));
    try {
      assert.match(notice ?? "", reason);
      assert.match(notice ?? "", /open for reading only/);
      assert.ok(database.isReadOnly);
      await assert.rejects(database.run("DELETE FROM experiments"), { code: "STORE_READ_ONLY" });
      await assert.rejects(
        database.transaction(async () => {}),
        { code: "STORE_READ_ONLY" },
      );
    } finally {
      await database.close();
    }
  });
}

test("a store that is only read answers what it has, and refuses what would write", async () => {
  await using store = await emptyStore();
  const options = { backendStoreUri: store.uri, artifactsDestination: join(store.folder, "artifacts") };
  await (await openTracking(options)).close();
  await store.change(`${newer}; ALTER TABLE webhooks RENAME TO hooks; ALTER TABLE params RENAME TO parameters`);
  await using tracking = await openTracking(options);
  assert.match(tracking.notice ?? "", /open for reading only/);
  const send = async (method: "GET" | "POST", target: string, body?: string): Promise<number> => {
    const headers = { "content-type": "application/json" };
    const sent = { method, target: `/api/2.0/mlflow/${target}`, headers, ...(body === undefined ? {} : { body }) };
    return (await tracking.transport.send(sent)).status;
  };
  assert.equal(await send("GET", "experiments/get?experiment_id=0"), 200);
  assert.equal(await send("POST", "experiments/create", '{"name":"x"}'), 403);
});

test("older heads and foreign databases are refused and left as they are", async () => {
  await using store = await emptyStore();
  await store.change("CREATE TABLE mine (x INTEGER)");
  assert.equal(await store.codeOf(), "STORE_FOREIGN");
  await store.change("CREATE TABLE alembic_version (version TEXT)");
  assert.equal(await store.codeOf(), "STORE_FOREIGN");
  await store.change("DROP TABLE alembic_version; CREATE TABLE alembic_version (version_num TEXT)");
  assert.equal(await store.codeOf(), "STORE_FOREIGN");
  await store.change("INSERT INTO alembic_version VALUES ('0123456789ab')");
  assert.equal(await store.codeOf(), "STORE_FOREIGN");
  await store.change("UPDATE alembic_version SET version_num = 'acf3f17fdcc7'");
  assert.equal(await store.codeOf(), "STORE_OLD");
});

test("every table that a statement of ours names is one that is looked at in newer heads", {
  skip: sqliteOnly,
}, async () => {
  const root = new URL("../../src/tracking/", import.meta.url);
  const missing: string[] = [];
  for (const entry of await readdir(root, { recursive: true })) {
    if (!entry.endsWith(".ts") || entry.includes("schema")) continue;
    const text = await readFile(new URL(entry, root), "utf8");
    for (const [, table = ""] of text.matchAll(/\b(?:FROM|INTO|UPDATE|JOIN|exists\("|table: ")\s*([a-z_]+)/g)) {
      if (Object.hasOwn(mlflowTables, table) && !usedTables.has(table)) missing.push(`${entry}: ${table}`);
    }
  }
  assert.deepEqual([...new Set(missing)], [], "add it to usedTables in store/schema/mlflow-schema.ts");
});

test("a file that is refused or only read keeps every byte", { skip: sqliteOnly }, async () => {
  for (const [head, code] of [
    ["CREATE TABLE mine (x)", "STORE_FOREIGN"],
    [
      `CREATE TABLE runs (x); CREATE TABLE experiments (x); CREATE TABLE metrics (x); CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES ('ffffffffffff')`,
      "opened",
    ],
  ] as const) {
    await using store = await emptyStore();
    await store.change(head);
    const before = await readFile(join(store.folder, "store.db"));
    assert.equal(await store.codeOf(), code);
    assert.deepEqual(await readFile(join(store.folder, "store.db")), before);
    assert.deepEqual(await readdir(store.folder), ["store.db"]);
  }
});

test("files that are no databases are refused", { skip: sqliteOnly }, async () => {
  await using store = await emptyStore();
  const file = join(store.folder, "store.db");
  await writeFile(
    file,
    "this is no database, though it is long enough to hold the header of one, isn't it?".repeat(20),
  );
  assert.equal(await store.codeOf(), "STORE_FILE");
  await assert.rejects(openSchema(storePlace(`sqlite:///${join(file, "below")}`)), { code: "STORE_FILE" });
});

test("what is no store is refused without what it says", { skip: sqliteOnly }, () => {
  for (const uri of [
    "mysql://me:s3cret@host/db",
    "mssql+pyodbc://me:s3cret@host/db",
    "sqlite:///:memory:",
    "sqlite:///x.db?mode=ro",
    "postgresql:me:s3cret@host",
    "postgres//me:s3cret@host/db:",
    "databricks:x",
    "",
    "file://host/x",
  ]) {
    try {
      storePlace(uri);
      assert.equal(uri, "postgres//me:s3cret@host/db:");
    } catch (error) {
      if (!isTrimaranError(error)) throw error;
      assert.equal(error.code, "STORE_URI", uri);
      assert.doesNotMatch(error.message, /s3cret/);
    }
  }
});
