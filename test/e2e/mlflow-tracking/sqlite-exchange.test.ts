// An SQLite file passes between us and the real MLflow: the current release, and 3.6, whose tables we use as they are.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { promisify } from "node:util";
import { openTracking } from "../../../src/tracking/open-tracking.ts";
import { createRun, history, post } from "../../tracking/tracking-process.ts";
import { mlflow36, mlflow318, mlflowPeer } from "./environments.ts";
import { exchange, withOurs } from "./exchange.ts";
import { mlflowEnvironment, startMlflow } from "./mlflow-process.ts";
import { noFeatureFails } from "./no-feature-fails.ts";

const run = promisify(execFile);
const current = await mlflowPeer(mlflow318);
const older = await mlflowPeer(mlflow36);
const timeout = 900_000;

interface Place extends AsyncDisposable {
  readonly folder: string;
  readonly file: string;
  readonly ours: string;
  readonly theirs: string;
}

async function openPlace(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), "trimaran-exchange-"));
  const file = join(folder, "store.db");
  const uri = `sqlite:///${file}`;
  return {
    folder,
    file,
    ours: uri,
    theirs: uri,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

const makeStore =
  "import sys; from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore as S; S(sys.argv[1], 'x:/')";

test("the tables of a new file are those of MLflow 3.18", { skip: current.skip, timeout }, async () => {
  await using place = await openPlace();
  const theirs = join(place.folder, "theirs.db");
  await run(current.python, ["-c", makeStore, `sqlite:///${theirs}`], { env: mlflowEnvironment(place.folder) });
  await withOurs({ ...place, python: "" }, async () => {});
  assert.deepEqual(schemaOf(place.file), schemaOf(theirs));
});

test("our file goes to MLflow 3.18's server, and back to us, with nothing lost", {
  skip: current.skip,
  timeout,
}, async () => {
  await using place = await openPlace();
  await exchange({ ...place, python: current.python }, ["ours", "theirs", "ours"]);
});

test("`mlflow ui` shows our file while we have it open", { skip: current.skip, timeout }, async () => {
  await using place = await openPlace();
  await withOurs({ ...place, python: "" }, async (url) => {
    const headers = { "content-type": "application/json" };
    const create = { method: "POST", headers, body: JSON.stringify({ name: "seen by the page" }) };
    assert.equal((await fetch(`${url}/api/2.0/mlflow/experiments/create`, create)).status, 200);
    await using page = await startMlflow(current.python, { folder: place.folder, store: place.theirs, command: "ui" });
    assert.match(await (await fetch(page.url)).text(), /<title>MLflow<\/title>/);
    const search = { method: "POST", headers, body: JSON.stringify({ max_results: 10 }) };
    const answer = await fetch(`${page.url}/ajax-api/2.0/mlflow/experiments/search`, search);
    const { experiments } = (await answer.json()) as { experiments: { name: string }[] };
    assert.deepEqual(experiments.map(({ name }) => name).sort(), ["Default", "seen by the page"]);
  });
});

test("we and MLflow 3.18 write to one run of one file at the same time, and every metric is there", {
  skip: current.skip,
  timeout,
}, async () => {
  await using place = await openPlace();
  await withOurs({ ...place, python: "" }, async (url) => {
    await using theirs = await startMlflow(current.python, { folder: place.folder, store: place.theirs });
    const run_id = await createRun(url);
    const client = async (number: number): Promise<void> => {
      for (let step = 0; step < 15; step++) {
        const metrics = ["a", "b"].map((key) => ({ key, value: number, timestamp: step, step: step * 8 + number }));
        await post(number % 2 === 0 ? url : theirs.url, "runs/log-batch", { run_id, metrics });
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, number) => client(number)));
    for (const [server, key] of [
      [url, "a"],
      [theirs.url, "b"],
    ] as const) {
      const steps = (await history(server, run_id, key)).map(({ step }) => step).sort((a, b) => a - b);
      assert.deepEqual(
        steps,
        Array.from({ length: 120 }, (_, step) => step),
      );
    }
  });
});

test("a file of MLflow 3.6 is used as it is, and 3.6 goes on with it", { skip: older.skip, timeout }, async () => {
  await using place = await openPlace();
  const shared = { ...place, python: older.python };
  await exchange(shared, ["theirs", "ours", "theirs"]);
  assert.equal(Object.keys(schemaOf(place.file)).filter((name) => name.startsWith("table ")).length, 34);
  const before = schemaOf(place.file);
  await noFeatureFails(place.ours);
  assert.deepEqual(schemaOf(place.file), before);
});

test("a file of MLflow 3.6 that 3.18 has upgraded is used as any of 3.18", {
  skip: older.skip || current.skip,
  timeout,
}, async () => {
  await using place = await openPlace();
  await run(older.python, ["-c", makeStore, place.theirs], { env: mlflowEnvironment(place.folder) });
  await run(current.python, ["-m", "mlflow", "db", "upgrade", place.theirs], { env: mlflowEnvironment(place.folder) });
  await exchange({ ...place, python: current.python }, ["ours", "theirs"]);
});

