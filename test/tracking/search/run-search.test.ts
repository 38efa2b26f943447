// Searches among more runs than fit a simple plan: with our indexes and without them they find the same, in the same order.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { openSqlite } from "../../../src/io/sql/sqlite-database.ts";
import { searchRunIds } from "../../../src/tracking/search/run-search.ts";
import { createRun } from "../../../src/tracking/store/runs.ts";
import { openSchema } from "../../../src/tracking/store/schema/open-schema.ts";
import { runWasMade, searchIndexes } from "../../../src/tracking/store/schema/search-indexes.ts";
import { storePlace } from "../../../src/tracking/store-uri.ts";

const filters = [
  "",
  "metrics.rmse < 5",
  "metrics.rmse < 0.01",
  "metrics.rmse != 3",
  "metrics.odd > 0",
  "params.depth = '7'",
  "params.depth = 'none'",
  "params.rare = 'yes' AND metrics.rmse > 2",
  "params.rare IS NULL AND metrics.rmse > 9.9",
  "tags.mlflow.runName LIKE '%777%'",
  "tags.team ILIKE 'TEAM1%' AND params.depth != '3'",
  "attributes.status = 'FAILED' AND tags.team = 'team4' AND metrics.rmse <= 8",
  "start_time > 1000500 AND metrics.rmse < 1",
];
const orders = [
  [],
  ["metrics.rmse"],
  ["metrics.odd DESC"],
  ["params.depth DESC", "metrics.rmse"],
  ["tags.team", "start_time ASC"],
  ["metrics.absent"],
  ["end_time DESC"],
  ["start_time"],
];
const pages = [
  [50, 0],
  [50, 50],
  [40, 5900],
  [200, 11_900],
  [3, 100_000],
] as const;

test("every filter, order and page: the plans agree", { timeout: 600_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "trimaran-search-"));
  try {
    const file = join(folder, "store.db");
    await (await openSchema(storePlace(`sqlite:///${file}`))).database.close();
    fill(file, 12_000);
    assert.deepEqual(ownIndexes(file), []);
    // Made when a store with many runs is opened.
    await (await openSchema(storePlace(`sqlite:///${file}`))).database.close();
    assert.deepEqual(ownIndexes(file), Object.keys(searchIndexes).sort());
    const ask = async (): Promise<readonly string[]> => {
      await using database = await openSqlite(file, { readOnly: true });
      const found: string[] = [];
      for (const filter of filters) {
        for (const orderBy of orders) {
          for (const [limit, offset] of filter === "" || orderBy.length === 0 ? pages : pages.slice(0, 1)) {
            const search = { experimentIds: [0], stages: ["active"], filter, orderBy, limit, offset };
            const ids = await searchRunIds(database, search);
            assert.equal(new Set(ids).size, ids.length);
            found.push(`${filter} | ${orderBy} | ${offset}: ${ids.join(" ")}`);
          }
        }
      }
      return found;
    };
    const fast = await ask();
    const writer = new DatabaseSync(file);
    for (const name of Object.keys(searchIndexes)) writer.exec(`DROP INDEX ${name}`);
    writer.close();
    const plain = await ask();
    for (const [index, each] of fast.entries()) assert.equal(each, plain[index]);
    assert.ok(fast.filter((each) => !each.endsWith(": ")).length > fast.length / 2);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

/** The same tables, written in another way, as MLflow's migrations do. */
function copyTables(from: string, to: string): void {
  const source = new DatabaseSync(from, { readOnly: true });
  const target = new DatabaseSync(to);
  const rows = source
    .prepare("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'trimaran_%'")
    .all();
  for (const { sql } of rows) target.exec(String(sql).replace("CREATE TABLE runs (", "CREATE TABLE runs ( "));
  const { version_num } = source.prepare("SELECT version_num FROM alembic_version").get() ?? {};
  target.prepare("INSERT INTO alembic_version (version_num) VALUES (?)").run(String(version_num));
  source.close();
  target.close();
}

function ownIndexes(file: string): readonly string[] {
  const database = new DatabaseSync(file, { readOnly: true });
  const rows = database.prepare("SELECT name FROM sqlite_master WHERE name LIKE 'trimaran_%' ORDER BY name").all();
  database.close();
  return rows.map(({ name }) => String(name));
}

test("the indexes are made in a running server when runs are many, and never in MLflow's file", async () => {
  const folder = await mkdtemp(join(tmpdir(), "trimaran-search-"));
  try {
    for (const whose of ["ours", "theirs"]) {
      const file = join(folder, `${whose}.db`);
      if (whose === "ours") await (await openSchema(storePlace(`sqlite:///${file}`))).database.close();
      else copyTables(join(folder, "ours.db"), file);
      fill(file, 950);
      const { database } = await openSchema(storePlace(`sqlite:///${file}`));
      const store = { database, now: Date.now, artifactRoot: "mlflow-artifacts:/", allowedLocations: [] };
      for (let count = 0; count < 100; count++) {
        await createRun(store, { experimentId: "0", userId: "", name: "", startTime: count, tags: [] });
        await runWasMade(database);
      }
      await database.close();
      assert.deepEqual(ownIndexes(file), whose === "ours" ? Object.keys(searchIndexes).sort() : []);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

function fill(file: string, runs: number): void {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA synchronous = OFF; BEGIN");
  database.exec(
    "INSERT INTO experiments (experiment_id, name, lifecycle_stage) VALUES (0, 'a', 'active'), (1, 'b', 'active')",
  );
  const run = database.prepare(
    "INSERT INTO runs (run_uuid, name, status, start_time, end_time, lifecycle_stage, experiment_id) VALUES (?, ?, ?, ?, ?, ?, ?)",
  );
  const metric = database.prepare(
    "INSERT INTO latest_metrics (run_uuid, key, value, timestamp, step, is_nan) VALUES (?, ?, ?, 0, 0, ?)",
  );
  const param = database.prepare("INSERT INTO params (run_uuid, key, value) VALUES (?, ?, ?)");
  const tag = database.prepare("INSERT INTO tags (run_uuid, key, value) VALUES (?, ?, ?)");
  let seed = 11;
  const random = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  for (let index = 0; index < runs; index++) {
    const id = `${random(1e9)}-${index}`;
    // Few start times, so that most are equal.
    const start = index % 50 === 0 ? null : 1_000_000 + random(1000);
    const stage = index % 40 === 0 ? "deleted" : "active";
    run.run(
      id,
      `run-${index}`,
      index % 5 === 0 ? "FAILED" : "FINISHED",
      start,
      random(3) === 0 ? null : random(100),
      stage,
      index % 30 === 0 ? 1 : 0,
    );
    if (random(10) > 0) metric.run(id, "rmse", random(1000) / 100, 0);
    const kind = random(100);
    if (kind < 20) metric.run(id, "odd", kind < 5 ? 0 : random(4) - 2, kind < 5 ? 1 : 0);
    param.run(id, "depth", String(random(12)));
    if (random(100) === 0) param.run(id, "rare", "yes");
    tag.run(id, "mlflow.runName", `run-${index}`);
    if (random(4) > 0) tag.run(id, "team", `team${random(20)}`);
  }
  database.exec("COMMIT");
  database.close();
}
