// Back-tests: figures against scikit-learn's definitions by hand, in the manifest, and on the MLflow run of the model version.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import { backtestFile } from "../../../../src/doors/batch/backtest/backtest-file.ts";
import { backtestPlan } from "../../../../src/doors/batch/backtest/backtest-plan.ts";
import type { FileFormat } from "../../../../src/doors/batch/file-format.ts";
import { classificationMetrics } from "../../../../src/train/metrics.ts";
import { courseBatch, makeRides, manifestAt, ridesSql } from "../rides.ts";

async function table(sql: string, format: FileFormat, work: (file: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "trimaran-backtest-"));
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const file = join(folder, "output.part");
  try {
    const how = format.format === "ndjson" ? "json" : format.format;
    const packed = format.compression === undefined ? "" : ", COMPRESSION gzip";
    await connection.run(`COPY (${sql}) TO '${file}' (FORMAT ${how}${packed})`);
    await work(file);
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}

const write = [
  { name: "t", source: { kind: "truth" } },
  { name: "p", source: { kind: "output", field: "score" } },
  { name: "zone", source: { kind: "row", column: "zone" } },
] as const;

describe("a back-test", () => {
  test("gives MAE, RMSE and bias as a whole and by slice; rows without the truth are counted apart", async () => {
    const sql =
      "SELECT * FROM (VALUES (10, 12.0, 'a'), (20, 17.0, 'a'), (30, 30.5, 'b'), (NULL, 1.0, 'b'), (5, 6.0, NULL)) v(t, p, zone)";
    for (const format of [
      { format: "parquet" },
      { format: "csv" },
      { format: "csv", compression: "gz" },
      { format: "ndjson" },
    ] as const) {
      await table(sql, format, async (file) => {
        const plan = backtestPlan(write, ["zone"]);
        assert.ok(plan !== null);
        const found = await backtestFile(file, format, plan);
        assert.equal(found.kind, "regression");
        assert.equal(found.rows, 4);
        assert.equal(found.without_truth, 1);
        assert.equal(found.metrics.mae, (2 + 3 + 0.5 + 1) / 4);
        assert.ok(Math.abs((found.metrics.rmse ?? 0) - Math.sqrt((4 + 9 + 0.25 + 1) / 4)) < 1e-12);
        assert.equal(found.metrics.bias, (2 - 3 + 0.5 + 1) / 4);
        assert.deepEqual(
          found.slices.map(({ value, rows, metrics }) => [value, rows, metrics.mae]),
          [
            ["a", 2, 2.5],
            ["b", 1, 0.5],
            [null, 1, 1],
          ],
        );
      });
    }
  });

  test("gives log loss, AUC and accuracy of probabilities, as scikit-learn defines them", async () => {
    const sql =
      "SELECT hash(i) % 3 = 0 AS t, round((hash(i * 7) % 1000) / 999.0, 1)::DOUBLE AS p, i % 2 AS zone FROM range(2000) r(i)";
    await table(sql, { format: "parquet" }, async (file) => {
      const plan = backtestPlan(write, ["zone"]);
      assert.ok(plan !== null);
      const found = await backtestFile(file, { format: "parquet" }, plan);
      const instance = await DuckDBInstance.create(":memory:");
      const connection = await instance.connect();
      const rows = (await connection.runAndReadAll(`SELECT t, p, zone FROM read_parquet('${file}')`)).getRowsJS();
      connection.closeSync();
      instance.closeSync();
      const expected = (of: readonly (readonly unknown[])[]): ReturnType<typeof classificationMetrics> =>
        classificationMetrics(
          Float64Array.from(of, ([t]) => Number(t)),
          Float64Array.from(of.flatMap(([, p]) => [1 - Number(p), Number(p)])),
          2,
        );
      assert.equal(found.kind, "classification");
      const near = (metrics: typeof found.metrics, wanted: ReturnType<typeof expected>): void => {
        assert.ok(Math.abs((metrics.log_loss ?? 0) - wanted.log_loss) < 1e-9, `${metrics.log_loss} ${wanted.log_loss}`);
        assert.ok(Math.abs((metrics.auc ?? 0) - (wanted.auc ?? 9)) < 1e-12);
        assert.ok(Math.abs((metrics.accuracy ?? 0) - wanted.accuracy) < 1e-12);
      };
      near(found.metrics, expected(rows));
      for (const { value, metrics } of found.slices)
        near(metrics, expected(rows.filter(([, , zone]) => String(zone) === value)));
    });
  });

  test("of one class has no AUC; of words it is the accuracy", async () => {
    await table("SELECT true AS t, 0.5 AS p, 1 AS zone", { format: "parquet" }, async (file) => {
      const found = await backtestFile(file, { format: "parquet" }, backtestPlan(write, [])!);
      assert.deepEqual([found.metrics.auc, found.metrics.log_loss], [null, Math.LN2]);
    });
    await table(
      "SELECT * FROM (VALUES ('cat', 'cat', 1), ('dog', 'cat', 1)) v(t, p, zone)",
      { format: "parquet" },
      async (file) => {
        const found = await backtestFile(file, { format: "parquet" }, backtestPlan(write, [])!);
        assert.deepEqual([found.kind, found.metrics], ["labels", { accuracy: 0.5 }]);
      },
    );
  });

  test("finds truth or answer through their difference, and says what cannot be compared", () => {
    const truth = { name: "t", source: { kind: "truth" } } as const;
    const answer = { name: "p", source: { kind: "output", field: "d" } } as const;
    const diff = { name: "diff", source: { kind: "difference", field: "d", from: "truth" } } as const;
    assert.equal(backtestPlan([truth, diff], [])?.answer, '("t" - "diff")');
    assert.equal(backtestPlan([answer, diff], [])?.truth, '("p" + "diff")');
    assert.equal(backtestPlan([diff], []), null);
    assert.equal(backtestPlan([answer], []), null);
    assert.throws(() => backtestPlan([answer], ["x"]), { code: "BATCH_BACKTEST" });
    assert.throws(() => backtestPlan([truth, answer], ["q"]), { code: "BATCH_BACKTEST" });
  });

  test("is told by the command and stands in the manifest", async () => {
    await using rides = await makeRides();
    await rides.copy(ridesSql(0, 2000), "rides.parquet");
    const definition = await rides.definition(courseBatch);
    const ran = await rides.run([definition, "-i", "rides.parquet", "-o", "out.parquet", "--slice", "PULocationID"]);
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stdout, /^back-test of duration over 2,000 rows: MAE [\d.]+, RMSE [\d.]+, bias -?[\d.]+$/m);
    assert.match(ran.stdout, /^ {2}PULocationID \d+, \d+ rows: MAE/m);
    const { backtest } = (await manifestAt(rides.at(".out.parquet.trimaran/manifest.json"))) as unknown as {
      readonly backtest: { readonly metrics: { readonly mae: number }; readonly slices: readonly unknown[] };
    };
    const [row] = await rides.rows("SELECT avg(abs(diff)) AS mae FROM {out.parquet}");
    assert.ok(Math.abs(backtest.metrics.mae - Number(row?.["mae"])) < 1e-9);
    assert.equal(backtest.slices.length, 260);
    const wrong = await rides.run([definition, "-i", "rides.parquet", "-o", "no.parquet", "--slice", "PULocationId"]);
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /PULocationID/);
  });
});
