// `trimaran tracking`: where artifacts are kept, and accounts, from the command line on.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { s3Gateway, s3Secret, skipS3 } from "../io/blobs/s3-gateway.ts";
import { type CliResult, runCli } from "./run-in-process.ts";

interface Home extends AsyncDisposable {
  readonly folder: string;
  /** Starts the command and stops it when it listens. */
  start(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<CliResult>;
}

async function home(): Promise<Home> {
  const folder = await mkdtemp(join(tmpdir(), "trimaran-cli-"));
  return {
    folder,
    start: (args, env = {}) =>
      runCli(["tracking", "--port", "0", "--home", folder, ...args], {
        env,
        stopWhen: { says: /Listening on/, reason: "SIGTERM" },
      }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

test("flags that exclude one another, and places that are none, are refused", async () => {
  await using place = await home();
  const both = await place.start(["--no-serve-artifacts", "--artifacts-only"]);
  assert.deepEqual([both.code, /exclude one another/.test(both.stderr)], [2, true]);
  const elsewhere = await place.start(["--artifacts-destination", "gs://bucket/x"]);
  assert.deepEqual([elsewhere.code, /artifacts are not kept at gs:/.test(elsewhere.stderr)], [1, true]);
  const size = await place.start(["--max-artifact-bytes", "much"]);
  assert.equal(size.code, 2);
  const app = await place.start(["--app-name", "other"]);
  assert.equal(app.code, 2);
});

test("a bucket that is not there or refuses is told at the start, without a secret", { skip: skipS3 }, async () => {
  await using place = await home();
  await using gateway = await s3Gateway();
  const start = (bucket: string, env: Readonly<Record<string, string>> = {}): Promise<CliResult> =>
    place.start(["--artifacts-destination", `s3://${bucket}/x`], { ...gateway.env, ...env });
  assert.equal((await start(gateway.bucket)).code, 0);
  const none = await start("no-such-bucket");
  assert.deepEqual([none.code, /no bucket no-such-bucket/.test(none.stderr)], [1, true], none.stderr);
  const wrong = await start(gateway.bucket, { AWS_SECRET_ACCESS_KEY: `${s3Secret}-wrong` });
  assert.deepEqual(
    [wrong.code, /refuses access/.test(wrong.stderr), wrong.stderr.includes(s3Secret)],
    [1, true, false],
  );
  await gateway.stop();
  assert.equal((await start(gateway.bucket)).code, 75);
});

test("with --auth the first administrator is made, told of, and made once", async () => {
  await using place = await home();
  const first = await place.start(["--auth"]);
  assert.equal(first.code, 0, first.stderr);
  const credentials = join(place.folder, "admin.credentials");
  assert.match(first.stderr, /The first administrator, admin, has its password in .*admin\.credentials\./);
  const password = /mlflow_tracking_password = (.+)/.exec(await readFile(credentials, "utf8"))?.[1] ?? "";
  assert.ok(password.length > 20 && !first.stderr.includes(password));
  assert.equal((await stat(credentials)).mode & 0o077, 0);
  const second = await place.start(["--app-name", "basic-auth"]);
  assert.equal(second.code, 0);
  assert.doesNotMatch(second.stderr, /administrator/);
  const short = await place.start(["--auth", "--auth-database", join(place.folder, "other.db")], {
    MLFLOW_AUTH_ADMIN_PASSWORD: "short-pass",
  });
  assert.deepEqual(
    [short.code, /first administrator cannot be made/.test(short.stderr), short.stderr.includes("short-pass")],
    [1, true, false],
  );
});
