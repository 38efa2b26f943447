// Parquet, CSV and NDJSON through DuckDB: types, derived columns, filters, broken lines, and what its SQL may not do.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { isTrimaranError } from "../../src/base/errors.ts";
import { openSqlTable, type SqlTable, type SqlTableOptions } from "../../src/tables/sql-table.ts";

interface Folder extends AsyncDisposable {
  write(name: string, text: string): Promise<string>;
  readonly path: string;
}

async function folder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), "trimaran-tables-"));
  return {
    path,
    async write(name, text) {
      await writeFile(join(path, name), text);
      return join(path, name);
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

async function allRows(table: SqlTable, names: readonly string[]): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const batch of table.rows(names)) rows.push(...batch);
  return rows;
}

async function codeOf(act: () => Promise<unknown>): Promise<string> {
  try {
    await act();
  } catch (error) {
    if (isTrimaranError(error)) return error.code;
    throw error;
  }
  return "nothing";
}

async function opens(options: SqlTableOptions): Promise<string> {
  return await codeOf(async () => {
    await using table = await openSqlTable(options);
    await allRows(table, [...table.columns.keys()]);
  });
}

describe("a table over files", () => {
  test("derives columns of one another, replaces one, and filters, in the order of the files", async () => {
    await using place = await folder();
    const first = await place.write("a.csv", "x,y\n3,a\n1,b\n");
    const second = await place.write("b.csv", "x,y\n2,c\n");
    await using table = await openSqlTable({
      files: [first, second],
      derive: { double: "x * 2 -- a comment", x: "double + 1" },
      where: "x > 3",
    });
    assert.deepEqual([...table.columns.keys()].sort(), ["double", "x", "y"]);
    assert.deepEqual(await allRows(table, ["y", "x", "double"]), [
      ["a", 7, 6],
      ["c", 5, 4],
    ]);
    assert.equal(await table.count(), 3);
  });

  test("gives times as ISO text, dates as days, and integers exactly", async () => {
    await using place = await folder();
    const file = await place.write("t.csv", "at,day,big\n2022-01-01 10:00:00,2022-01-02,9007199254740993\n");
    await using table = await openSqlTable({ files: [file] });
    assert.deepEqual(await allRows(table, ["at", "day", "big"]), [
      ["2022-01-01T10:00:00.000Z", "2022-01-02", 9007199254740993n],
    ]);
  });

  test("keeps declared texts as they stand, in CSV and in NDJSON", async () => {
    await using place = await folder();
    const csv = await place.write("t.csv", "id,n\n007,1\n");
    const ndjson = await place.write("t.ndjson", '{"id":"2022-01-01 10:00:00","n":1}\n');
    for (const [file, wanted] of [
      [csv, "007"],
      [ndjson, "2022-01-01 10:00:00"],
    ] as const) {
      await using table = await openSqlTable({ files: [file], textColumns: ["id", "absent"] });
      assert.deepEqual(await allRows(table, ["id", "n"]), [[wanted, 1]]);
    }
  });

  test("takes true and false of CSV for booleans, but yes and no for words", async () => {
    await using place = await folder();
    const file = await place.write("t.csv", "a,b\nyes,true\nno,False\n");
    await using table = await openSqlTable({ files: [file] });
    assert.deepEqual([...table.columns.values()], ["VARCHAR", "BOOLEAN"]);
    assert.deepEqual(await allRows(table, ["a", "b"]), [
      ["yes", true],
      ["no", false],
    ]);
  });

  test("counts lines that cannot be read by their fault, and reads the others", async () => {
    await using place = await folder();
    const csv = await place.write("t.csv", `a,b\n1,2\n${"3,4\n".repeat(50)}5\n6,7,8\n`);
    await using ragged = await openSqlTable({ files: [csv] });
    assert.equal((await allRows(ragged, ["a", "b"])).length, 51);
    assert.deepEqual(
      [...(await ragged.rejected())],
      [
        ["MISSING COLUMNS", 1],
        ["TOO MANY COLUMNS", 1],
      ],
    );
    const ndjson = await place.write("t.ndjson", '{"a":1}\n{"a":\n{}\nnope\n{"a":2}\n');
    await using broken = await openSqlTable({ files: [ndjson] });
    assert.deepEqual(await allRows(broken, ["a"]), [[1], [2]]);
    assert.deepEqual(
      [...(await broken.rejected())],
      [
        ["not json", 2],
        ["empty row", 1],
      ],
    );
  });

  test("refuses SQL that is wrong, with the columns that there are and no value of a row", async () => {
    await using place = await folder();
    const file = await place.write("t.csv", "a,b\nsecret,2\n");
    assert.equal(await opens({ files: [file], where: "nope = 1" }), "TABLE_SQL");
    assert.equal(await opens({ files: [file], derive: { c: "a +" } }), "TABLE_SQL");
    assert.equal(await opens({ files: [file], where: "1) OR (1 = 1" }), "nothing");
    await using table = await openSqlTable({ files: [file], derive: { c: "CAST(a AS INTEGER)" } });
    await assert.rejects(allRows(table, ["c"]), (error: Error) => {
      assert.ok(isTrimaranError(error) && error.code === "TABLE_SQL");
      assert.ok(!`${error.message} ${error.fix}`.includes("secret"), error.message);
      return true;
    });
  });

  test("reads nothing but the files that were named, and writes nothing", async () => {
    await using place = await folder();
    const file = await place.write("t.csv", "a\n1\n");
    const other = await place.write("other.csv", "a\n1\n");
    const reads = `(SELECT content FROM read_text('${other}'))`;
    assert.equal(await opens({ files: [file], derive: { c: reads } }), "TABLE_SQL");
    assert.equal(
      await opens({ files: [file], derive: { c: "(SELECT content FROM read_text('/etc/hostname'))" } }),
      "TABLE_SQL",
    );
  });

  test("says what cannot be read: another format, no Parquet, formats mixed", async () => {
    await using place = await folder();
    const csv = await place.write("t.csv", "a\n1\n");
    const odd = await place.write("t.xlsx", "a\n1\n");
    const fake = await place.write("t.parquet", "a\n1\n");
    assert.equal(await opens({ files: [odd] }), "TABLE_FORMAT");
    assert.equal(await opens({ files: [fake] }), "TABLE_READ");
    assert.equal(await opens({ files: [csv, fake] }), "TABLE_READ");
  });

  test("stops when it is told to", async () => {
    await using place = await folder();
    const file = await place.write("t.csv", `a\n${"1\n".repeat(5000)}`);
    const stop = new AbortController();
    await using table = await openSqlTable({ files: [file], signal: stop.signal });
    const rows = table.rows(["a"]);
    await rows.next();
    stop.abort("SIGINT");
    await assert.rejects(
      async () => await rows.next(),
      (reason) => reason === "SIGINT",
    );
  });
});
