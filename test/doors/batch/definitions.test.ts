// Definitions of every shape in batch: several models, a lookup, optional fields, outputs of every type.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { makeRides, type Rides, ridesSql } from "./rides.ts";

const input = "input: { PULocationID: integer(), DOLocationID: integer(), trip_distance: number() },";

async function code(rides: Rides, body: string): Promise<string> {
  // Its model lies beside it.
  await rides.definition("");
  const file = rides.at("coded.ts");
  const imports = "boolean, category, date, defineDeployment, integer, list, number, string, timestamp";
  await writeFile(
    file,
    `import { ${imports} } from "trimaran";\nexport default defineDeployment({ name: "coded", ${body} });\n`,
  );
  return file;
}

async function score(rides: Rides, definition: string, inputs: string): Promise<void> {
  const ran = await rides.run([definition, "-i", inputs, "-o", "out.parquet"]);
  assert.equal(ran.code, 0, ran.stderr);
}

describe("a definition in batch", () => {
  test("has several models, and outputs of every type", async () => {
    await using rides = await makeRides();
    for (const part of [0, 1, 2]) await rides.copy(ridesSql(part * 100, part * 100 + 100), `in/${part}.parquet`);
    const definition = await code(
      rides,
      `model: { a: "./lin_reg.bin", b: "./lin_reg.bin" }, ${input}
      features: (ride) => ({ PU_DO: \`\${ride.PULocationID}_\${ride.DOLocationID}\`, trip_distance: ride.trip_distance }),
      output: { low: number(), high: number(), label: string(), flag: boolean(), at: timestamp(), parts: list(number()), big: integer() },
      postprocess: (raw, ride) => ({ low: raw.a.predict - 1, high: raw.b.predict + 1, label: \`it's "\${ride.PULocationID}"\`,
        flag: ride.PULocationID > 50, at: "2020-01-01T00:00:00+02:00", parts: [raw.a.predict, 0.5], big: 9007199254740991 }),`,
    );
    await score(rides, definition, "in/*.parquet");
    const types = await rides.rows("DESCRIBE FROM {out.parquet}");
    assert.deepEqual(
      types.map((each) => each["column_type"]),
      [
        "VARCHAR",
        "DOUBLE",
        "DOUBLE",
        "VARCHAR",
        "BOOLEAN",
        "TIMESTAMP WITH TIME ZONE",
        "DOUBLE[]",
        "BIGINT",
        "VARCHAR",
      ],
    );
    const [sums] = await rides.rows(
      `SELECT count(*)::INT n, bool_and(abs(high - low - 2) < 1e-9 AND parts[2] = 0.5 AND abs(parts[1] - low - 1) < 1e-9
         AND big = 9007199254740991 AND "at" = TIMESTAMPTZ '2019-12-31 22:00:00+00') AS sound,
         count(*) FILTER (flag)::INT flags, min(label) lowest FROM {out.parquet}`,
    );
    const [flags] = await rides.rows(`SELECT count(*) FILTER ("PULocationID" > 50)::INT n FROM (${ridesSql(0, 300)})`);
    assert.deepEqual(sums, { n: 300, sound: true, flags: flags?.["n"], lowest: `it's "1"` });
  });

  test("looks up what its rows need, once a block", async () => {
    await using rides = await makeRides();
    await rides.copy(ridesSql(0, 300), "a.parquet");
    const definition = await code(
      rides,
      `model: "./lin_reg.bin", ${input}
      lookup: async (rows) => rows.map((row) => ({ zone: row.PULocationID, together: rows.length })),
      features: (ride, extra) => ({ PU_DO: \`\${extra.zone}_\${ride.DOLocationID}\`, trip_distance: extra.together }),
      output: { duration: number() },`,
    );
    await score(rides, definition, "a.parquet");
    const [sums] = await rides.rows(
      "SELECT count(*)::INT n, (max(duration) - min(duration)) < 60 AS sound FROM {out.parquet}",
    );
    assert.deepEqual(sums, { n: 300, sound: true });
  });

  test("reads fields that may be missing, null or have a default as a request would", async () => {
    await using rides = await makeRides();
    const odd = `SELECT * REPLACE (CASE WHEN vendor % 3 = 0 THEN NULL ELSE "DOLocationID" END AS "DOLocationID",
        CASE WHEN vendor % 5 = 0 THEN NULL ELSE trip_distance END AS trip_distance),
      CASE WHEN vendor % 2 = 0 THEN 'n' || vendor END AS note, CASE WHEN vendor % 7 = 1 THEN 'a' WHEN vendor % 7 = 2 THEN 'z' END AS kind,
      lpep_pickup_datetime::DATE AS day FROM (${ridesSql(0, 70)})`;
    await rides.copy(odd, "a.parquet");
    const definition = await code(
      rides,
      `model: "./lin_reg.bin",
      input: { vendor: integer(), PULocationID: integer(), DOLocationID: integer().default(7), trip_distance: number().nullable(),
        note: string().optional(), kind: category(["a", "b"]).optional(), day: date().optional(), absent: string().optional() },
      features: (ride) => ({ PU_DO: \`\${ride.PULocationID}_\${ride.DOLocationID}\`, trip_distance: ride.trip_distance ?? 0 }),
      output: { vendor: integer(), drop: integer(), seen: string() },
      postprocess: (raw, ride) => ({ vendor: ride.vendor, drop: ride.DOLocationID,
        seen: [ride.trip_distance === null, "note" in ride ? ride.note : "-", ride.kind ?? "-", ride.day, "absent" in ride].join() }),`,
    );
    await score(rides, definition, "a.parquet");
    const rows = await rides.rows("SELECT vendor::INT v, drop::INT d, seen FROM {out.parquet} ORDER BY v");
    const wanted = Array.from({ length: 70 }, (_, v) => {
      const seen = [v % 5 === 0, v % 2 === 0 ? `n${v}` : "-", v % 7 === 1 ? "a" : "-", "2021-03-01", false].join();
      return { v, d: v % 3 === 0 ? 7 : 1 + ((v * 7) % 260), seen };
    }).filter(({ v }) => v % 7 !== 2);
    assert.deepEqual(rows, wanted);
  });

  test("gives a field that the file lacks its default", async () => {
    await using rides = await makeRides();
    await rides.copy(ridesSql(0, 5000), "a.parquet");
    const yaml = async (inputs: string, pair: string): Promise<unknown> => {
      await rides.definition("");
      const definition = rides.at("deployment.yaml");
      const head = `name: lacking\nmodel: ./lin_reg.bin\ninput: { ${inputs} }\n`;
      const features = `features: { PU_DO: "${pair}", trip_distance: trip_distance }\n`;
      await writeFile(definition, `${head}${features}output: { duration: number }\n`);
      await score(rides, definition, "a.parquet");
      return rides.rows("SELECT * FROM {out.parquet}");
    };
    const constant = await yaml("PULocationID: integer, trip_distance: number", "{PULocationID}_75");
    const lacking = "gone: { type: integer, default: 75 }";
    assert.deepEqual(
      await yaml(`PULocationID: integer, trip_distance: number, ${lacking}`, "{PULocationID}_{gone}"),
      constant,
    );
    const nullable = "gone: { type: integer, nullable: true, default: 75 }";
    assert.deepEqual(
      await yaml(`PULocationID: integer, trip_distance: number, ${nullable}`, "{PULocationID}_{gone}"),
      constant,
    );
  });

  test("whose fields the file lacks altogether answers with their defaults", async () => {
    await using rides = await makeRides();
    await rides.copy("SELECT range AS i FROM range(3)", "a.parquet");
    const definition = await code(
      rides,
      `model: "./lin_reg.bin", input: { zone: integer().default(75), trip_distance: number().default(2) },
      features: (ride) => ({ PU_DO: \`\${ride.zone}_74\`, trip_distance: ride.trip_distance }),
      output: { zone: integer() }, postprocess: (raw, ride) => ({ zone: ride.zone }),`,
    );
    await score(rides, definition, "a.parquet");
    assert.deepEqual(await rides.rows("SELECT zone::INT z FROM {out.parquet}"), [{ z: 75 }, { z: 75 }, { z: 75 }]);
  });

  test("in YAML answers from column to column as code does row by row", async () => {
    await using rides = await makeRides();
    // Rows that fail, rows that only need a closer look, and nulls stand among 9,000 sound ones.
    const odd = `SELECT * REPLACE (CASE WHEN vendor % 997 = 5 THEN 300 ELSE "DOLocationID" END AS "DOLocationID",
        CASE WHEN vendor % 11 = 3 THEN NULL ELSE trip_distance END AS trip_distance),
      vendor % 4 = 1 AS shared, CASE WHEN vendor % 5 > 0 THEN "DOLocationID"::VARCHAR END AS drop FROM (${ridesSql(0, 9000)})`;
    await rides.copy(odd, "a.parquet");
    for (const [template, distance] of [
      ["{PULocationID}_{DOLocationID}", "trip_distance"],
      ["{PULocationID}_{drop}", "shared"],
    ] as const) {
      const coded = await code(
        rides,
        `model: "./lin_reg.bin",
        input: { PULocationID: integer({ min: 1, max: 265 }), DOLocationID: integer({ min: 1, max: 265 }).default(7),
          trip_distance: number().default(2.5), shared: boolean(), drop: string().nullable() },
        features: (ride) => ({ PU_DO: \`${template.replaceAll("{", "${ride.")}\`, trip_distance: ride.${distance} }),
        output: { duration: number() }, batch: { write: { id: "id", duration: "output" } },`,
      );
      await score(rides, coded, "a.parquet");
      const rows = await rides.rows("SELECT * FROM {out.parquet}");
      assert.equal(rows.length, 9000 - 10);
      const definition = rides.at("deployment.yaml");
      await writeFile(
        definition,
        `name: coded
model: ./lin_reg.bin
input:
  PULocationID: { type: integer, min: 1, max: 265 }
  DOLocationID: { type: integer, min: 1, max: 265, default: 7 }
  trip_distance: { type: number, default: 2.5 }
  shared: boolean
  drop: { type: string, nullable: true }
features: { PU_DO: "${template}", trip_distance: ${distance} }
output: { duration: number }
batch:
  write: { id: id, duration: output }
`,
      );
      await score(rides, definition, "a.parquet");
      assert.deepEqual(await rides.rows("SELECT * FROM {out.parquet}"), rows);
    }
  });
});
