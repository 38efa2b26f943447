// The course's job over the real month of the TLC, and real models alone over what Python answered for their rows.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { type GoldenRow, readLines, sharedPath, withoutShared } from "../../golden/shared-data.ts";
import { makeRides, root } from "./rides.ts";

describe("the course's batch job", { skip: withoutShared }, () => {
  test("over the real month: every ride of 1 to 60 minutes, answered as Python answered it, with an id of its own", async () => {
    await using rides = await makeRides();
    const month = sharedPath("rides/green_tripdata_2022-02.parquet");
    const target = join(root, "examples/ride-duration");
    const output = "scored/taxi_type=green/year={year}/month={month}/";
    const input = month.replace("2022-02", "{year}-{month}");
    const ran = await rides.run([target, "-i", input, "-o", output, "--period", "2022-02", "--json"]);
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(JSON.parse(ran.stdout).rows, { read: 69_399, filtered: 3302, rejected: 0, written: 66_097 });
    const scored = "{scored/taxi_type=green/year=2022/month=02/predictions.parquet}";
    const columns = await rides.rows(`DESCRIBE SELECT * FROM read_parquet(${scored}, hive_partitioning = false)`);
    assert.deepEqual(
      columns.map((each) => each["column_name"]),
      "ride_id lpep_pickup_datetime PULocationID DOLocationID actual_duration predicted_duration diff model_version".split(
        " ",
      ),
    );
    const [sums] = await rides.rows(
      `SELECT count(DISTINCT ride_id)::INT ids, min(ride_id) lowest, bool_and(diff = actual_duration - predicted_duration) AS sound
       FROM ${scored}`,
    );
    assert.deepEqual(sums, { ids: 66_097, lowest: "green_tripdata_2022-02/0", sound: true });
    const parity = join(root, "examples/ride-duration/parity.ndjson");
    const [compared] = await rides.rows(
      `SELECT count(*)::INT AS n, count(*) FILTER (predicted_duration = p.output.duration)::INT AS same
       FROM (SELECT s.*, r.trip_distance FROM ${scored} s JOIN (SELECT *, 'green_tripdata_2022-02/' || file_row_number AS id
               FROM read_parquet('${month}', file_row_number = true)) r ON s.ride_id = r.id) s
       JOIN read_json('${parity}') p ON s.PULocationID = p.input.PULocationID AND s.DOLocationID = p.input.DOLocationID
         AND s.trip_distance = p.input.trip_distance`,
    );
    assert.ok(Number(compared?.["n"]) >= 150, String(compared?.["n"]));
    assert.equal(compared?.["same"], compared?.["n"]);
  });
});

/** A table's rows have the same columns, each of one type. */
function isTabular({ error, input }: GoldenRow, first: GoldenRow): boolean {
  const shape = (row: GoldenRow): string =>
    Object.entries(row.input as Readonly<Record<string, unknown>>)
      .map(([name, cell]) => `${name} ${typeof cell}`)
      .join();
  return error === undefined && shape({ input }) === shape(first);
}

const alone = [
  { model: "churn_lr-sk1.5.1.pkl", golden: "churn_lr-sk1.5.1", methods: ["predict", "predict_proba"] },
  { model: "churn_rf-sk1.5.1.pkl", golden: "churn_rf-sk1.5.1", methods: ["predict", "predict_proba"] },
  { model: "forest-sk1.5.1.joblib", golden: "forest-sk1.5.1", methods: ["predict"] },
] as const;

describe("a model alone", { skip: withoutShared }, () => {
  for (const { model, golden, methods } of alone) {
    test(`${model} answers a file of rows as Python did`, async () => {
      await using rides = await makeRides();
      const lines = readLines(sharedPath(`models/goldens/${golden}.ndjson`)).filter((row, _, all) =>
        isTabular(row, all.at(-1)!),
      );
      assert.ok(lines.length > 10);
      const json = rides.at("rows.ndjson");
      await writeFile(json, lines.map(({ input }) => `${JSON.stringify(input)}\n`).join(""));
      await rides.copy(`FROM read_json('${json}', format = 'newline_delimited')`, "rows.parquet");
      const args = ["-i", "rows.parquet", "-o", "out.parquet", "--method", methods.join(",")];
      const ran = await rides.run([sharedPath(`models/${model}`), ...args]);
      assert.equal(ran.code, 0, ran.stderr);
      const answered = await rides.rows(`SELECT ${methods.join(", ")} FROM {out.parquet}`);
      assert.equal(answered.length, lines.length);
      for (const [at, row] of answered.entries()) {
        const wanted = lines[at] as unknown as Readonly<Record<string, unknown>>;
        for (const method of methods) {
          const [seen, right] = [[row[method]].flat(), [wanted[method]].flat()];
          assert.equal(seen.length, right.length);
          for (const [cell, value] of seen.entries()) {
            const expected = right[cell];
            if (typeof expected === "number" && !Number.isInteger(expected)) {
              assert.ok(
                Math.abs(Number(value) - expected) <= 1e-12 * Math.max(1, Math.abs(expected)),
                `${at}: ${value} ≠ ${expected}`,
              );
            } else assert.equal(String(value), String(expected));
          }
        }
      }
    });
  }
});
