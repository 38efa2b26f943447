// What the models are fitted to: two months of real rides, and made-up numbers.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { FeatureRow } from "../../src/data/batch.ts";
import { randomFrom } from "../kernels/synthetic-forest.ts";

export interface Rows {
  readonly rows: readonly FeatureRow[];
  readonly targets: readonly number[];
}

export interface TrainAndValid {
  readonly train: Rows;
  readonly valid: Rows;
}

const shared = process.env["TRIMARAN_SHARED"] ?? fileURLToPath(new URL("../../../shared", import.meta.url));

/** The worked example's features and filter; null where the files are not. */
export async function realRides(): Promise<TrainAndValid | null> {
  const [january, february] = ["01", "02"].map((month) => `${shared}/data/rides/green_tripdata_2022-${month}.parquet`);
  if (january === undefined || february === undefined || !existsSync(january) || !existsSync(february)) return null;
  return { train: await readRides(january), valid: await readRides(february) };
}

async function readRides(file: string): Promise<Rows> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const connection = await (await DuckDBInstance.create()).connect();
  const duration = "date_diff('microsecond', lpep_pickup_datetime, lpep_dropoff_datetime) / 6e7";
  const reader = await connection.runAndReadAll(
    `SELECT PULocationID, DOLocationID, trip_distance, ${duration} AS duration FROM '${file}' WHERE duration BETWEEN 1 AND 60`,
  );
  const rows = reader.getRowsJS();
  connection.closeSync();
  return {
    rows: rows.map(([from, to, distance]) => ({ PU_DO: `${from}_${to}`, trip_distance: Number(distance) })),
    targets: rows.map((row) => Number(row[3])),
  };
}

/** Numbers without equals, all of which say something of the target. */
export function madeNumbers(count: number, width: number): TrainAndValid {
  const random = randomFrom(count + width);
  const made = (size: number): Rows => {
    const rows = Array.from({ length: size }, () => {
      const cells: Record<string, number> = {};
      for (let at = 0; at < width; at++) cells[`x${String(at).padStart(2, "0")}`] = random() * 4 - 2;
      return cells;
    });
    const targets = rows.map((cells) => {
      let sum = random();
      for (const [at, value] of Object.values(cells).entries())
        sum += at % 3 === 0 ? value * value : (value * at) / width;
      return sum + 3 * Math.sin(2 * Number(cells["x01"]) * Number(cells["x02"]));
    });
    return { rows, targets };
  };
  return { train: made(count), valid: made(count >> 1) };
}

/** Without every tenth row, each seed without other ones. */
export function withoutTenth({ rows, targets }: Rows, seed: number): Rows {
  const isKept = (_: unknown, at: number): boolean => at % 10 !== seed % 10;
  return { rows: rows.filter(isKept), targets: targets.filter(isKept) };
}

/** The target's third that a row lies in. */
export function asClasses({ rows, targets }: Rows, bounds: readonly [number, number]): Rows {
  return { rows, targets: targets.map((target) => (target < bounds[0] ? 0 : target < bounds[1] ? 1 : 2)) };
}
