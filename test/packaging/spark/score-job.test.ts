// The PySpark job as text: a plan of any names makes a program that Python reads.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { test } from "node:test";
import { scoreJob } from "../../../src/packaging/spark/score-job.ts";
import type { SparkPlan } from "../../../src/packaging/spark/spark-plan.ts";
import { sparkReadme } from "../../../src/packaging/spark/spark-readme.ts";

const plan: SparkPlan = {
  name: `it's "ours" \\ $& ünï`,
  trimaran: "0.1.0",
  platform: "linux-x64",
  target: "rides/deployment.yaml",
  arguments: [],
  environment: {},
  columns: ["a`b", "c\nd"],
  sql: "CASE WHEN \"x\" THEN '''' END",
  models: [],
  definitionDigest: null,
};
const skip = spawnSync("python3", ["--version"]).status === 0 ? false : "there is no python3";

test("Python reads the job, and its plan is the one that was given", { skip }, () => {
  const show =
    "import sys, ast, json; tree = ast.parse(sys.stdin.read()); made = [n for n in tree.body if isinstance(n, ast.Assign) and getattr(n.targets[0], 'id', '') == 'PLAN'][0]; print(made.value.args[0].value)";
  const { platform: _, ...facts } = plan;
  assert.deepEqual(JSON.parse(execFileSync("python3", ["-c", show], { input: scoreJob(plan) }).toString()), facts);
});

test("the page beside it names the archive and the folder that it is unpacked as", () => {
  assert.match(sparkReadme(plan), /--archives trimaran-linux-x64\.tar\.gz#trimaran-linux-x64 /);
});
