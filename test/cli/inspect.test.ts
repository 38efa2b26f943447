// `inspect`, in-process.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { ModelReport } from "../../src/cli/model-report.ts";
import { forest, linear, root, runCli } from "./run-in-process.ts";

describe("inspect", () => {
  test("says what a pickle is", async () => {
    const { code, stdout, stderr } = await runCli(["inspect", linear]);
    assert.equal(stderr, "");
    assert.match(stdout, /^lin_reg\.bin: pickle, protocol 4\n/);
    assert.match(stdout, /size +207,462 bytes/);
    assert.match(stdout, /digest +sha256:[0-9a-f]{64}/);
    assert.match(stdout, /written by +scikit-learn 1\.5\.1/);
    assert.match(stdout, /PU_DO: category, 6,682 known: "100_108"/);
    assert.match(stdout, /trip_distance: number/);
    assert.match(stdout, /predict: dense f64 \(default\)/);
    assert.match(stdout, /affine, 6683 weights/);
    assert.match(stdout, /findings: none/);
    assert.equal(code, 0);
  });

  test("tells the same as JSON, one line", async () => {
    const { stdout } = await runCli(["inspect", "--json", forest]);
    assert.equal(stdout.indexOf("\n"), stdout.length - 1);
    const report = JSON.parse(stdout) as ModelReport;
    assert.equal(report.ok, true);
    assert.equal(report.mlflow?.flavors.includes("sklearn"), true);
    assert.deepEqual(
      report.methods.map(({ name, isDefault }) => [name, isDefault]),
      [["predict", true]],
    );
    assert.equal(report.input?.kind, "records");
    assert.ok(report.classes.includes("sklearn.ensemble._forest.RandomForestRegressor"));
  });

  test("prints each finding of a file that it refuses, with global and offset", async () => {
    const folder = mkdtempSync(join(tmpdir(), "trimaran-inspect-"));
    // Protocol 0: cposix\nsystem\n(S'true'\ntR.
    writeFileSync(join(folder, "evil.pkl"), "cposix\nsystem\n(S'true'\ntR.");
    const human = await runCli(["inspect", join(folder, "evil.pkl")]);
    assert.equal(human.code, 1);
    assert.match(human.stdout, /danger: would have called posix\.system \(REDUCE at offset 24; named at offset 0\)/);
    assert.match(human.stderr, /^error: evil\.pkl is refused/);
    const machine = await runCli(["inspect", "--json", join(folder, "evil.pkl")]);
    const { findings } = JSON.parse(machine.stdout) as ModelReport;
    assert.deepEqual(
      findings.map(({ module, name, offset, opcode }) => [module, name, offset, opcode]),
      [["posix", "system", 0, "REDUCE"]],
    );
    assert.equal((JSON.parse(machine.stderr) as { error: { code: string } }).error.code, "PICKLE_UNTRUSTED");
    rmSync(folder, { recursive: true });
  });

  test("calls a class of another library not supported, not a danger", async () => {
    const { code, stdout } = await runCli(["inspect", `${root}test/golden/not-models/frame.pkl`]);
    assert.match(stdout, /not supported: would have called pandas\.core\.frame\.DataFrame/);
    assert.doesNotMatch(stdout, /danger/);
    assert.equal(code, 1);
  });
});
