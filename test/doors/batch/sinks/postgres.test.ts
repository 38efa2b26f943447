// `trimaran score` from and to a real PostgreSQL.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import {
  type PostgresServer,
  postgresPassword,
  postgresSkip,
  startPostgres,
} from "../../../../scripts/postgres-server.ts";
import { courseBatch, makeRides, type Rides, ridesSql } from "../rides.ts";

const skip = postgresSkip();
let server: PostgresServer;
let counter = 0;

async function database(): Promise<{
  readonly url: string;
  readonly sql: (text: string) => ReturnType<PostgresServer["execute"]>;
}> {
  const name = `batch_${counter++}`;
  const url = await server.createDatabase(name);
  return { url, sql: (text) => server.execute(name, text) };
}

const tableSql = `CREATE TABLE rides AS SELECT i AS id, (1 + i % 260)::int8 AS "PULocationID", (1 + (i * 7) % 260)::int8 AS "DOLocationID",
  (i % 100) / 8.0::float8 AS trip_distance, timestamp '2021-03-01' + i * interval '1 second' AS lpep_pickup_datetime,
  timestamp '2021-03-01 00:03:00' + (i + (i % 45) * 60) * interval '1 second' AS lpep_dropoff_datetime
  FROM generate_series(0, 2999) t(i)`;

async function failure(rides: Rides, args: readonly string[]): Promise<[number | null, string, string]> {
  const ran = await rides.run([...args, "--json"]);
  const { error } = JSON.parse(ran.stderr.trim().split("\n").at(-1) ?? "{}");
  assert.ok(!ran.stderr.includes(postgresPassword) && !ran.stdout.includes(postgresPassword), "the password is shown");
  return [ran.code, error?.code, error?.message];
}

