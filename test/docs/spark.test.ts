// docs/spark.md, executed where there is a Spark: the `sh` block with a `text` block behind it prints what that says.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { DuckDBInstance } from "@duckdb/node-api";
import { errorTable } from "../../src/base/error-table.ts";
import { sparkEnvironment } from "../e2e/spark/environment.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(`${root}/docs/spark.md`, "utf8");
const spark = await sparkEnvironment();

test("docs/spark.md scores what it says", {
  skip: typeof spark === "string" ? spark : false,
  timeout: 300_000,
}, async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "trimaran-docs-")));
  try {
    symlinkSync(join(root, "examples"), join(folder, "examples"));
    mkdirSync(join(folder, "rides"));
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    await connection.run(`COPY (SELECT TIMESTAMP '2021-03-01' AS lpep_pickup_datetime, TIMESTAMP '2021-03-01 00:10:00' AS lpep_dropoff_datetime,
      130 AS "PULocationID", 205 AS "DOLocationID", d::DOUBLE AS trip_distance FROM (VALUES (1), (2), (NULL)) t(d))
      TO '${folder}/rides/2021-03.parquet' (FORMAT parquet)`);
    connection.closeSync();
    instance.closeSync();
    const [, script = "", printed = ""] = /```sh\n(.*?)```\n\n```text\n(.*?)```/s.exec(page) ?? [];
    const found = typeof spark === "string" ? { home: "", python: "" } : spark;
    const env = {
      ...process.env,
      PATH: `${root}/bin:${process.env["PATH"]}`,
      SPARK_HOME: found.home,
      PYSPARK_PYTHON: found.python,
      NO_COLOR: "1",
    };
    const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", script], { cwd: folder, env });
    assert.equal(stdout, printed);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("docs/spark.md names errors that there are", () => {
  const named = [...page.matchAll(/`([A-Z]+_[A-Z]+)`/g)]
    .map(([, code = ""]) => code)
    .filter((code) => /^(SPARK|PACKAGE)_/.test(code));
  assert.ok(named.includes("SPARK_FAILED") && named.includes("PACKAGE_SPARK"));
  for (const code of named.filter((each) => each !== "SPARK_HOME")) assert.ok(Object.hasOwn(errorTable, code), code);
});
