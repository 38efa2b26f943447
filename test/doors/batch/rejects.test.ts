// Rows that do not fit: where they go, what is said of them, and how many a job may have.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { courseBatch, makeRides, manifestAt, type Rides, ridesSql } from "./rides.ts";

interface Reject {
  readonly file: string;
  readonly row: number | null;
  readonly line?: number;
  readonly path: string;
  readonly code: string;
  readonly issues: readonly { readonly path: string; readonly code: string; readonly message: string }[];
  readonly original: Readonly<Record<string, unknown>> | string;
}

async function rejectsOf(rides: Rides, output: string): Promise<readonly Reject[]> {
  const text = await readFile(rides.at(`.${output}.trimaran/_rejects/rejects.ndjson`), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Reject);
}

/** Of 200 rides four are odd, in five ways. */
const oddSql = `SELECT * REPLACE (
    CASE vendor WHEN 17 THEN 999 WHEN 40 THEN NULL WHEN 41 THEN 0 ELSE "PULocationID" END AS "PULocationID",
    CASE vendor WHEN 17 THEN -3.5 WHEN 150 THEN 'nan'::DOUBLE ELSE trip_distance END AS trip_distance)
  FROM (${ridesSql(0, 200)})`;

describe("rejected rows", () => {
  test("go to _rejects/ with path, code and the row as it was; the others are scored as if they were alone", async () => {
    await using rides = await makeRides();
    await rides.copy(oddSql, "a.parquet");
    const definition = await rides.definition(courseBatch);
    const ran = await rides.run([definition, "-i", "a.parquet", "-o", "out.parquet", "--json"]);
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(JSON.parse(ran.stdout).rows, { read: 200, filtered: 0, rejected: 4, written: 196 });
    const rejects = await rejectsOf(rides, "out.parquet");
    assert.deepEqual(
      rejects.map(({ file, row, issues }) => [file, row, ...issues.map(({ path, code }) => `${path} ${code}`)]),
      [
        ["a.parquet", 17, "/PULocationID out_of_range", "/trip_distance out_of_range"],
        ["a.parquet", 40, "/PULocationID missing_field"],
        ["a.parquet", 41, "/PULocationID out_of_range"],
        ["a.parquet", 150, "/trip_distance not_finite"],
      ],
    );
    const [first] = rejects;
    assert.deepEqual([first?.path, first?.code], ["/PULocationID", "out_of_range"]);
    const original = first?.original as Readonly<Record<string, unknown>>;
    assert.deepEqual(Object.keys(original), [
      "vendor",
      "PULocationID",
      "DOLocationID",
      "trip_distance",
      "lpep_pickup_datetime",
      "lpep_dropoff_datetime",
    ]);
    assert.equal(original["PULocationID"], 999);
    await rides.copy(`SELECT * FROM '${rides.at("a.parquet")}' WHERE vendor NOT IN (17, 40, 41, 150)`, "sound.parquet");
    assert.equal((await rides.run([definition, "-i", "sound.parquet", "-o", "alone.parquet"])).code, 0);
    const [differ] = await rides.rows(
      `SELECT count(*)::INT n FROM (SELECT * EXCLUDE ride_id, row_number() OVER () FROM {out.parquet}) a
       FULL JOIN (SELECT * EXCLUDE ride_id, row_number() OVER () FROM {alone.parquet}) b ON a = b WHERE a IS NULL OR b IS NULL`,
    );
    assert.equal(differ?.["n"], 0);
    const manifest = await manifestAt(rides.at(".out.parquet.trimaran/manifest.json"));
    assert.equal(manifest.rows["rejected"], 4);
  });

  test("of an earlier run go when there are none any more", async () => {
    await using rides = await makeRides();
    const definition = await rides.definition(courseBatch);
    await rides.copy(oddSql, "a.parquet");
    assert.equal((await rides.run([definition, "-i", "a.parquet", "-o", "out.parquet"])).code, 0);
    assert.ok(existsSync(rides.at(".out.parquet.trimaran/_rejects")));
    await rides.copy(ridesSql(0, 200), "a.parquet");
    assert.equal((await rides.run([definition, "-i", "a.parquet", "-o", "out.parquet"])).code, 0);
    assert.equal(existsSync(rides.at(".out.parquet.trimaran/_rejects")), false);
  });

  test("fail the job before it publishes where there are more than --max-rejects, rows or a share", async () => {
    await using rides = await makeRides();
    const definition = await rides.definition(courseBatch);
    await rides.copy(oddSql, "a.parquet");
    for (const [limit, code] of [
      ["3", 1],
      ["4", 0],
      ["1%", 1],
      ["1.9%", 1],
      ["2 %", 0],
      ["0", 1],
      ["many", 2],
      ["101%", 2],
    ] as const) {
      const output = `out-${limit.replaceAll(/\W/g, "_")}.parquet`;
      const ran = await rides.run([definition, "-i", "a.parquet", "-o", output, "--max-rejects", limit]);
      assert.equal(ran.code, code, `${limit}: ${ran.stderr}`);
      assert.equal(existsSync(rides.at(output)), code === 0);
      if (code !== 1) continue;
      const [, path = ""] = /lie in (.*)\.\n/.exec(ran.stderr) ?? [];
      assert.equal((await readFile(path, "utf8")).trim().split("\n").length, 4);
    }
  });

  test("of CSV are cells that are no numbers, and lines that are no rows", async () => {
    await using rides = await makeRides();
    const definition = await rides.definition("write:\n  id: id\n  duration: output");
    const lines = [
      "PULocationID,DOLocationID,trip_distance",
      "10,50,2.5",
      "10,x,2.5",
      "1,2",
      "10,50,",
      "10,50,40",
      "1,2,3,4,5",
    ];
    await writeFile(rides.at("a.csv"), `${lines.join("\n")}\n`);
    const ran = await rides.run([definition, "-i", "a.csv", "-o", "out.csv", "--json"]);
    assert.equal(ran.code, 0, ran.stderr);
    const rejects = await rejectsOf(rides, "out.csv");
    assert.deepEqual(
      rejects.map(({ row, line, path, code }) => [row, line ?? null, path, code]),
      [
        [null, 4, "", "missing_columns"],
        [null, 7, "", "too_many_columns"],
        [1, null, "/DOLocationID", "wrong_type"],
        [2, null, "/trip_distance", "missing_field"],
      ],
    );
    assert.equal(rejects[0]?.original, "1,2");
    assert.equal((await readFile(rides.at("out.csv"), "utf8")).trim().split("\n").length, 3);
  });

  test("of NDJSON are lines that are not JSON, and fields of another type", async () => {
    await using rides = await makeRides();
    const definition = await rides.definition("write:\n  id: id\n  duration: output");
    const lines = [
      '{"PULocationID": 10, "DOLocationID": 50, "trip_distance": 2.5}',
      '{"PULocationID": 10, "DOLocationID"',
      '{"PULocationID": 10, "DOLocationID": 50, "trip_distance": "far"}',
      "[1, 2]",
      '{"PULocationID": 10, "DOLocationID": 50.5, "trip_distance": 1}',
      '{"PULocationID": 10, "DOLocationID": 50, "trip_distance": 40}',
    ];
    await writeFile(rides.at("a.ndjson"), `${lines.join("\n")}\n`);
    const ran = await rides.run([definition, "-i", "a.ndjson", "-o", "out.ndjson", "--json"]);
    assert.equal(ran.code, 0, ran.stderr);
    const codes = (await rejectsOf(rides, "out.ndjson")).map(({ line, path, code }) => [line ?? null, path, code]);
    assert.deepEqual(codes, [
      [2, "", "not_json"],
      [4, "", "not_an_object"],
      [null, "/trip_distance", "wrong_type"],
      [null, "/DOLocationID", "not_whole"],
    ]);
    assert.equal(JSON.parse(ran.stdout).rows.written, 2);
  });

  test("are rows whose features or outputs fail, in a definition of code", async () => {
    await using rides = await makeRides();
    await rides.definition("");
    await rides.copy(ridesSql(0, 100), "a.parquet");
    await writeFile(
      rides.at("deployment.ts"),
      `import { defineDeployment, integer, number } from "trimaran";
export default defineDeployment({
  name: "coded", model: "./lin_reg.bin",
  input: { vendor: integer(), PULocationID: integer(), DOLocationID: integer(), trip_distance: number() },
  features: (ride) => {
    if (ride.vendor === 7) throw new Error("seven");
    return { PU_DO: \`\${ride.PULocationID}_\${ride.DOLocationID}\`, trip_distance: ride.trip_distance };
  },
  output: { duration: number({ min: 0 }), vendor: integer() },
  postprocess: (raw, ride) => ({ duration: ride.vendor === 9 ? -1 : Math.max(0, raw.predict), vendor: ride.vendor }),
  key: (ride) => \`ride \${ride.vendor}\`,
});
`,
    );
    const ran = await rides.run([rides.at("deployment.ts"), "-i", "a.parquet", "-o", "out.parquet", "--json"]);
    assert.equal(ran.code, 0, ran.stderr);
    const codes = (await rejectsOf(rides, "out.parquet")).map(({ row, code }) => [row, code]);
    assert.deepEqual(codes, [
      [7, "features_failed"],
      [9, "output_failed"],
    ]);
    const [sum] = await rides.rows(
      "SELECT count(*)::INT n, count(DISTINCT id)::INT ids, count(*) FILTER (id = 'ride ' || vendor)::INT right_ids, min(duration) >= 0 AS sound FROM {out.parquet}",
    );
    assert.deepEqual(sum, { n: 98, ids: 98, right_ids: 98, sound: true });
  });
});
