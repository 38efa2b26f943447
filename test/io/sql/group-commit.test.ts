// Transactions over SQLite that come at the same time: each is all or nothing, whatever its neighbours in a shared commit do.
import assert from "node:assert/strict";
import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { openSqlite } from "../../../src/io/sql/sqlite-database.ts";

const add = "INSERT INTO numbers (number) VALUES (?)";

test("one that fails after it wrote takes nothing of its neighbours along, and leaves nothing", async () => {
  using scratch = mkdtempDisposableSync(join(tmpdir(), "trimaran-group-"));
  await using database = await openSqlite(join(scratch.path, "a.db"));
  await database.run("CREATE TABLE numbers (number INTEGER PRIMARY KEY)");
  const all = Array.from({ length: 60 }, (_, index) =>
    database.transaction(async (statements) => {
      await statements.run(add, [index * 2]);
      await statements.insertMany(add, [[index * 2 + 1]]);
      if (index % 7 === 3) throw new RangeError(`no ${index}`);
      return index;
    }),
  );
  const settled = await Promise.allSettled(all);
  for (const [index, each] of settled.entries()) {
    if (index % 7 === 3) assert.equal(each.status === "rejected" && String(each.reason), `RangeError: no ${index}`);
    else assert.deepEqual(each, { status: "fulfilled", value: index });
  }
  const kept = await database.query("SELECT number FROM numbers ORDER BY number");
  const wanted = Array.from({ length: 120 }, (_, number) => number).filter((number) => (number >> 1) % 7 !== 3);
  assert.deepEqual(
    kept.map(({ number }) => number),
    wanted,
  );
});

test("one that writes by a query and then fails is taken back, too", async () => {
  using scratch = mkdtempDisposableSync(join(tmpdir(), "trimaran-group-"));
  await using database = await openSqlite(join(scratch.path, "a.db"));
  await database.run("CREATE TABLE numbers (number INTEGER PRIMARY KEY)");
  const [first, second, third] = await Promise.allSettled([
    database.run(add, [1]),
    database.transaction(async (statements) => {
      await statements.query("INSERT INTO numbers (number) VALUES (?) RETURNING number", [2]);
      throw new RangeError("no");
    }),
    database.run(add, [3]),
  ]);
  assert.deepEqual([first.status, second.status, third.status], ["fulfilled", "rejected", "fulfilled"]);
  const kept = await database.query("SELECT number FROM numbers ORDER BY number");
  assert.deepEqual(
    kept.map(({ number }) => number),
    [1, 3],
  );
});

test("one that fails before it writes costs its neighbours no second run", async () => {
  using scratch = mkdtempDisposableSync(join(tmpdir(), "trimaran-group-"));
  await using database = await openSqlite(join(scratch.path, "a.db"));
  await database.run("CREATE TABLE numbers (number INTEGER PRIMARY KEY)");
  let runs = 0;
  const counted = database.transaction(async (statements) => {
    runs++;
    await statements.run(add, [1]);
  });
  const failed = database.transaction(async (statements) => {
    await statements.query("SELECT number FROM numbers");
    throw new RangeError("no such run");
  });
  await assert.rejects(failed, RangeError);
  await counted;
  assert.equal(runs, 1);
});

test("a transaction is confirmed when another connection sees what it wrote, and not before", async () => {
  using scratch = mkdtempDisposableSync(join(tmpdir(), "trimaran-group-"));
  const file = join(scratch.path, "a.db");
  await using database = await openSqlite(file);
  await database.run("CREATE TABLE numbers (number INTEGER PRIMARY KEY)");
  using other = new DatabaseSync(file, { readOnly: true });
  const seen = other.prepare("SELECT count(*) AS count FROM numbers WHERE number = ?");
  await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      await database.run(add, [index]);
      assert.equal(seen.get(index)?.["count"], 1);
    }),
  );
});

test("where another process holds the file, each waiting one fails by itself and the next ones go on after it", async () => {
  using scratch = mkdtempDisposableSync(join(tmpdir(), "trimaran-group-"));
  const file = join(scratch.path, "a.db");
  await using database = await openSqlite(file, { lockTimeoutMs: 200 });
  await database.run("CREATE TABLE numbers (number INTEGER PRIMARY KEY)");
  using other = new DatabaseSync(file);
  other.exec("BEGIN IMMEDIATE");
  const waiting = [1, 2, 3].map((number) => database.run(add, [number]));
  await assert.rejects(waiting[0] as Promise<number>, { code: "STORE_LOCKED" });
  other.exec("ROLLBACK");
  await Promise.allSettled(waiting);
  await database.run(add, [9]);
  const [row] = await database.query("SELECT count(*) AS count FROM numbers WHERE number IN (1, 9)");
  assert.equal(row?.["count"], 1);
});
