// A file of several parts on the command line, and a definition that describes classes of its own.
import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import type { ModelReport } from "../../src/cli/model-report.ts";
import { root, rowsOf, runCli } from "./run-in-process.ts";

const own = `${root}test/golden/own-classes`;
const parts = `${own}/parts.pkl`;
const recorded = JSON.parse(readFileSync(`${own}/recorded.json`, "utf8")) as Readonly<
  Record<string, { readonly rows: readonly unknown[]; readonly predict: readonly number[] }>
>;
const rides = recorded["parts.pkl"] ?? { rows: [], predict: [] };
const stdin = rides.rows.map((row) => `${JSON.stringify(row)}\n`).join("");

const folder = mkdtempSync(join(tmpdir(), "trimaran-member-"));
after(() => rmSync(folder, { recursive: true }));

function assertRides(stdout: string, key: string): void {
  const answers = rowsOf(stdout) as readonly Readonly<Record<string, number>>[];
  assert.equal(answers.length, rides.predict.length);
  for (const [row, value] of rides.predict.entries()) assert.ok(Math.abs((answers[row]?.[key] ?? 0) - value) < 1e-9);
}

describe("a file of several parts", () => {
  test("answers with --member and with the members behind its name", async () => {
    for (const argv of [
      ["predict", parts, "--member", "dv,model"],
      ["predict", parts, "--member", "dv", "--member", "model"],
      ["predict", `${parts}#dv,model`],
    ]) {
      const { code, stdout, stderr } = await runCli(argv, { stdin });
      assert.equal(code, 0, stderr);
      assertRides(stdout, "predict");
    }
  });

  test("lists its members in inspect, which says how to name them", async () => {
    const { code, stdout, stderr } = await runCli(["inspect", parts]);
    assert.equal(code, 1);
    assert.match(
      stdout,
      /members\n {2}dv: DictVectorizer\n {2}model: LinearRegression\n {2}threshold: a float \(no model\)\n/,
    );
    assert.match(stderr, /fix: .*--member dv,model/);
    const machine = await runCli(["inspect", "--json", parts, "--member", "dv,model"]);
    assert.equal(machine.code, 0);
    const report = JSON.parse(machine.stdout) as ModelReport;
    assert.equal(report.ok, true);
    assert.deepEqual(
      report.members.map(({ name, isModel }) => [name, isModel]),
      [
        ["dv", true],
        ["model", true],
        ["threshold", false],
        ["meta", false],
      ],
    );
    assert.equal(report.input?.kind, "records");
  });

  test("is refused without members, and with one that is not there", async () => {
    const bare = await runCli(["predict", parts, "--json"], { stdin });
    assert.equal((JSON.parse(bare.stderr) as { error: { code: string } }).error.code, "MEMBER_NEEDED");
    const wrong = await runCli(["predict", parts, "--member", "dv,modle", "--json"], { stdin });
    assert.equal((JSON.parse(wrong.stderr) as { error: { code: string } }).error.code, "MEMBER_NOT_FOUND");
    assert.deepEqual([bare.code, wrong.code], [1, 1]);
  });

  test("gets a definition from init that checks and answers", async () => {
    copyFileSync(parts, join(folder, "parts.pkl"));
    const made = await runCli(["init", join(folder, "parts.pkl"), "--member", "dv,model", "-o", `${folder}/made/`]);
    assert.equal(made.code, 0, made.stderr);
    assert.match(readFileSync(join(folder, "made", "deployment.ts"), "utf8"), /model: "\.\.\/parts\.pkl#dv,model"/);
    const checked = await runCli(["check", join(folder, "made")]);
    assert.equal(checked.code, 0, checked.stderr);
  });

  test("may be named by --member for a definition, but only where that names one model", async () => {
    const definition = (model: string): string => `import { defineDeployment, number, string } from "trimaran";
export default defineDeployment({
  model: ${model},
  input: { PU_DO: string(), miles: number() },
  output: { duration: number() },
});
`;
    writeFileSync(join(folder, "single.ts"), definition(JSON.stringify(parts)));
    const single = await runCli(["predict", join(folder, "single.ts"), "--member", "dv,model"], { stdin });
    assert.equal(single.code, 0, single.stderr);
    assertRides(single.stdout, "duration");
    writeFileSync(join(folder, "steps.ts"), definition(JSON.stringify([`${parts}#dv`, `${parts}#model`])));
    const steps = await runCli(["predict", join(folder, "steps.ts")], { stdin });
    assertRides(steps.stdout, "duration");
    const both = await runCli(["predict", join(folder, "steps.ts"), "--member", "dv", "--json"], { stdin });
    assert.equal((JSON.parse(both.stderr) as { error: { code: string } }).error.code, "MODEL_OVERRIDE");
  });

  test("of several targets is named behind each", async () => {
    const { code, stderr } = await runCli(["serve", parts, parts, "--member", "dv,model", "--port", "0", "--json"]);
    assert.equal(code, 2);
    assert.equal((JSON.parse(stderr) as { error: { code: string } }).error.code, "USAGE_CONFLICT");
  });
});

