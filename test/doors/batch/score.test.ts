// `trimaran score` over made-up rides: what is written, from and to every format, ids, periods, models alone.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { openService } from "../../../src/serving/open-service.ts";
import { courseBatch, makeRides, manifestAt, ridesSql, root } from "./rides.ts";

describe("trimaran score", () => {
  test("writes the course's eight columns in order, of the rides that the filter keeps, with what the model answers", async () => {
    await using rides = await makeRides();
    await rides.copy(ridesSql(0, 3000), "2021-03.parquet", "(ROW_GROUP_SIZE 2048)");
    const definition = await rides.definition(courseBatch.replace("1 AND 60", "1 AND 40"));
    const ran = await rides.run([definition, "-i", "2021-03.parquet", "-o", "out/scored.parquet", "--json"]);
    assert.equal(ran.code, 0, ran.stderr);
    const result = JSON.parse(ran.stdout);
    const kept = await rides.rows(
      "SELECT count(*)::INT n FROM {2021-03.parquet} WHERE date_diff('second', lpep_pickup_datetime, lpep_dropoff_datetime) BETWEEN 60 AND 2400",
    );
    assert.deepEqual(result.rows, {
      read: 3000,
      filtered: 3000 - Number(kept[0]?.["n"]),
      rejected: 0,
      written: kept[0]?.["n"],
    });
    const columns = await rides.rows("DESCRIBE FROM {out/scored.parquet}");
    assert.deepEqual(
      columns.map((each) => [each["column_name"], each["column_type"]]),
      [
        ["ride_id", "VARCHAR"],
        ["lpep_pickup_datetime", "TIMESTAMP"],
        ["PULocationID", "BIGINT"],
        ["DOLocationID", "BIGINT"],
        ["actual_duration", "DOUBLE"],
        ["predicted_duration", "DOUBLE"],
        ["diff", "DOUBLE"],
        ["model_version", "VARCHAR"],
      ],
    );
    const rows = await rides.rows(`SELECT o.*, i.trip_distance FROM {out/scored.parquet} o
      JOIN (SELECT *, '2021-03/' || file_row_number AS id FROM read_parquet({2021-03.parquet}, file_row_number = true)) i ON o.ride_id = i.id
      ORDER BY i.vendor`);
    const service = await openService(definition);
    const answers = await service.answer(
      rows.map((row) => ({
        ...row,
        PULocationID: Number(row["PULocationID"]),
        DOLocationID: Number(row["DOLocationID"]),
      })),
    );
    for (const [at, row] of rows.entries()) {
      const predicted = answers.value(at)["duration"] as number;
      assert.equal(row["predicted_duration"], predicted);
      assert.equal(row["diff"], (row["actual_duration"] as number) - predicted);
      assert.match(String(row["model_version"]), /^sha256:[0-9a-f]{12}$/);
    }
    await service.close();
    assert.deepEqual((await readdir(rides.at("out"))).sort(), [".scored.parquet.trimaran", "scored.parquet"]);
    assert.deepEqual(await readdir(rides.at("out/.scored.parquet.trimaran")), ["manifest.json"]);
  });

  test("gives the same rows from Parquet, CSV and NDJSON, packed or not, to each of them", async () => {
    await using rides = await makeRides();
    const definition = await rides.definition(courseBatch);
    await rides.copy(ridesSql(0, 500), "in/a.parquet");
    for (const [name, options] of [
      ["in/a.csv", "(HEADER)"],
      ["in/a.csv.gz", "(HEADER, COMPRESSION gzip)"],
      ["in/a.csv.zst", "(FORMAT csv, HEADER, COMPRESSION zstd)"],
      ["in/a.ndjson", "(FORMAT json)"],
      ["in/a.jsonl.gz", "(FORMAT json, COMPRESSION gzip)"],
      ["in/a.ndjson.zst", "(FORMAT json, COMPRESSION zstd)"],
    ] as const) {
      await rides.copy(`SELECT * FROM '${rides.at("in/a.parquet")}'`, name, options);
    }
    const outputs = ["parquet", "csv", "csv.gz", "csv.zst", "ndjson", "ndjson.gz", "ndjson.zst"];
    let wanted: unknown;
    for (const input of (await readdir(rides.at("in"))).sort()) {
      const output = outputs.shift() ?? "parquet";
      const ran = await rides.run([definition, "-i", `in/${input}`, "-o", `out/b.${output}`, "--json"]);
      assert.equal(ran.code, 0, `${input}: ${ran.stderr}`);
      const [sum] = await rides.rows(
        `SELECT count(*)::INT n, sum(predicted_duration)::VARCHAR predicted, sum(diff)::VARCHAR diff, min(ride_id) lowest,
         max(strftime(lpep_pickup_datetime::TIMESTAMP, '%c')) latest FROM {out/b.${output}}`,
      );
      wanted ??= sum;
      assert.deepEqual(sum, wanted, `${input} → ${output}`);
    }
  });

  test("reads patterns and Hive folders, with ids of the path below the fixed part, and writes a folder", async () => {
    await using rides = await makeRides();
    for (const month of [1, 2, 3]) {
      const rows = ridesSql(month * 100, month * 100 + 10 * month);
      await rides.copy(rows, `data/year=2021/month=0${month}/part-0.parquet`);
    }
    await rides.copy(ridesSql(0, 5), "data/_trimaran/ours.parquet");
    await rides.copy(ridesSql(0, 5), "data/.hidden.parquet");
    const definition = await rides.definition("write:\n  id: id\n  month: row\n  duration: output");
    const ran = await rides.run([definition, "-i", "data/**/*.parquet", "-o", "scored/"]);
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual((await readdir(rides.at("scored"))).sort(), ["_trimaran", "predictions.parquet"]);
    const rows = await rides.rows(
      "SELECT month::INT AS month, count(*)::INT AS n, min(id) AS id FROM {scored/predictions.parquet} GROUP BY 1 ORDER BY 1",
    );
    assert.deepEqual(rows, [
      { month: 1, n: 10, id: "year=2021/month=01/part-0/0" },
      { month: 2, n: 20, id: "year=2021/month=02/part-0/0" },
      { month: 3, n: 30, id: "year=2021/month=03/part-0/0" },
    ]);
  });

  test("fills the places of URLs by the period, or by the month before the day of the run", async () => {
    await using rides = await makeRides();
    await rides.copy(ridesSql(0, 10), "green_2021-03.parquet");
    const definition = await rides.definition(`id: "{period}:{file}:{row}"\nwrite:\n  ride: id\n  period: period`);
    const urls = ["-i", "green_{year}-{month}.parquet", "-o", "out/year={year}/month={month}/"];
    const without = await rides.run([definition, ...urls]);
    assert.equal(without.code, 1);
    assert.match(without.stderr, /\{year\} in a URL needs --period/);
    const ran = await rides.run([definition, ...urls, "--period", "last-month", "--run-date", "2021-04-02"]);
    assert.equal(ran.code, 0, ran.stderr);
    const [first] = await rides.rows("FROM {out/year=2021/month=03/predictions.parquet} LIMIT 1");
    assert.deepEqual([first?.["ride"], first?.["period"]], ["2021-03:green_2021-03:0", "2021-03"]);
    const manifest = await manifestAt(rides.at("out/year=2021/month=03/_trimaran/manifest.json"));
    assert.equal(manifest.period, "2021-03");
  });

  test("says what it would do and why, and does nothing, with --dry-run", async () => {
    await using rides = await makeRides();
    await rides.copy(ridesSql(0, 10), "a.parquet");
    const definition = await rides.definition(courseBatch);
    const args = [definition, "-i", "a.parquet", "-o", "out.parquet"];
    const state = async (): Promise<string> =>
      JSON.parse((await rides.run([...args, "--dry-run", "--json"])).stdout).state;
    assert.equal(await state(), "new");
    assert.equal((await rides.rows("SELECT count(*)::INT n FROM glob({out*})"))[0]?.["n"], 0);
    assert.equal((await rides.run(args)).code, 0);
    assert.equal(await state(), "done");
    await rides.definition(courseBatch.replace("60", "50"));
    assert.equal(await state(), "changed");
  });

  test("scores with a model alone: every method a column, of columns by the model's names", async () => {
    await using rides = await makeRides();
    const model = join(root, "examples/ride-duration/lin_reg.bin");
    await rides.copy(
      `SELECT "PULocationID" || '_' || "DOLocationID" AS "PU_DO", trip_distance FROM (${ridesSql(0, 50)})`,
      "f.parquet",
    );
    const ran = await rides.run([model, "-i", "f.parquet", "-o", "p.csv"]);
    assert.equal(ran.code, 0, ran.stderr);
    const [head, first] = (await readFile(rides.at("p.csv"), "utf8")).split("\n");
    assert.equal(head, "id,predict,model_version");
    assert.match(first ?? "", /^f\/0,\d+\.\d+,sha256:/);
  });

  test("takes CSV of a header alone, in which nothing says what the columns of its SQL are", async () => {
    await using rides = await makeRides();
    const definition = await rides.definition(courseBatch);
    await rides.copy(ridesSql(0, 0), "in/a.csv", "(HEADER)");
    const alone = await rides.run([definition, "-i", "in/a.csv", "-o", "alone.parquet", "--json"]);
    assert.equal(alone.code, 0, alone.stderr);
    assert.deepEqual(JSON.parse(alone.stdout).rows, { read: 0, filtered: 0, rejected: 0, written: 0 });
    const columns = await rides.rows("DESCRIBE FROM {alone.parquet}");
    assert.equal(columns.find((each) => each["column_name"] === "actual_duration")?.["column_type"], "DOUBLE");
    await rides.copy(ridesSql(0, 100), "in/b.csv", "(HEADER)");
    const among = await rides.run([definition, "-i", "in/", "-o", "among.parquet", "--json"]);
    assert.equal(among.code, 0, among.stderr);
    assert.equal(JSON.parse(among.stdout).rows.written, 100);
  });

  test("publishes an empty result with its columns where the filter keeps nothing, in every format", async () => {
    await using rides = await makeRides();
    await rides.copy(ridesSql(0, 100), "a.parquet");
    await rides.copy(ridesSql(0, 0), "none.parquet");
    const definition = await rides.definition(courseBatch.replace("1 AND 60", "900 AND 901"));
    for (const input of ["a.parquet", "none.parquet"]) {
      for (const output of ["out.parquet", "out.csv", "out.ndjson"]) {
        const ran = await rides.run([definition, "-i", input, "-o", output]);
        assert.equal(ran.code, 0, ran.stderr);
      }
      assert.equal((await rides.rows("DESCRIBE FROM {out.parquet}")).length, 8);
      assert.match(await readFile(rides.at("out.csv"), "utf8"), /^ride_id,lpep_pickup_datetime,.*model_version\n$/);
      assert.equal(await readFile(rides.at("out.ndjson"), "utf8"), "");
    }
  });
});
