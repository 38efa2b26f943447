// `package` for schedules, in-process: its flags, what it refuses, and what `npm ci` will install.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { version } from "../../../src/cli/package-version.ts";
import { root, runCli } from "../run-in-process.ts";

const scratch = mkdtempSync(join(tmpdir(), "trimaran-schedule-command-"));
after(() => rmSync(scratch, { recursive: true }));

/** A tarball that says it is ours: what the folder holds of it does not depend on the rest. */
const tarball = join(scratch, "trimaran.tgz");
const manifest = JSON.stringify({ name: "trimaran", version: version() });
const header = Buffer.alloc(512);
header.write("package/package.json");
header.write(manifest.length.toString(8).padStart(11, "0"), 124);
writeFileSync(tarball, gzipSync(Buffer.concat([header, Buffer.from(manifest.padEnd(512, "\0")), Buffer.alloc(1024)])));

const out = join(scratch, "out");
const urls = ["-i", "s3://trips/{year}-{month}.parquet", "-o", "s3://scored/{year}/{month}/"];
const pack = (...more: readonly string[]) =>
  runCli(["package", `${root}examples/ride-duration-yaml`, "--out", out, "--trimaran", tarball, ...more]);

describe("package for schedules", () => {
  test("says when the first run comes, and installs DuckDB for every kind of machine", async (t) => {
    const { code, stderr } = await pack("--for", "cron,kubernetes", ...urls, "--time-zone", "America/New_York");
    assert.equal(code, 0, stderr);
    assert.match(stderr, /the first run is at \d{4}-\d{2}-02T0[78]:00:00\.000Z/);
    const lock = JSON.parse(readFileSync(join(out, "package-lock.json"), "utf8")) as {
      packages: Record<string, { version: string; os?: readonly string[]; optional?: boolean; integrity?: string }>;
    };
    assert.match(readFileSync(join(out, "score.sh"), "utf8"), /^cd \/opt\/ride-duration /m);
    const checkout = JSON.parse(readFileSync(`${root}package-lock.json`, "utf8")) as typeof lock;
    const engine = "node_modules/@duckdb/node-bindings";
    if (lock.packages[engine]?.version !== checkout.packages[engine]?.version) {
      return t.skip("node_modules holds another DuckDB than the lock file says: npm ci");
    }
    for (const platform of ["linux-x64", "linux-arm64", "linux-x64-musl", "darwin-arm64"]) {
      const bound = lock.packages[`node_modules/@duckdb/node-bindings-${platform}`];
      assert.deepEqual([bound?.os, bound?.optional], [[platform.split("-")[0]], true], platform);
      assert.match(bound?.integrity ?? "", /^sha512-/);
    }
  });

  test("one folder without a schedule has no DuckDB", async () => {
    const { code, stderr } = await pack("--for", "docker");
    assert.equal(code, 0, stderr);
    assert.equal(readFileSync(join(out, "package-lock.json"), "utf8").includes("@duckdb"), false);
  });

  test("refuses what would not run, with what to write instead", async () => {
    rmSync(out, { recursive: true, force: true });
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [["--for", "cron"], /needs --input and --output/],
      [["--for", "docker", ...urls], /--input is of --for/],
      [["--for", "cron", ...urls, "--schedule", "0 3 2 *"], /five fields/],
      [["--for", "cron", ...urls, "--schedule", "0 3 31 2 *"], /never comes/],
      [["--for", "cron", ...urls, "--schedule", "@monthly"], /five fields/],
      [["--for", "cron", ...urls, "--time-zone", "Mars/Olympus"], /no time zone/],
      [["--for", "cron", ...urls, "--schedule", "0 3 1 * *", "--time-zone", "Asia/Tokyo"], /another month in UTC/],
      [["--for", "cron", "-i", "data/x.csv", "-o", "/out/"], /absolute path/],
      [["--for", "cron", "-i", "/x/{month}.csv", "-o", "/out/"], /replace the one before/],
      [["--for", "cron", "-i", "/x/{day}.csv", "-o", "/out/{day}/"], /no part of a month/],
      [["--for", "kubernetes", "-i", "/rides/x.csv", "-o", "/data/out/"], /below \/data\//],
      [["--for", "cron", "-i", "postgresql://me:secret@db/rides", "-o", "/out/"], /user name or a password/],
      [["--for", "cron", "-i", "/x\u0007y", "-o", "/out/"], /control character/],
      [["--for", "cron", ...urls, "--place", "opt; rm -rf /"], /--place/],
      [["--for", "cron", ...urls, "--place", "/opt/../etc"], /--place/],
      [["--for", "cron", ...urls, "--backfill", "2021-03..2022-04"], /--for kubernetes/],
      [["--for", "kubernetes", ...urls, "--backfill", "2022-04..2021-03"], /before it begins/],
      [["--for", "kubernetes", ...urls, "--backfill", "2021-13..2022-04"], /is no year, no month and no day/],
      [["--for", "kubernetes", ...urls, "--backfill", "2021-03..2021-04", "--shards", "3"], /1 to 2/],
    ];
    for (const [argv, says] of cases) {
      const { code, stderr } = await pack(...argv);
      assert.match(stderr, says, argv.join(" "));
      assert.ok(code === 2 || code === 1, argv.join(" "));
      assert.equal(stderr.includes("secret"), false);
    }
    assert.equal(existsSync(out), false);
  });
});
