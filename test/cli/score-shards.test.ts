// The indexes of a Kubernetes Indexed Job, run by hand: several at once, some killed and started again.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openSqlEngine } from "../../src/tables/sql-engine.ts";
import { root, runCli } from "./run-in-process.ts";

const scratch = mkdtempSync(join(tmpdir(), "trimaran-shards-"));
after(() => rmSync(scratch, { recursive: true, force: true }));
const definition = `${root}examples/ride-duration-yaml`;
const months = ["2021-01", "2021-02", "2021-03", "2021-04", "2021-05"];
const shards = 3;

async function writeMonths(): Promise<void> {
  await using engine = await openSqlEngine([], { folder: scratch });
  for (const [at, month] of months.entries()) {
    const file = join(scratch, `rides-${month}.parquet`);
    await engine.connection.run(`COPY (
      SELECT (i * 7 + ${at}) % 265 + 1 AS "PULocationID", (i * 11) % 265 + 1 AS "DOLocationID", (i % 300) / 10.0 AS trip_distance
      FROM range(${at === 1 ? 1_000_000 : 2_000}) AS t(i)
    ) TO '${file}' (FORMAT parquet, ROW_GROUP_SIZE 20000)`);
  }
}

const argumentsOf = (out: string, ...more: readonly string[]): readonly string[] => [
  "score",
  definition,
  "--input",
  join(scratch, "rides-{year}-{month}.parquet"),
  "--output",
  `${join(scratch, out)}/year={year}/month={month}/`,
  "--backfill",
  `${months[0]}..${months.at(-1)}`,
  "--home",
  join(scratch, "home"),
  ...more,
];

function startIndex(index: number): ChildProcess {
  const argv = argumentsOf("sharded", "--shards", String(shards), "--json");
  return spawn(process.execPath, [join(root, "bin/trimaran"), ...argv], {
    env: { ...process.env, JOB_COMPLETION_INDEX: String(index) },
    stdio: "ignore",
  });
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return child.exitCode;
}

const outputs = (out: string): readonly string[] =>
  globSync(`${join(scratch, out)}/**/predictions.parquet`)
    .map((path) => path.slice(join(scratch, out).length))
    .sort();

describe("trimaran score --shards", () => {
  test("each index scores its share; one that is killed goes on, and all together are one backfill", async () => {
    await writeMonths();
    const children = [0, 1, 2].map(startIndex);
    const [first, second, third] = children as [ChildProcess, ChildProcess, ChildProcess];
    // Index 1 has the large month: it dies as soon as it has begun.
    const begun = join(scratch, "sharded/year=2021/month=02/_trimaran");
    while (!existsSync(begun) && second.exitCode === null) await sleep(5);
    second.kill("SIGKILL");
    assert.equal(await exitOf(second), null);
    assert.deepEqual([await exitOf(first), await exitOf(third)], [0, 0]);
    assert.equal(outputs("sharded").includes("/year=2021/month=02/predictions.parquet"), false);
    assert.deepEqual(await Promise.all([1, 0].map((index) => exitOf(startIndex(index)))), [0, 0]);
    const whole = await runCli(argumentsOf("whole"));
    assert.equal(whole.code, 0, whole.stderr);
    assert.equal(outputs("whole").length, months.length);
    assert.deepEqual(outputs("sharded"), outputs("whole"));
    for (const path of outputs("whole")) {
      const [own, other] = ["sharded", "whole"].map((out) => readFileSync(join(scratch, out) + path));
      assert.ok(own?.equals(other as Buffer), path);
    }
  });

  test("an index takes every N-th period, and one that is not told or too many are refused", async () => {
    const plan = await runCli(argumentsOf("planned", "--shards", "3", "--dry-run", "--json"), {
      env: { JOB_COMPLETION_INDEX: "1" },
    });
    assert.equal(plan.code, 0, plan.stderr);
    const { periods } = JSON.parse(plan.stdout) as { periods: readonly { readonly period: string }[] };
    assert.deepEqual(
      periods.map(({ period }) => period),
      ["2021-02", "2021-05"],
    );
    const wrong: readonly (readonly [readonly string[], Readonly<Record<string, string>>, RegExp])[] = [
      [["--shards", "3"], {}, /JOB_COMPLETION_INDEX, 0 to 2/],
      [["--shards", "3"], { JOB_COMPLETION_INDEX: "3" }, /0 to 2/],
      [["--shards", "3"], { JOB_COMPLETION_INDEX: "-1" }, /0 to 2/],
      [["--shards", "6"], { JOB_COMPLETION_INDEX: "0" }, /1 to 5/],
    ];
    for (const [more, env, says] of wrong) {
      const { code, stderr } = await runCli(argumentsOf("planned", ...more), { env });
      assert.equal(code, 2);
      assert.match(stderr, says);
    }
    const alone = await runCli(["score", definition, "-i", "x.csv", "-o", "y.csv", "--shards", "2"]);
    assert.match(alone.stderr, /--shards goes with --backfill/);
  });
});
