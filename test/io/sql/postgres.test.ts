// What only PostgreSQL does: values that it refuses, servers that are not there, restarts, TLS, sockets, secrets.
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { after, before, describe, test } from "node:test";
import {
  type PostgresServer,
  postgresPassword,
  postgresSkip,
  postgresUser,
  startPostgres,
} from "../../../scripts/postgres-server.ts";
import { isTrimaranError, type TrimaranError } from "../../../src/base/errors.ts";
import type { Database } from "../../../src/io/sql/database.ts";
import { openPostgres } from "../../../src/io/sql/postgres-database.ts";
import { parsePostgresUrl } from "../../../src/io/sql/postgres-url.ts";

const openUrl = (url: string): Promise<Database> => openPostgres(parsePostgresUrl(url));

async function refusalOf(work: Promise<unknown>): Promise<TrimaranError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!isTrimaranError(error)) throw new Error("it was not refused", { cause: error });
  return error;
}

describe("PostgreSQL", { skip: postgresSkip(), timeout: 600_000 }, () => {
  const held: { server: PostgresServer | null } = { server: null };
  const server = (): PostgresServer => {
    if (held.server === null) throw new Error("no server");
    return held.server;
  };
  before(async () => {
    held.server = await startPostgres();
  });
  after(() => held.server?.[Symbol.asyncDispose]());

  test("is reached by host, by socket and by options, and named without user and password", async () => {
    await server().createDatabase("reach");
    const { port, socket } = server();
    const user = `${postgresUser}:${encodeURIComponent(postgresPassword)}`;
    for (const [url, name] of [
      [server().url("reach"), `127.0.0.1:${port}/reach`],
      [server().url("reach", { query: "?sslmode=disable&application_name=x" }), `127.0.0.1:${port}/reach`],
      [server().url("reach", { query: "?sslmode=allow" }), `127.0.0.1:${port}/reach`],
      [`postgres://${user}@localhost:${port}/reach`, `localhost:${port}/reach`],
      [`postgresql+psycopg2://${user}@/reach?host=${socket}&port=${port}`, `${socket}:${port}/reach`],
      [`postgresql://${user}@${encodeURIComponent(socket)}:${port}/reach`, `${socket}:${port}/reach`],
      [
        `postgresql:///?host=127.0.0.1&port=${port}&user=${postgresUser}&password=${encodeURIComponent(postgresPassword)}&dbname=reach`,
        `127.0.0.1:${port}/reach`,
      ],
    ] as const) {
      await using database = await openUrl(url);
      assert.equal(database.name, name);
      assert.deepEqual(await database.query("SELECT 1 AS one"), [{ one: 1 }]);
    }
  });

  test("what is wrong with the place is told by a code of its own, never with the password", async () => {
    const url = await server().createDatabase("place");
    const { port } = server();
    const closed = await closedPort();
    const cases: readonly (readonly [string, string])[] = [
      [url.replace(`:${port}/`, `:${closed}/`), "STORE_UNREACHABLE"],
      [`postgresql://u:s3cret@nowhere.invalid/x`, "STORE_UNREACHABLE"],
      [server().url("place", { query: "?sslmode=require" }), "STORE_UNREACHABLE"],
      [url.replace(encodeURIComponent(postgresPassword), "s3cret"), "STORE_REFUSED"],
      [url.replace(postgresUser, "nobody"), "STORE_REFUSED"],
      [`postgresql://${postgresUser}@127.0.0.1:${port}/place`, "STORE_REFUSED"],
      [server().url("absent"), "STORE_MISSING"],
      [server().url("place", { query: "?sslmode=verify-full&sslrootcert=/nowhere.pem" }), "STORE_URI"],
    ];
    for (const [each, code] of cases) {
      const error = await refusalOf(openUrl(each));
      assert.equal(error.code, code, each);
      const told = [error.message, error.fix, String(error.stack), String(error.cause)].join("\n");
      assert.ok(!told.includes(postgresPassword) && !told.includes("s3cret") && !told.includes("s3cr%25"), told);
    }
  });

  test("a server that does not speak its protocol is told in time", async () => {
    const mute = createServer(() => {});
    await new Promise<void>((ready) => mute.listen(0, "127.0.0.1", ready));
    const address = mute.address();
    const port = typeof address === "object" ? address?.port : 0;
    try {
      const error = await refusalOf(openUrl(`postgresql://u:p@127.0.0.1:${port}/x?connect_timeout=1`));
      assert.equal(error.code, "STORE_UNREACHABLE");
    } finally {
      mute.close();
    }
  });

  test("texts and numbers that a column does not take are the caller's fault", async () => {
    await using database = await openUrl(await server().createDatabase("value"));
    await database.run("CREATE TABLE t (word VARCHAR(3), number INTEGER)");
    const put = (word: string | null, number: number | null): Promise<number> =>
      database.run("INSERT INTO t VALUES (?, ?)", [word, number]);
    assert.equal((await refusalOf(put("long", 1))).code, "STORE_VALUE");
    assert.equal((await refusalOf(put("a\u0000", 1))).code, "STORE_VALUE");
    assert.equal((await refusalOf(put(null, 2 ** 31))).code, "STORE_VALUE");
    const pattern = database.query(`SELECT 1 FROM t WHERE ${database.dialect.like("word")}`, ["a\\"]);
    await database.run("INSERT INTO t VALUES ('a', 1)");
    assert.ok(
      ["STORE_VALUE", "none"].includes(
        await pattern.then(
          () => "none",
          (error: TrimaranError) => error.code,
        ),
      ),
    );
    assert.doesNotMatch((await refusalOf(put("long", 1))).message, /long"|'long/);
  });

  test("connections that broke are made anew: reads and transactions go on after a restart", async () => {
    await using database = await openUrl(await server().createDatabase("restart"));
    await database.run("CREATE TABLE t (id INTEGER)");
    await Promise.all(Array.from({ length: 8 }, (_, id) => database.run("INSERT INTO t VALUES (?)", [id])));
    await server().kill();
    assert.equal((await refusalOf(database.query("SELECT 1"))).kind, "unavailable");
    assert.equal((await refusalOf(database.run("INSERT INTO t VALUES (9)"))).kind, "unavailable");
    await server().start();
    assert.deepEqual(await database.query("SELECT count(*) AS count FROM t"), [{ count: 8 }]);
    assert.equal(await database.run("INSERT INTO t VALUES (9)"), 1);
    await server().execute(
      "postgres",
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'restart'",
    );
    assert.equal(await database.run("INSERT INTO t VALUES (10)"), 1);
    assert.deepEqual(await database.query("SELECT count(*) AS count FROM t"), [{ count: 10 }]);
  });

  test("a connection that breaks between two statements ends neither the process nor the work", async () => {
    await using database = await openUrl(await server().createDatabase("between"));
    await database.run("CREATE TABLE t (id INTEGER)");
    let runs = 0;
    await database.transaction(async (statements) => {
      runs++;
      await statements.run("INSERT INTO t VALUES (1)");
      if (runs === 1) {
        const [row] = await statements.query("SELECT pg_backend_pid() AS pid");
        await server().execute("postgres", `SELECT pg_terminate_backend(${Number(row?.["pid"])})`);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      await statements.run("INSERT INTO t VALUES (2)");
    });
    assert.equal(runs, 2);
    assert.deepEqual(await database.query("SELECT count(*) AS count FROM t"), [{ count: 2 }]);
  });

  test("tables that change under prepared statements, and many statements, are no matter", async () => {
    await using database = await openUrl(await server().createDatabase("prepared"));
    await database.run("CREATE TABLE t (id INTEGER)");
    await database.run("INSERT INTO t VALUES (1)");
    for (let column = 0; column < 3; column++) {
      assert.equal(Object.keys((await database.query("SELECT * FROM t"))[0] ?? {}).length, column + 1);
      const rows = await database.transaction((statements) => statements.query("SELECT * FROM t WHERE id = ?", [1]));
      assert.equal(Object.keys(rows[0] ?? {}).length, column + 1);
      await database.run(`ALTER TABLE t ADD COLUMN c${column} TEXT`);
    }
    for (let index = 0; index < 400; index++) await database.query(`SELECT ${index} AS n`);
    const [row] = await database.query("SELECT count(*) AS count FROM pg_prepared_statements");
    assert.ok(Number(row?.["count"]) <= 300);
  });

  test("work that passes over a statement that failed commits nothing, and says so", async () => {
    await using database = await openUrl(await server().createDatabase("swallowed"));
    await database.run("CREATE TABLE t (id INTEGER)");
    const error = await refusalOf(
      database.transaction(async (statements) => {
        await statements.run("INSERT INTO t VALUES (1)");
        await statements.run("INSERT INTO nowhere VALUES (1)").catch(() => {});
      }),
    );
    assert.equal(error.code, "STORE_TABLE");
    assert.deepEqual(await database.query("SELECT id FROM t"), []);
  });

  test("a hundred transactions that each read outside of themselves do not wait for one another for ever", async () => {
    await using database = await openUrl(await server().createDatabase("lanes"));
    const works = Array.from({ length: 100 }, () =>
      database.transaction(async (statements) => {
        await statements.query("SELECT 1 AS one");
        return database.query("SELECT 2 AS two");
      }),
    );
    assert.equal((await Promise.all(works)).length, 100);
  });
});

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  return typeof address === "object" && address !== null ? address.port : 0;
}

test("a URL is read as libpq reads it, and a malformed one is refused without what it says", () => {
  const { host, port, user, password, database, sslMode } = parsePostgresUrl(
    "postgresql+psycopg2://me:p%40s%2Fs@[::1]:5433/my%20db?sslmode=verify-full&connect_timeout=3&client_encoding=utf8",
  );
  assert.deepEqual(
    [host, port, user, password, database, sslMode],
    ["::1", 5433, "me", "p@s/s", "my db", "verify-full"],
  );
  assert.equal(parsePostgresUrl("postgres://h").database, undefined);
  assert.equal(parsePostgresUrl("postgresql://me:a/b@h/x").password, "a/b");
  for (const bad of [
    "postgresql:/me:s3cret@h/x",
    "postgresql://me:s3cret@h:port/x",
    "postgresql://me:s3cret@h:99999/x",
    "postgresql://me:s3cret%zz@h/x",
    "postgresql://me:s3cret@h,i/x",
    "postgresql://me:s3cret@h/x?sslmode=sometimes",
    "postgresql://me:s3cret@h/x?nope=s3cret",
    "postgresql://me:s3@cret@h/x",
  ]) {
    assert.throws(
      () => parsePostgresUrl(bad),
      (error) => isTrimaranError(error) && error.code === "STORE_URI" && !error.message.includes("cret"),
      bad,
    );
  }
});