describe("a definition that describes a class of its own", () => {
  const definition = (
    estimators: string,
  ): string => `import { defineDeployment, defineEstimator, number, string } from "trimaran";

const dateParts = defineEstimator({
  classes: ["acme.features.DateParts"],
  input: () => [{ name: "day", type: "string" }],
  toOp(self) {
    const since = self.number("since");
    return {
      transform: {
        width: 3,
        compute(batch) {
          if (batch.kind !== "table") throw new TypeError("days were expected");
          return Array.from({ length: batch.rowCount }, (_, row) => {
            const day = new Date(String(batch.columns[0]!.values[row]) + "T00:00:00Z");
            if (Number.isNaN(day.getTime())) throw new RangeError("no day: " + String(batch.columns[0]!.values[row]));
            return [day.getUTCFullYear() - since, day.getUTCMonth() + 1, (day.getUTCDay() + 6) % 7];
          }).flat();
        },
      },
    };
  },
});

export default defineDeployment({
  model: ${JSON.stringify(`${own}/date-parts.pkl`)},
  estimators: ${estimators},
  input: { day: string() },
  output: { value: number() },
});
`;
  const file = join(folder, "own.ts");
  const golden = recorded["date-parts.pkl"] ?? { rows: [], predict: [] };
  const days = (golden.rows as readonly (readonly string[])[]).map(([day]) => ({ day }));

  test("answers what Python answered", async () => {
    writeFileSync(file, definition("[dateParts]"));
    const sent = days.map((row) => `${JSON.stringify(row)}\n`).join("");
    const { code, stdout, stderr } = await runCli(["predict", file], { stdin: sent });
    assert.equal(code, 0, stderr);
    const answers = rowsOf(stdout) as readonly { readonly value: number }[];
    for (const [row, value] of golden.predict.entries()) assert.ok(Math.abs((answers[row]?.value ?? 0) - value) < 1e-9);
  });

  test("that fails on a row says so without the row", async () => {
    writeFileSync(file, definition("[dateParts]"));
    const { code, stdout, stderr } = await runCli(["predict", file], { stdin: '{"day": "secret-cell"}\n' });
    assert.equal(code, 1);
    assert.match(stderr, /acme\.features\.DateParts failed: it threw a RangeError \(own\.ts, line \d+\)/);
    assert.doesNotMatch(stdout + stderr, /secret-cell/);
  });

  test("is refused without it, and when it is no estimator", async () => {
    writeFileSync(file, definition("[]"));
    const without = await runCli(["predict", file, "--json"], { stdin: "" });
    assert.equal((JSON.parse(without.stderr) as { error: { code: string } }).error.code, "MODEL_UNSUPPORTED");
    writeFileSync(file, definition("[dateParts, dateParts, {} as typeof dateParts]"));
    const { stderr } = await runCli(["check", file, "--json"]);
    const { error } = JSON.parse(stderr) as { error: { code: string; issues: readonly { path: string }[] } };
    assert.equal(error.code, "DEFINITION_INVALID");
    assert.deepEqual(
      error.issues.map(({ path }) => path),
      ["/estimators/1", "/estimators/2"],
    );
  });
});
