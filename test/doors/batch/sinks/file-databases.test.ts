// `trimaran score` from and to tables of SQLite and DuckDB files.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import { courseBatch, makeRides, type Rides, ridesSql } from "../rides.ts";

async function duck(file: string, sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJS();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function lite(file: string, sql: string): readonly Readonly<Record<string, unknown>>[] {
  const database = new DatabaseSync(file);
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
}

async function failure(rides: Rides, args: readonly string[]): Promise<readonly [number | null, string]> {
  const ran = await rides.run([...args, "--json"]);
  return [ran.code, JSON.parse(ran.stderr.trim().split("\n").at(-1) ?? "{}").error?.code];
}

const kinds = ["sqlite", "duckdb"] as const;

async function ask(kind: (typeof kinds)[number], file: string, sql: string): ReturnType<typeof duck> {
  return kind === "sqlite" ? lite(file, sql).map((row) => ({ ...row })) : duck(file, sql);
}

describe("trimaran score with database files", () => {
  for (const kind of kinds) {
    test(`a table of ${kind} takes the rows of a run in one transaction, and gives them back`, async () => {
      await using rides = await makeRides();
      await rides.copy(ridesSql(0, 5000), "rides.parquet");
      const definition = await rides.definition(
        courseBatch.replace("ride_id: id", "ride_id: id\n  trip_distance: row\n  lpep_dropoff_datetime: row"),
      );
      const file = rides.at("scores.db");
      const out = `${kind}:///scores.db?table=scores`;
      for (let round = 0; round < 2; round++) {
        const ran = await rides.run([definition, "-i", "rides.parquet", "-o", out, "--json"]);
        assert.equal(ran.code, 0, ran.stderr);
        const [row] = await ask(kind, file, "SELECT count(*) AS n, count(DISTINCT ride_id) AS ids FROM scores");
        assert.deepEqual([Number(row?.["n"]), Number(row?.["ids"])], [5000, 5000]);
      }
      const plan = await rides.run([definition, "-i", "rides.parquet", "-o", out, "--json", "--dry-run"]);
      assert.equal(JSON.parse(plan.stdout).state, "done", plan.stdout);
      // What was written is an input of the next run, with its types.
      const query = encodeURIComponent("SELECT * FROM scores ORDER BY CAST(substr(ride_id, 7) AS INTEGER)");
      for (const asked of ["table=scores", `query=${query}`]) {
        const back = await rides.run([definition, "-i", `${kind}:///${file}?${asked}`, "-o", "back.parquet", "--json"]);
        assert.equal(back.code, 0, back.stderr);
      }
      await rides.run([definition, "-i", "rides.parquet", "-o", "local.parquet"]);
      const columns = "EXCLUDE (ride_id)";
      assert.deepEqual(
        await rides.rows(`SELECT * ${columns} FROM {back.parquet}`),
        await rides.rows(`SELECT * ${columns} FROM {local.parquet}`),
      );
    });

    test(`partitions of ${kind} are replaced one by one; rejects lie in a table; two periods at once wait for one another`, async () => {
      await using rides = await makeRides();
      await rides.copy(ridesSql(0, 500), "2021-03.parquet");
      await rides.copy(ridesSql(0, 300).replace("1 + i % 260", "i % 260"), "2021-04.parquet");
      const definition = await rides.definition(courseBatch);
      const out = `${kind}:///deep/scores.db?table=scores&partition=month:{period}`;
      for (const more of [
        ["--parallel", "2"],
        ["--since", "nothing", "--parallel", "2"],
      ]) {
        const args = [definition, "-i", "{period}.parquet", "-o", out, "--backfill", "2021-03..2021-04", ...more];
        const ran = await rides.run(args);
        assert.equal(ran.code, 0, ran.stderr + ran.stdout);
      }
      const counts = await ask(
        kind,
        rides.at("deep/scores.db"),
        "SELECT month, count(*) AS n FROM scores GROUP BY month ORDER BY month",
      );
      assert.deepEqual(
        counts.map(({ month, n }) => [month, Number(n)]),
        [
          ["2021-03", 500],
          ["2021-04", 298],
        ],
      );
      const rejects = await ask(
        kind,
        rides.at("deep/scores.db"),
        "SELECT output, reject FROM _trimaran_rejects ORDER BY place",
      );
      assert.deepEqual(
        rejects.map(({ output }) => output),
        ["scores/month=2021-04", "scores/month=2021-04"],
      );
      assert.match(String(rejects[0]?.["reject"]), /PULocationID/);
    });

    test(`what ${kind} cannot do is told, and changes nothing`, async () => {
      await using rides = await makeRides();
      await rides.copy(ridesSql(0, 50), "rides.parquet");
      const definition = await rides.definition(courseBatch);
      await writeFile(
        rides.at("no.db"),
        "this is no database, but a text that is long enough to be looked at ".repeat(50),
      );
      const file = rides.at("other.db");
      if (kind === "sqlite") lite(file, "SELECT 1");
      const made = new DatabaseSync(file);
      if (kind === "sqlite") made.exec("CREATE TABLE scores (x INTEGER); INSERT INTO scores VALUES (1)");
      made.close();
      if (kind === "duckdb") {
        await (await import("node:fs/promises")).rm(file);
        await duck(file, "CREATE TABLE scores AS SELECT 1 AS x");
      }
      const input = (url: string): readonly string[] => [definition, "-i", url, "-o", "out.parquet"];
      assert.deepEqual(await failure(rides, input(`${kind}:///none.db?table=x`)), [1, "FILE_NOT_FOUND"]);
      assert.deepEqual(await failure(rides, input(`${kind}:///no.db?table=x`)), [
        1,
        kind === "sqlite" ? "STORE_FILE" : "BATCH_QUERY",
      ]);
      assert.deepEqual(await failure(rides, input(`${kind}:///other.db?table=none`)), [1, "BATCH_QUERY"]);
      assert.deepEqual(await failure(rides, input(`${kind}:///other.db?query=SELEKT`)), [1, "BATCH_QUERY"]);
      assert.deepEqual(await failure(rides, input(`${kind}:///other.db`)), [1, "BATCH_URL"]);
      const out = [definition, "-i", "rides.parquet", "-o", `${kind}:///other.db?table=scores`];
      assert.deepEqual(await failure(rides, out), [1, "BATCH_QUERY"]);
      assert.deepEqual(
        (await ask(kind, file, "SELECT * FROM scores")).map((row) => ({ ...row })),
        [{ x: 1 }],
      );
    });
  }

  test("SQLite's values decide about types: mixed ones become text, whole ones stay exact, bytes are refused", async () => {
    await using rides = await makeRides();
    const database = new DatabaseSync(rides.at("odd.db"));
    database.exec(`CREATE TABLE odd (mixed, big INTEGER, flag BOOLEAN, day DATE, late TIMESTAMP, empty REAL, "PULocationID" INT, "DOLocationID" INT, trip_distance REAL);
      INSERT INTO odd VALUES (1, 9223372036854775807, 1, '2021-03-01', '2021-03-01 10:00:00', NULL, 1, 2, 3), ('a"b,', 2, 0, NULL, 'later', NULL, 1, 2, 3.5)`);
    database.close();
    const names = ["mixed", "big", "flag", "day", "late", "empty"];
    const definition = await rides.definition(
      `write:\n${names.map((name) => `  ${name}: row`).join("\n")}\n  p: output.duration`,
    );
    const ran = await rides.run([definition, "-i", "sqlite:///odd.db?table=odd", "-o", "out.parquet"]);
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(
      await rides.rows("SELECT * EXCLUDE (p) REPLACE (day::VARCHAR AS day) FROM {out.parquet}"),
      [
        { mixed: "1", big: 9223372036854775807n, flag: true, day: null, late: "2021-03-01 10:00:00", empty: null },
        { mixed: 'a"b,', big: 2n, flag: false, day: null, late: "later", empty: null },
      ].map((row, at) => ({ ...row, day: at === 0 ? "2021-03-01" : null })),
    );
    lite(rides.at("odd.db"), "SELECT 1");
    const bytes = await failure(rides, [
      definition,
      "-i",
      `sqlite:///odd.db?query=${encodeURIComponent("SELECT *, x'00' AS b FROM odd")}`,
      "-o",
      "o.parquet",
    ]);
    assert.deepEqual(bytes, [1, "BATCH_QUERY"]);
    assert.ok((await readFile(rides.at("odd.db"))).length > 0);
  });
});