describe("trimaran score with PostgreSQL", { skip }, () => {
  before(async () => {
    server = await startPostgres();
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
  });

  test("a table gives the rows that the file of the same rows gives; so does a query", async () => {
    await using rides = await makeRides();
    const { url, sql } = await database();
    await sql(tableSql);
    await sql("ALTER TABLE rides ADD PRIMARY KEY (id)");
    await rides.copy(ridesSql(0, 3000), "rides.parquet");
    const definition = await rides.definition(
      courseBatch.replace("ride_id: id", "ride_id: id\n  distance: row.trip_distance"),
    );
    const local = await rides.run([definition, "-i", "rides.parquet", "-o", "local.parquet"]);
    assert.equal(local.code, 0, local.stderr);
    const query = encodeURIComponent("SELECT * FROM rides WHERE id % 1 = 0 ORDER BY id;");
    for (const [asked, name] of [
      ["table=rides", "rides"],
      ["table=public.rides", "public.rides"],
      [`query=${query}`, "query"],
    ]) {
      const ran = await rides.run([definition, "-i", `${url}?${asked}`, "-o", "out.parquet", "--json"]);
      assert.equal(ran.code, 0, ran.stderr);
      assert.ok(!ran.stdout.includes(encodeURIComponent(postgresPassword)));
      const rows = await rides.rows("SELECT * EXCLUDE (ride_id) FROM {out.parquet}");
      assert.deepEqual(rows, await rides.rows("SELECT * EXCLUDE (ride_id) FROM {local.parquet}"));
      const [first] = await rides.rows("SELECT ride_id FROM {out.parquet} LIMIT 1");
      assert.equal(first?.["ride_id"], `${name}/0`);
      const manifest = await readFile(rides.at(".out.parquet.trimaran/manifest.json"), "utf8");
      assert.ok(!manifest.includes(encodeURIComponent(postgresPassword)));
    }
  });

  test("values come as they are: exact numbers, empty texts and nulls, quotes and line ends, lists, times with zones", async () => {
    await using rides = await makeRides();
    const { url, sql } = await database();
    await sql(`CREATE TABLE odd (id int PRIMARY KEY, d numeric(20,3), n numeric, t text, b bool, l float8[], s text[], z timestamptz, day date, u uuid, j jsonb, big int8, tiny float4,
      "PULocationID" int, "DOLocationID" int, trip_distance float8)`);
    await sql(`INSERT INTO odd VALUES (1, 12345678901234567.125, 0.1, '', true, '{1,2.5,NULL}', '{"a,b","\\"q\\""}', '2021-03-01 02:00:00+02', '2021-03-01', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"a": 1}', 9223372036854775807, 0.1, 1, 2, 3),
      (2, NULL, 'NaN', E'a"b,\\n\\\\N c', false, NULL, '{}', NULL, NULL, NULL, NULL, NULL, 'Infinity', 1, 2, 3), (3, 0, 1e300, '\\N', NULL, '{}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, 2, 3)`);
    const columns = ["id", "d", "n", "t", "b", "l", "s", "z", "day", "u", "j", "big", "tiny"];
    const definition = await rides.definition(
      `write:\n${columns.map((name) => `  ${name}: row`).join("\n")}\n  p: output.duration`,
    );
    const ran = await rides.run([definition, "-i", `${url}?table=odd`, "-o", "out.parquet"]);
    assert.equal(ran.code, 0, ran.stderr);
    const found = await rides.rows(
      `SELECT id, d::VARCHAR d, n, t, b, l::VARCHAR l, s::VARCHAR s, epoch(z)::BIGINT z, day::VARCHAR AS day, u, j, big, tiny::VARCHAR tiny FROM {out.parquet}`,
    );
    assert.deepEqual(found, [
      {
        id: 1,
        d: "12345678901234567.125",
        n: 0.1,
        t: "",
        b: true,
        l: "[1.0, 2.5, NULL]",
        s: `['a,b', '"q"']`,
        z: 1614556800n,
        day: "2021-03-01",
        u: "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        j: '{"a": 1}',
        big: 9223372036854775807n,
        tiny: "0.1",
      },
      {
        id: 2,
        d: null,
        n: Number.NaN,
        t: 'a"b,\n\\N c',
        b: false,
        l: null,
        s: "[]",
        z: null,
        day: null,
        u: null,
        j: null,
        big: null,
        tiny: "inf",
      },
      {
        id: 3,
        d: "0.000",
        n: 1e300,
        t: "\\N",
        b: null,
        l: "[]",
        s: null,
        z: null,
        day: null,
        u: null,
        j: null,
        big: null,
        tiny: null,
      },
    ]);
    // And back: a table that is made for them holds the same.
    const back = await rides.run([definition, "-i", `${url}?table=odd`, "-o", `${url}?table=again`]);
    assert.equal(back.code, 0, back.stderr);
    const same =
      await sql(`SELECT a.id FROM odd a JOIN again b ON a.id = b.id AND a.d IS NOT DISTINCT FROM b.d AND a.t IS NOT DISTINCT FROM b.t AND a.b IS NOT DISTINCT FROM b.b
      AND a.z IS NOT DISTINCT FROM b.z AND a.day IS NOT DISTINCT FROM b.day AND a.big IS NOT DISTINCT FROM b.big AND a.tiny IS NOT DISTINCT FROM b.tiny AND a.n::float8 IS NOT DISTINCT FROM b.n AND to_jsonb(a.s) IS NOT DISTINCT FROM b.s`);
    assert.equal(same.length, 3);
  });

  test("one transaction publishes: a reader sees all rows of the run before or all of this one; a run again replaces", async () => {
    await using rides = await makeRides();
    const { url, sql } = await database();
    await rides.copy(ridesSql(0, 40_000), "first.parquet");
    await rides.copy(ridesSql(0, 30_000), "second.parquet");
    const definition = await rides.definition(courseBatch);
    const first = await rides.run([definition, "-i", "first.parquet", "-o", `${url}?table=scores`, "--json"]);
    assert.equal(first.code, 0, first.stderr);
    const before = JSON.parse(first.stdout).rows.written;
    const counts = new Set<number>();
    let isOver = false;
    const reader = (async () => {
      while (!isOver) counts.add(Number((await sql("SELECT count(*)::int AS n FROM scores"))[0]?.["n"]));
    })();
    const second = await rides.run([definition, "-i", "second.parquet", "-o", `${url}?table=scores`, "--json"]);
    isOver = true;
    await reader;
    assert.equal(second.code, 0, second.stderr);
    const now = JSON.parse(second.stdout).rows.written;
    assert.ok(
      [...counts].every((count) => count === before || count === now),
      [...counts].join(),
    );
    assert.equal((await sql("SELECT count(*)::int AS n FROM scores"))[0]?.["n"], now);
    const [manifest] = await sql("SELECT manifest FROM _trimaran_manifests");
    assert.equal((manifest?.["manifest"] as { run: string } | undefined)?.run, JSON.parse(second.stdout).run);
    const plan = await rides.run([
      definition,
      "-i",
      "second.parquet",
      "-o",
      `${url}?table=scores`,
      "--json",
      "--dry-run",
    ]);
    assert.equal(JSON.parse(plan.stdout).state, "done", plan.stdout);
    await sql("DELETE FROM scores WHERE ctid IN (SELECT ctid FROM scores LIMIT 1)");
    const gone = await rides.run([
      definition,
      "-i",
      "second.parquet",
      "-o",
      `${url}?table=scores`,
      "--json",
      "--dry-run",
    ]);
    assert.equal(JSON.parse(gone.stdout).state, "new");
  });

  test("a partition's rows are replaced and no others; rejects lie in a table", async () => {
    await using rides = await makeRides();
    const { url, sql } = await database();
    await rides.copy(ridesSql(0, 500), "2021-03.parquet");
    await rides.copy(ridesSql(0, 300).replace("1 + i % 260", "i % 260"), "2021-04.parquet");
    const definition = await rides.definition(courseBatch);
    const out = `${url}?table=scores&partition=month:{period}`;
    for (const more of [
      ["--parallel", "2"],
      ["--since", "nothing", "--parallel", "2"],
    ]) {
      const args = [definition, "-i", "{period}.parquet", "-o", out, "--backfill", "2021-03..2021-04", ...more];
      const ran = await rides.run(args);
      assert.equal(ran.code, 0, ran.stderr + ran.stdout);
    }
    const counts = await sql("SELECT month, count(*)::int AS n FROM scores GROUP BY month ORDER BY month");
    assert.deepEqual(counts, [
      { month: "2021-03", n: 500 },
      { month: "2021-04", n: 298 },
    ]);
    const rejects = await sql(
      "SELECT output, place::int, reject->'issues'->0->>'path' AS path FROM _trimaran_rejects ORDER BY place",
    );
    assert.deepEqual(
      rejects,
      [0, 1].map((place) => ({ output: "scores/month=2021-04", place, path: "/PULocationID" })),
    );
  });

  test("what stops in the middle changes nothing: a table of other columns, a server that ends, a query that fails", async () => {
    await using rides = await makeRides();
    const { url, sql } = await database();
    await rides.copy(ridesSql(0, 3000), "rides.parquet");
    const definition = await rides.definition(courseBatch);
    await sql("CREATE TABLE scores (ride_id text, predicted_duration float8); INSERT INTO scores VALUES ('kept', 1)");
    const columns = await failure(rides, [definition, "-i", "rides.parquet", "-o", `${url}?table=scores`]);
    assert.deepEqual(columns.slice(0, 2), [1, "BATCH_QUERY"]);
    assert.match(columns[2], /lpep_pickup_datetime/);
    assert.deepEqual(await sql("SELECT * FROM scores"), [{ ride_id: "kept", predicted_duration: 1 }]);
    const cases: readonly (readonly [string, number, string])[] = [
      [`${url}?table=nothing`, 1, "BATCH_QUERY"],
      [`${url}?query=${encodeURIComponent("SELEKT 1")}`, 1, "BATCH_QUERY"],
      [`${url}?query=${encodeURIComponent("SELECT 1 AS a, 2 AS a")}`, 1, "BATCH_QUERY"],
      [
        `${url}?query=${encodeURIComponent("SELECT 1 / (i - 5) AS a FROM generate_series(1, 9) t(i)")}`,
        1,
        "BATCH_QUERY",
      ],
      [`${url}?query=${encodeURIComponent("DELETE FROM scores RETURNING *")}`, 1, "BATCH_QUERY"],
      [url, 1, "BATCH_URL"],
      [`${url}?table=a&query=b`, 1, "BATCH_URL"],
      [`${url.replace(/:\d+\//, ":1/")}?table=rides`, 75, "STORE_UNREACHABLE"],
      [`${url.replace("trimaran:", "nobody:")}?table=rides`, 1, "STORE_REFUSED"],
    ];
    for (const [input, code, error] of cases) {
      const told = await failure(rides, [definition, "-i", input, "-o", "out.parquet"]);
      assert.deepEqual(told.slice(0, 2), [code, error], `${error} ${told[2]}`);
    }
    assert.equal((await sql("SELECT * FROM scores")).length, 1);
  });

  test("of two runs on one table the second says so; a run that was killed holds nothing", async () => {
    await using rides = await makeRides();
    const { url, sql } = await database();
    await rides.copy(ridesSql(0, 2000), "rides.parquet");
    const definition = await rides.definition(courseBatch);
    const out = `${url}?table=scores`;
    await sql("CREATE TABLE scores (x int)");
    // Another machine holds the lock.
    const held = sql("SELECT pg_advisory_lock(hashtextextended('trimaran scores', 7321)), pg_sleep(6)");
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.deepEqual((await failure(rides, [definition, "-i", "rides.parquet", "-o", out])).slice(0, 2), [
      75,
      "BATCH_BUSY",
    ]);
    await held;
    await sql("DROP TABLE scores");
    const ran = await rides.run([definition, "-i", "rides.parquet", "-o", out]);
    assert.equal(ran.code, 0, ran.stderr);
  });
});