test("a file of any release from 3.6 to 3.18 is used as it is", { skip: current.skip, timeout }, async () => {
  await using place = await openPlace();
  const steps = `
import shutil, sys, sqlalchemy, alembic.command, alembic.script
from mlflow.store.db.utils import _get_alembic_config
from mlflow.store.tracking.dbmodels.initial_models import Base
file = sys.argv[1]
engine = sqlalchemy.create_engine(f"sqlite:///{file}", poolclass=sqlalchemy.pool.NullPool)
Base.metadata.create_all(engine)
config = _get_alembic_config(f"sqlite:///{file}")
scripts = [s.revision for s in alembic.script.ScriptDirectory.from_config(config).walk_revisions()][::-1]
for revision in scripts[scripts.index("bf29a5ff90ea"):]:
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        alembic.command.upgrade(config, revision)
    shutil.copy(file, f"{file}.{revision}")`;
  await run(current.python, ["-c", steps, place.file], { env: mlflowEnvironment(place.folder) });
  const files = (await readdir(place.folder)).filter((name) => /^store\.db\.\w{12,}$/.test(name));
  assert.equal(files.length, 31);
  for (const name of files) {
    const file = join(place.folder, name);
    const before = schemaOf(file);
    await withOurs({ ...place, ours: `sqlite:///${file}`, python: "" }, writesOfAllKinds);
    await noFeatureFails(`sqlite:///${file}`);
    assert.deepEqual(schemaOf(file), before, name);
  }
});

/** What every release from 3.6 on keeps. */
async function writesOfAllKinds(url: string): Promise<void> {
  const { experiment_id } = await post(url, "experiments/create", { name: "e", tags: [{ key: "k", value: "v" }] });
  const run_id = await createRun(url, String(experiment_id));
  const point = { key: "m", value: 1.5, timestamp: 1, step: 3 };
  await post(url, "runs/log-batch", { run_id, metrics: [point], params: [{ key: "p", value: "v" }] });
  const dataset = { name: "d", digest: "x", source_type: "local", source: "s" };
  await post(url, "runs/log-inputs", { run_id, datasets: [{ dataset, tags: [{ key: "a", value: "b" }] }] });
  await post(url, "logged-models", { experiment_id, name: "l", source_run_id: run_id });
  await post(url, "registered-models/create", { name: "r", tags: [{ key: "k", value: "v" }] });
  await post(url, "model-versions/create", { name: "r", source: `runs:/${run_id}/model`, run_id });
  await post(url, "registered-models/alias", { name: "r", alias: "a", version: "1" });
  await post(url, "registered-models/rename", { name: "r", new_name: "renamed" });
  const filter = "metrics.m > 1 and params.p = 'v' and dataset.name = 'd'";
  const { runs } = await post(url, "runs/search", { experiment_ids: [experiment_id], filter });
  assert.equal((runs as unknown[]).length, 1);
}

test("a file that is older than 3.6 is refused with the command that upgrades it, and works after it", {
  skip: current.skip,
  timeout,
}, async () => {
  await using place = await openPlace();
  const env = mlflowEnvironment(place.folder);
  const downgrade = `
import sys, sqlalchemy, alembic.command
from mlflow.store.db.utils import _get_alembic_config
from mlflow.store.tracking.dbmodels.initial_models import Base
engine = sqlalchemy.create_engine(sys.argv[1])
Base.metadata.create_all(engine)
config = _get_alembic_config(sys.argv[1])
with engine.begin() as connection:
    config.attributes["connection"] = connection
    alembic.command.upgrade(config, "acf3f17fdcc7")`;
  await run(current.python, ["-c", downgrade, place.theirs], { env });
  const options = { backendStoreUri: place.ours, artifactsDestination: join(place.folder, "artifacts") };
  const before = schemaOf(place.file);
  await assert.rejects(openTracking(options), (error: Error & { code?: string; fix?: string }) => {
    assert.equal(error.code, "STORE_OLD");
    assert.match(error.fix ?? "", new RegExp(`mlflow db upgrade ${place.theirs}`));
    return true;
  });
  assert.deepEqual(schemaOf(place.file), before);
  await run(current.python, ["-m", "mlflow", "db", "upgrade", place.theirs], { env });
  await using opened = await openTracking(options);
  assert.equal(opened.notice, null);
});

/** Everything that sqlite_master says, without blanks; MLflow itself writes constraints in another order each time. */
function schemaOf(file: string): Readonly<Record<string, string>> {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const rows = database.prepare("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").all();
    const text = (sql: unknown): string =>
      String(sql).replace(/\s+/g, "").replaceAll('"', "").replace(/\)$/, "").split(",").sort().join();
    const versions = database.prepare("SELECT version_num FROM alembic_version").all();
    return {
      ...Object.fromEntries(rows.map(({ type, name, sql }) => [`${String(type)} ${String(name)}`, text(sql)])),
      "": JSON.stringify(versions),
    };
  } finally {
    database.close();
  }
}
