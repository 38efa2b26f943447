// Rides for the benches of batch jobs: the real months, and as many rows as are asked for made of them with seeded changes.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { courseBatch, ridesFields } from "../../test/doors/batch/rides.ts";
import { sharedPath } from "../../test/golden/shared-data.ts";

/** To train on, and to score. */
export const trainingMonth: string = sharedPath("rides/green_tripdata_2022-01.parquet");
export const scoredMonth: string = sharedPath("rides/green_tripdata_2022-02.parquet");

/** The course's batch job, without a model. */
export const ridesDefinition: string = `${ridesFields}batch:\n${courseBatch.replace(/^/gm, "  ")}\n`;

/** The month over and over; distances and times differ a little in each turn. @returns the path of the file */
export async function manyRides(folder: string, rows: number): Promise<string> {
  const path = join(folder, "rides.parquet");
  if (existsSync(path)) return path;
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const turns = Math.ceil(rows / 69_399);
  await connection.run(
    `COPY (SELECT r.* REPLACE (
         trip_distance + (turn * 7919 % 100) / 1000.0 AS trip_distance,
         lpep_dropoff_datetime + INTERVAL (turn * 104729 % 60) SECOND AS lpep_dropoff_datetime)
       FROM range(${turns}) t(turn), read_parquet('${scoredMonth}') r LIMIT ${rows})
     TO '${path}' (FORMAT parquet)`,
  );
  connection.closeSync();
  instance.closeSync();
  return path;
}
