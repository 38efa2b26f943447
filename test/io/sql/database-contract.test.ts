// What a store may rely on, over every database.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type PostgresServer, postgresSkip, startPostgres } from "../../../scripts/postgres-server.ts";
import type { Database } from "../../../src/io/sql/database.ts";
import { openPostgres } from "../../../src/io/sql/postgres-database.ts";
import { parsePostgresUrl } from "../../../src/io/sql/postgres-url.ts";
import { openSqlite } from "../../../src/io/sql/sqlite-database.ts";

interface Place {
  open(options?: { readonly readOnly?: boolean; readonly lockTimeoutMs?: number }): Promise<Database>;
  close(): Promise<void>;
}

interface Kind {
  readonly name: string;
  readonly skip: string | false;
  readonly types: { readonly truth: string; readonly double: string };
  place(): Promise<Place>;
}

const postgres: { server: PostgresServer | null; made: number } = { server: null, made: 0 };

const kinds: readonly Kind[] = [
  {
    name: "SQLite",
    skip: false,
    types: { truth: "BOOLEAN", double: "FLOAT" },
    place: async () => {
      const folder = await mkdtemp(join(tmpdir(), "trimaran-sql-"));
      return {
        open: (options) => openSqlite(join(folder, "d.db"), options),
        close: () => rm(folder, { recursive: true, force: true }),
      };
    },
  },
  {
    name: "PostgreSQL",
    skip: postgresSkip(),
    types: { truth: "BOOLEAN", double: "DOUBLE PRECISION" },
    place: async () => {
      postgres.made++;
      const url = (await postgres.server?.createDatabase(`d${postgres.made}`)) ?? "";
      return { open: (options) => openPostgres(parsePostgresUrl(url), options), close: async () => {} };
    },
  },
];

before(async () => {
  if (postgresSkip() === false) postgres.server = await startPostgres();
});
after(() => postgres.server?.[Symbol.asyncDispose]());

