// A PostgreSQL database that we and the real MLflow share: the same tables, in turn and at the same time, and its own clients.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { findPostgres, type PostgresServer, postgresSkip, startPostgres } from "../../../scripts/postgres-server.ts";
import { openTracking } from "../../../src/tracking/open-tracking.ts";
import { passesOverPostgres } from "../../tracking/over-postgres.ts";
import { createRun, history, post } from "../../tracking/tracking-process.ts";
import { mlflow36, mlflow318, mlflowPeer } from "../mlflow-tracking/environments.ts";
import { exchange, withOurs } from "../mlflow-tracking/exchange.ts";
import { mlflowEnvironment, startMlflow } from "../mlflow-tracking/mlflow-process.ts";
import { noFeatureFails } from "../mlflow-tracking/no-feature-fails.ts";

const run = promisify(execFile);
const current = await mlflowPeer(mlflow318);
const older = await mlflowPeer(mlflow36);
/** Of all of them, on a machine that others use, too. */
const timeout = 1_800_000;

const makeStore =
  "import sys; from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore as S; S(sys.argv[1], 'x:/')";

describe("one PostgreSQL database for us and for MLflow", { skip: postgresSkip() || current.skip, timeout }, () => {
  const held: { server: PostgresServer | null; folder: string } = { server: null, folder: "" };
  const server = (): PostgresServer => {
    if (held.server === null) throw new Error("no server");
    return held.server;
  };
  before(async () => {
    held.server = await startPostgres();
    held.folder = await mkdtemp(join(tmpdir(), "trimaran-exchange-"));
  });
  after(async () => {
    await held.server?.[Symbol.asyncDispose]();
    await rm(held.folder, { recursive: true, force: true });
  });

  /** Ours and MLflow's URL: SQLAlchemy 2.1 would take another driver for the plain one. */
  const place = async (name: string): Promise<{ folder: string; ours: string; theirs: string }> => {
    const ours = await server().createDatabase(name);
    return { folder: held.folder, ours, theirs: ours.replace("postgresql:", "postgresql+psycopg2:") };
  };
  const dump = async (url: string): Promise<string> => {
    const program = join(findPostgres() ?? "", "pg_dump");
    const { stdout } = await run(program, ["--schema-only", "--no-owner", url], { maxBuffer: 1 << 26 });
    return stdout.replace(/^\\(un)?restrict .*$/gm, "");
  };
  const rows = (database: string, table: string): Promise<readonly Record<string, unknown>[]> =>
    server().execute(database, `SELECT * FROM ${table}`);

  test("our tables are those of MLflow 3.18, to the letter", async () => {
    const [ours, theirs] = [await place("ours"), await place("theirs")];
    await run(current.python, ["-c", makeStore, theirs.theirs], { env: mlflowEnvironment(held.folder) });
    await withOurs({ ...ours, python: "" }, async () => {});
    assert.equal(await dump(ours.ours), await dump(ours.ours.replace(/ours$/, "theirs")));
    for (const table of ["alembic_version", "workspaces"])
      assert.deepEqual(await rows("ours", table), await rows("theirs", table));
  });

  test("our database goes to MLflow 3.18's server, and back to us, with nothing lost", async () => {
    await exchange({ ...(await place("there")), python: current.python }, ["ours", "theirs", "ours"]);
  });

  test("a database that MLflow 3.18 made is used", async () => {
    await exchange({ ...(await place("back")), python: current.python }, ["theirs", "ours"]);
  });

  test("a database of MLflow 3.6 is used as it is", { skip: older.skip }, async () => {
    const shared = { ...(await place("older")), python: older.python };
    await exchange(shared, ["theirs", "ours", "theirs"]);
    const tables = await dump(shared.ours);
    await noFeatureFails(shared.ours);
    assert.equal(await dump(shared.ours), tables);
  });

  test("we and MLflow write to one run at the same time, and every metric is there", async () => {
    const shared = await place("together");
    await withOurs({ ...shared, python: "" }, async (url) => {
      await using theirs = await startMlflow(current.python, { folder: held.folder, store: shared.theirs });
      const run_id = await createRun(url);
      const client = async (number: number): Promise<void> => {
        for (let step = 0; step < 15; step++) {
          const metrics = ["a", "b"].map((key) => ({ key, value: number, timestamp: step, step: step * 8 + number }));
          await post(number % 2 === 0 ? url : theirs.url, "runs/log-batch", { run_id, metrics });
        }
      };
      await Promise.all(Array.from({ length: 8 }, (_, number) => client(number)));
      for (const key of ["a", "b"]) {
        const steps = (await history(theirs.url, run_id, key)).map(({ step }) => step).sort((a, b) => a - b);
        assert.deepEqual(
          steps,
          Array.from({ length: 120 }, (_, step) => step),
        );
      }
      const versions = async (to: string): Promise<string> => {
        const body = { name: "both", run_id, source: `mlflow-artifacts:/0/${run_id}/artifacts/m` };
        const answer = await post(to, "model-versions/create", body);
        return String((answer["model_version"] as { version: string }).version);
      };
      await post(theirs.url, "registered-models/create", { name: "both" });
      assert.deepEqual([await versions(url), await versions(theirs.url), await versions(url)], ["1", "2", "3"]);
    });
  });

  test("a database of an older MLflow is refused with the command that upgrades it, without the password", async () => {
    const shared = await place("ancient");
    await server().execute(
      "ancient",
      "CREATE TABLE alembic_version (version_num VARCHAR(32)); INSERT INTO alembic_version VALUES ('acf3f17fdcc7')",
    );
    const options = { backendStoreUri: shared.ours, artifactsDestination: join(held.folder, "artifacts") };
    await assert.rejects(openTracking(options), (error: Error & { code?: string; fix?: string }) => {
      assert.equal(error.code, "STORE_OLD");
      assert.match(error.fix ?? "", /mlflow db upgrade postgresql:\/\/USER:PASSWORD@127\.0\.0\.1:\d+\/ancient/);
      return true;
    });
  });
});

test("MLflow's clients and its searches over our PostgreSQL store", {
  skip: postgresSkip() || current.skip,
  timeout,
}, async () => {
  const suite = fileURLToPath(new URL("../mlflow-tracking/tracking-clients.test.ts", import.meta.url));
  await passesOverPostgres([suite]);
});
