// `trimaran export --sql`: what it writes, what it says, what it refuses.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { postgresSkip, startPostgres } from "../../../scripts/postgres-server.ts";
import { openSqlEngine } from "../../../src/tables/sql-engine.ts";
import { sqlSource } from "../../../src/tables/sql-source.ts";
import { forest, linear, ride, root, runCli } from "../run-in-process.ts";

interface Folder extends Disposable {
  readonly path: string;
}

function scratch(): Folder {
  const path = mkdtempSync(join(tmpdir(), "trimaran-sql-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

const yaml = `${root}examples/ride-duration-yaml`;
const base = readFileSync(`${yaml}/deployment.yaml`, "utf8").replace("../ride-duration/lin_reg.bin", linear);

function definition(folder: Folder, more: string): string {
  const file = join(folder.path, "deployment.yaml");
  writeFileSync(file, base + more);
  return file;
}

const worked = `
batch:
  derive:
    duration: "date_diff('microsecond', lpep_pickup_datetime, lpep_dropoff_datetime) / 6e7"
  where: "duration BETWEEN 1 AND 60 AND PULocationID IN (130, 43) -- only two zones"
  truth: duration
  write:
    ride_id: id
    PULocationID: row
    actual_duration: truth
    predicted_duration: output.duration
    diff: truth - output
    model_version: version
`;

/** Rides of which two are kept. */
const rides = [
  [130, 205, 3.66, "2021-03-01 08:00:00", "2021-03-01 08:12:34.5"],
  [43, 151, 1.01, "2021-03-01 23:59:00", "2021-03-02 00:30:00"],
  [130, 205, 3.66, "2021-03-01 08:00:00", "2021-03-01 08:00:30"],
  [10, 50, 40, "2021-03-01 08:00:00", "2021-03-01 08:20:00"],
] as const;

const tableSql = (name: string): string =>
  `CREATE TABLE ${name} AS SELECT * FROM (VALUES ${rides
    .map(([pu, to, miles, from, end]) => `(${pu}, ${to}, ${miles}::float8, timestamp '${from}', timestamp '${end}')`)
    .join(", ")}) AS t("PULocationID", "DOLocationID", "trip_distance", lpep_pickup_datetime, lpep_dropoff_datetime)`;

async function codeOf(argv: readonly string[]): Promise<readonly [number, string]> {
  const { code, stderr } = await runCli([...argv, "--json"]);
  const { error } = JSON.parse(stderr.trim().split("\n").at(-1) ?? "{}") as { error?: { code: string; fix: string } };
  return [code, `${error?.code}: ${error?.fix}`];
}

describe("trimaran export --sql", () => {
  test("writes a file, tells what was compared, and prints the query without --output", async () => {
    using folder = scratch();
    const file = join(folder.path, "ride.sql");
    const json = await runCli(["export", yaml, "--sql", "duckdb", "-o", file, "--json"]);
    const report = JSON.parse(json.stdout) as Record<string, unknown>;
    assert.equal(json.code, 0, json.stderr);
    assert.deepEqual(
      { ...report, parity: null },
      { file, dialect: "duckdb", bytes: readFileSync(file).length, answers: ["duration"], parity: null },
    );
    assert.match(json.stderr, /as Trimaran does, to the last bit/);
    const printed = await runCli(["export", yaml, "--sql", "duckdb"]);
    assert.equal(printed.stdout, readFileSync(file, "utf8"));
  });

  test("rows of a file are compared, through derive and where, and both databases give what `batch.write` says", async () => {
    using folder = scratch();
    const file = definition(folder, worked);
    const parquet = join(folder.path, "rides.parquet");
    await using engine = await openSqlEngine([], { folder: folder.path });
    await engine.connection.run(tableSql("rides"));
    await engine.connection.run(`COPY rides TO '${parquet}'`);
    const made = await runCli(["export", file, "--sql", "duckdb", "--table", "rides", "--rows", parquet]);
    assert.equal(made.code, 0, made.stderr);
    assert.match(made.stderr, /answered 2 rows/);
    assert.match(made.stderr, /Left out, .*: ride_id\./);
    const read = await engine.connection.runAndReadAll(made.stdout);
    // A query without ORDER BY promises no order.
    const byZone = (rows: readonly (readonly unknown[])[]): readonly (readonly unknown[])[] =>
      rows.toSorted((left, right) => Number(right[0]) - Number(left[0]));
    const answers = byZone(read.getRowsJS());
    assert.deepEqual(read.columnNames(), [
      "PULocationID",
      "actual_duration",
      "predicted_duration",
      "diff",
      "model_version",
    ]);
    assert.deepEqual(
      answers.map((row) => row.slice(0, 3)),
      [
        [130, 12.575, 15.691732237505335],
        [43, 31, answers[1]?.[2]],
      ],
    );
    assert.equal(answers[1]?.[3], 31 - Number(answers[1]?.[2]));
    if (postgresSkip() !== false) return;
    await using server = await startPostgres();
    await server.createDatabase("rides");
    await server.execute("rides", `CREATE SCHEMA "my rides"; ${tableSql('"my rides".rides')}`);
    const other = await runCli(["export", file, "--sql", "postgres", "--table", '"my rides".rides', "--rows", parquet]);
    assert.equal(other.code, 0, other.stderr);
    const there = await server.execute("rides", other.stdout);
    assert.deepEqual(byZone(there.map((row) => Object.values(row))), answers);
  });

  test("a derived column replaces one of that name in DuckDB's table", async () => {
    using folder = scratch();
    const file = definition(folder, `\nbatch:\n  derive: { trip_distance: "trip_distance * 2" }\n`);
    const made = await runCli(["export", file, "--sql", "duckdb", "--rows", `${ride}/rides.ndjson`]);
    assert.equal(made.code, 0, made.stderr);
    await using engine = await openSqlEngine([`${ride}/rides.ndjson`]);
    const { lines } = await sqlSource(engine, { files: [`${ride}/rides.ndjson`], format: "ndjson", texts: [] });
    await engine.connection.run(`CREATE TABLE input AS SELECT * FROM ${lines}`);
    const rows = await engine.connection.runAndReadAll(
      `SELECT list_sort(list(q.trip_distance)) = (SELECT list_sort(list(trip_distance * 2)) FROM input) FROM (${made.stdout.replace(/;\s*$/, "")}) AS q`,
    );
    assert.deepEqual(rows.getRowsJS(), [[true]]);
  });

  test("rows of which the filter leaves none prove nothing, and are refused", async () => {
    using folder = scratch();
    const file = definition(folder, `\nbatch:\n  where: "trip_distance < 0"\n`);
    const found = await codeOf(["export", file, "--sql", "duckdb", "--rows", `${ride}/rides.ndjson`]);
    assert.deepEqual([found[0], found[1].slice(0, 8)], [1, "SQL_ROWS"]);
  });

  test("what is no expression, or what PostgreSQL cannot say, is refused", async () => {
    using folder = scratch();
    const derive = (sql: string): string => definition(folder, `\nbatch:\n  derive: { x: ${JSON.stringify(sql)} }\n`);
    for (const sql of ["1), (2", "1) FROM secrets; SELECT (1", "1; DROP TABLE rides", "1 FROM other --"]) {
      assert.match((await codeOf(["export", derive(sql), "--sql", "duckdb"]))[1], /^TABLE_SQL/, sql);
    }
    assert.match((await codeOf(["export", derive("list_sum([1])"), "--sql", "postgres"]))[1], /^SQL_DEFINITION.*view/);
    assert.match(
      (await codeOf(["export", derive("date_diff('day', a, b)"), "--sql", "postgres"]))[1],
      /^SQL_DEFINITION/,
    );
  });

  test("a function of a definition, a large forest and wrong flags are refused with what to do", async () => {
    using folder = scratch();
    const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
      [[ride, "--sql", "duckdb"], 1, /^SQL_DEFINITION.*init MODEL --yaml/],
      [[forest, "--sql", "postgres"], 1, /^SQL_SIZE.*trimaran score/],
      [[linear, "--sql", "duckdb", "-o", join(folder.path, "x.onnx")], 2, /^USAGE_INVALID/],
      [[linear, "--sql", "oracle"], 2, /^USAGE/],
      [[linear, "--table", "rides", "-o", join(folder.path, "x.onnx")], 2, /^USAGE_INVALID/],
      [[linear, "--model", forest, "-o", join(folder.path, "x.onnx")], 2, /^USAGE_INVALID/],
      [[linear, "--sql", "duckdb", "--table", "a;b.c.d.e"], 2, /^USAGE_INVALID/],
      [[linear, "--sql", "postgres", "--keep", "x".repeat(64)], 1, /^SQL_NAME/],
      [[linear, "--sql", "duckdb", "--keep", "a,A"], 1, /^SQL_NAME/],
      [[linear, "--sql", "duckdb", "--method", "transform"], 1, /^MODEL_METHOD/],
      [[linear, "--sql", "duckdb", "--rows", join(folder.path, "absent.csv")], 1, /^(TABLE|FILE)_/],
      [[yaml, "--sql", "duckdb", "--rows", `${ride}/parity.ndjson`], 1, /^SQL_ROWS/],
    ];
    for (const [argv, code, says] of cases) {
      const found = await codeOf(["export", ...argv]);
      assert.equal(found[0], code, `${argv.join(" ")}: ${found[1]}`);
      assert.match(found[1], says, argv.join(" "));
    }
    assert.ok(!existsSync(join(folder.path, "x.onnx")));
  });
});
