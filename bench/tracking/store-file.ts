// A store in MLflow's own schema, filled without any server: runs to search among, and one with a long history.
import { DatabaseSync } from "node:sqlite";
import { openTracking } from "../../src/tracking/open-tracking.ts";
import { searchIndexes } from "../../src/tracking/store/schema/search-indexes.ts";

import { longRun } from "./long-run.ts";

export interface StoreSize {
  readonly runs: number;
  /** Of the metric `loss` of `longRun`. */
  readonly points: number;
}

/** `isTheirs`: without the indexes that only our server makes. */
export async function makeStore(file: string, size: StoreSize, isTheirs: boolean): Promise<void> {
  const made = await openTracking({ backendStoreUri: `sqlite:///${file}`, artifactsDestination: `${file}.artifacts` });
  await made.close();
  const database = new DatabaseSync(file);
  database.exec("PRAGMA synchronous = OFF");
  if (isTheirs) for (const name of Object.keys(searchIndexes)) database.exec(`DROP INDEX IF EXISTS ${name}`);
  database.exec("BEGIN");
  const run = database.prepare(
    `INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, source_version, lifecycle_stage, artifact_uri, experiment_id)
     VALUES (?, ?, 'UNKNOWN', '', '', 'u', ?, ?, '', 'active', ?, 0)`,
  );
  const insert = (table: string): ReturnType<typeof database.prepare> =>
    database.prepare(`INSERT INTO ${table} (run_uuid, key, value, timestamp, step, is_nan) VALUES (?, ?, ?, ?, ?, 0)`);
  const [latest, metric] = [insert("latest_metrics"), insert("metrics")];
  const param = database.prepare("INSERT INTO params (run_uuid, key, value) VALUES (?, ?, ?)");
  const tag = database.prepare("INSERT INTO tags (run_uuid, key, value) VALUES (?, ?, ?)");
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  const addRun = (id: string, index: number, start: number): void => {
    run.run(id, `run-${index}`, index % 7 === 0 ? "FAILED" : "FINISHED", start, `mlflow-artifacts:/0/${id}/artifacts`);
    tag.run(id, "mlflow.runName", `run-${index}`);
  };
  for (let index = 0; index < size.runs; index++) {
    const id =
      random(2 ** 31)
        .toString(16)
        .padStart(8, "0") + index.toString(16).padStart(24, "0");
    addRun(id, index, 1_700_000_000_000 + random(1e9));
    for (const key of ["rmse", "mae", "r2"]) {
      const value = random(1_000_000) / 100_000;
      latest.run(id, key, value, 1_700_000_000_000, 0);
      metric.run(id, key, value, 1_700_000_000_000, 0);
    }
    for (const key of ["depth", "rate", "model"]) param.run(id, key, String(random(100)));
    for (const key of ["mlflow.user", "mlflow.source.name", "team"]) tag.run(id, key, `${key}${random(50)}`);
  }
  addRun(longRun, size.runs, 1);
  for (let index = 0; index < size.points; index++) metric.run(longRun, "loss", 1 / (index + 1), 1e12 + index, index);
  if (size.points > 0) latest.run(longRun, "loss", 1 / size.points, 1e12 + size.points - 1, size.points - 1);
  database.exec("COMMIT");
  database.close();
}
