// docs/schedules.md, executed: the folder is packed, installed by npm as it would be elsewhere, and scores a month.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { monthBefore } from "../../src/doors/batch/period.ts";
import { openSqlEngine } from "../../src/tables/sql-engine.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("docs/schedules.md: the folder holds what its table says, and what cron calls scores the month before", async () => {
  const text = readFileSync(join(root, "docs/schedules.md"), "utf8");
  const scratch = mkdtempSync(join(tmpdir(), "trimaran-docs-schedules-"));
  try {
    const run = (script: string, cwd: string): string =>
      execFileSync("bash", ["-ec", script.replaceAll("/tmp/", `${scratch}/`)], {
        cwd,
        stdio: "pipe",
        env: { ...process.env, RETRY_SECONDS: "0" },
      }).toString();
    const [pack = "", install = "", kubernetes = ""] = [...text.matchAll(/```sh\n([^`]+)```/g)].map(
      ([, script]) => script,
    );
    run(pack, root);
    const folder = join(scratch, "ride-schedule");
    const named = [...text.matchAll(/^\| (`.*?) \| /gm)].flatMap(([, cells = ""]) => [...cells.matchAll(/`([^`]+)`/g)]);
    const names = named.map(([, name = ""]) => name.replace(/\/$/, "")).filter((name) => name !== "");
    const found = readdirSync(folder).map((name) => name.replace(/^trimaran-.*\.tgz$/, "trimaran-<version>.tgz"));
    assert.deepEqual(found.sort(), [...names, ".trimaran-package.json"].sort());
    const { name: month, parts } = monthBefore(new Date());
    mkdirSync(join(scratch, "rides"));
    copyFileSync(join(root, "examples/ride-duration/rides.ndjson"), join(scratch, `rides/${month}.ndjson`));
    run(install, root);
    const scored = join(scratch, `scored/year=${parts["year"]}/month=${parts["month"]}/predictions.parquet`);
    await using engine = await openSqlEngine([scored]);
    const rows = await engine.connection.runAndReadAll(
      `SELECT count(*), count(duration) FROM read_parquet('${scored}')`,
    );
    const lines = readFileSync(join(root, "examples/ride-duration/rides.ndjson"), "utf8").trimEnd().split("\n").length;
    assert.deepEqual(rows.getRowsJS(), [[BigInt(lines), BigInt(lines)]]);
    const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
    run(kubernetes.replace("--for", `--trimaran /tmp/ride-schedule/${tarball} --for`), root);
    assert.match(readFileSync(join(scratch, "ride-cronjob/backfill-job.yaml"), "utf8"), /completions: 4$/m);
    assert.match(readFileSync(join(scratch, "ride-cronjob/cronjob.yaml"), "utf8"), /timeZone: "Europe\/Berlin"/);
  } finally {
    rmSync(scratch, { recursive: true });
  }
});