for (const { name, skip, types, place } of kinds) {
  describe(name, { skip, timeout: 600_000 }, () => {
    const open = async (): Promise<Database & { readonly place: Place }> => {
      const at = await place();
      const database = await at.open();
      await database.run(
        `CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, big BIGINT, real ${types.double}, flag ${types.truth}, word VARCHAR(20))`,
      );
      await database.run("CREATE TABLE counter (name VARCHAR(9) PRIMARY KEY, value INTEGER NOT NULL)");
      return Object.assign(database, { place: at });
    };
    const close = async (database: Database & { readonly place: Place }): Promise<void> => {
      await database.close();
      await database.place.close();
    };

    test("values come back as they were written, truth as 0 and 1", async () => {
      const database = await open();
      const rows = [
        [1, 2 ** 53 - 1, Number.MAX_VALUE, 1, "é ' \" $1 ? \\"],
        [2, -(2 ** 40), 5e-324, 0, ""],
        [3, null, null, null, null],
        [4, 0, 0.1 + 0.2, 1, "\u{1f6a2}"],
      ];
      for (const row of rows)
        assert.equal(await database.run("INSERT INTO t (id, big, real, flag, word) VALUES (?, ?, ?, ?, ?)", row), 1);
      const back = await database.query("SELECT id, big, real, flag, word FROM t ORDER BY id");
      assert.deepEqual(
        back.map((row) => Object.values(row)),
        rows,
      );
      const [sums] = await database.query("SELECT count(*) AS count, sum(big) AS sum FROM t WHERE flag");
      assert.deepEqual({ ...sums }, { count: 2, sum: 2 ** 53 - 1 });
      await close(database);
    });

    test("numbers of any size and kind are compared with any column, and text is no SQL", async () => {
      const database = await open();
      await database.run("INSERT INTO t (id, big, real, word) VALUES (1, 5000000000, 1.5, 'a'), (2, 3, -2, '?')");
      const ids = async (where: string, ...parameters: (string | number)[]): Promise<readonly unknown[]> =>
        (await database.query(`SELECT id FROM t WHERE ${where} ORDER BY id`, parameters)).map(({ id }) => id);
      assert.deepEqual(await ids("big > ?", 3.5), [1]);
      assert.deepEqual(await ids("big < ?", 1e300), [1, 2]);
      assert.deepEqual(await ids("id < ? AND id > ?", 99_999_999_999, -99_999_999_999), [1, 2]);
      assert.deepEqual(await ids("real > ?", 1), [1]);
      assert.deepEqual(await ids("real = ?", 2 ** 53 + 2), []);
      assert.deepEqual(await ids("word = '?' AND id = ?", 2), [2]);
      assert.deepEqual(await ids("word = ?", "' OR 1=1 --"), []);
      const page = await database.query("SELECT id FROM t ORDER BY id LIMIT ? OFFSET ?", [1, 1]);
      assert.deepEqual(
        page.map(({ id }) => id),
        [2],
      );
      await close(database);
    });

    test("many rows are put at once, with numbers of several kinds in one column, and counted when they are new", async () => {
      const database = await open();
      const rows = Array.from({ length: 1203 }, (_, id) => [
        id,
        2 ** (id % 50),
        id % 3 === 0 ? id : id / 7,
        id % 2,
        `w${id}`,
      ]);
      const sql = "INSERT INTO t (id, big, real, flag, word) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING";
      assert.equal(await database.insertMany(sql, rows), 1203);
      assert.equal(await database.insertMany(sql, [...rows.slice(0, 700), [5000, 1, null, 1, "new"]]), 1);
      assert.equal(await database.insertMany(sql, []), 0);
      const back = await database.query("SELECT id, big, real, flag, word FROM t WHERE id < 1203 ORDER BY id");
      assert.deepEqual(
        back.map((row) => Object.values(row)),
        rows,
      );
      await assert.rejects(database.insertMany("INSERT INTO t (id) VALUES (?)", [[6000], [6001], [6000]]), {
        code: "STORE_CONFLICT",
      });
      assert.equal((await database.query("SELECT id FROM t WHERE id >= 6000")).length, 0);
      await close(database);
    });

    test("LIKE minds case, ILIKE does not", async () => {
      const database = await open();
      await database.run("INSERT INTO t (id, word) VALUES (1, 'Ride'), (2, 'ride'), (3, 'other')");
      const ids = async (where: string, pattern: string): Promise<readonly unknown[]> =>
        (await database.query(`SELECT id FROM t WHERE ${where} ORDER BY id`, [pattern])).map(({ id }) => id);
      assert.deepEqual(await ids(database.dialect.like("word"), "r%"), [2]);
      assert.deepEqual(await ids(database.dialect.ilike("word"), "R_de"), [1, 2]);
      await close(database);
    });

    test("a transaction is all or nothing", async () => {
      const database = await open();
      await assert.rejects(
        database.transaction(async (statements) => {
          await statements.run("INSERT INTO t (id) VALUES (1)");
          throw new RangeError("mine");
        }),
        { name: "RangeError", message: "mine" },
      );
      await assert.rejects(
        database.transaction(async (statements) => {
          await statements.run("INSERT INTO t (id) VALUES (1)");
          await statements.run("INSERT INTO nowhere (id) VALUES (1)");
        }),
        { code: "STORE_TABLE" },
      );
      assert.deepEqual(await database.query("SELECT id FROM t"), []);
      await database.run("INSERT INTO t (id) VALUES (7)");
      await assert.rejects(database.run("INSERT INTO t (id) VALUES (7)"), { code: "STORE_CONFLICT" });
      await close(database);
    });

    test("what two connections add to one row is all there, and a row that both look for is made once", async () => {
      const database = await open();
      await using other = await database.place.open();
      const add = (to: Database, key: string): Promise<void> =>
        to.transaction(async (statements) => {
          const sql = `SELECT value FROM counter WHERE name = ?${statements.lock}`;
          const [row] = await statements.query(sql, [key]);
          if (row === undefined) await statements.run("INSERT INTO counter (name, value) VALUES (?, 1)", [key]);
          else await statements.run("UPDATE counter SET value = ? WHERE name = ?", [Number(row["value"]) + 1, key]);
        });
      const work = Array.from({ length: 60 }, (_, index) => add(index % 2 === 0 ? database : other, `k${index % 3}`));
      await Promise.all(work);
      assert.deepEqual(
        (await other.query("SELECT value FROM counter ORDER BY name")).map(({ value }) => value),
        [20, 20, 20],
      );
      await close(database);
    });

    test("two transactions that take rows crosswise both end", async () => {
      const database = await open();
      await database.run("INSERT INTO counter (name, value) VALUES ('a', 0), ('b', 0)");
      const both = (first: string, second: string): Promise<void> =>
        database.transaction(async (statements) => {
          await statements.run("UPDATE counter SET value = value + 1 WHERE name = ?", [first]);
          await new Promise((resolve) => setTimeout(resolve, 50));
          await statements.run("UPDATE counter SET value = value + 1 WHERE name = ?", [second]);
        });
      await Promise.all([both("a", "b"), both("b", "a")]);
      const rows = await database.query("SELECT value FROM counter ORDER BY name");
      assert.deepEqual(
        rows.map(({ value }) => value),
        [2, 2],
      );
      await close(database);
    });

    test("a row or file that another one holds is told as locked, after the time that was given", async () => {
      const database = await open();
      await database.run("INSERT INTO counter (name, value) VALUES ('a', 0)");
      await using impatient = await database.place.open({ lockTimeoutMs: 50 });
      await database.transaction(async (statements) => {
        await statements.run("UPDATE counter SET value = 1");
        await assert.rejects(impatient.run("UPDATE counter SET value = 2"), { code: "STORE_LOCKED", kind: "busy" });
      });
      assert.equal((await impatient.query("SELECT value FROM counter"))[0]?.["value"], 1);
      await close(database);
    });

    test("what is open for reading only takes no writes", async () => {
      const database = await open();
      await using reader = await database.place.open({ readOnly: true });
      assert.deepEqual(await reader.query("SELECT id FROM t"), []);
      await assert.rejects(reader.run("INSERT INTO t (id) VALUES (1)"), { code: "STORE_READ_ONLY" });
      await close(database);
    });

    test("a table or column that is not there is told by name", async () => {
      const database = await open();
      const told = (sql: string): Promise<unknown> => database.query(sql).catch((error: unknown) => error);
      for (const [sql, what] of [
        ["SELECT x FROM spans", /table spans/],
        ["SELECT nope FROM t", /column (t\.)?nope/],
      ] as const) {
        const error = await told(sql);
        assert.ok(error instanceof Error && "code" in error);
        assert.equal(error.code, "STORE_TABLE");
        assert.match(error.message, what);
      }
      await close(database);
    });
  });
}
