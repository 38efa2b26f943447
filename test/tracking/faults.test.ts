// Stores that fail: each is told by a code with a fix, and the process ends as the contract says. No password is ever shown.
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { chown, mkdtemp, rm, statfs, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type PostgresServer, postgresSkip, startPostgres } from "../../scripts/postgres-server.ts";
import { openSqlite } from "../../src/io/sql/sqlite-database.ts";
import { openTracking, type Tracking } from "../../src/tracking/open-tracking.ts";
import { openSchema } from "../../src/tracking/store/schema/open-schema.ts";
import { storePlace } from "../../src/tracking/store-uri.ts";

const launcher = fileURLToPath(new URL("../../bin/trimaran", import.meta.url));

interface Ended {
  readonly exit: number;
  readonly error: { readonly code: string; readonly message: string; readonly fix: string };
  readonly text: string;
}

/** `trimaran tracking` that does not get to listen. */
function refused(store: string, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const args = ["tracking", "--json", "--port", "0", "--log-level", "debug"];
  const named = env["TRIMARAN_BACKEND_STORE_URI"] === undefined ? ["--backend-store-uri", store] : [];
  const options = { env: { ...process.env, ...env }, cwd: tmpdir(), timeout: 300_000 };
  return new Promise((resolve, reject) => {
    execFile(launcher, [...args, ...named], options, (failure, stdout, stderr) => {
      if (failure === null || typeof failure.code !== "number")
        return reject(new Error(`it went on: ${stdout}${stderr}`));
      const line = stderr.split("\n").findLast((each) => each.startsWith('{"error"')) ?? "{}";
      const { error } = JSON.parse(line) as Pick<Ended, "error">;
      resolve({ exit: failure.code, error, text: stdout + stderr });
    });
  });
}

async function logBatch(tracking: Tracking, runId: string, bytes: number): Promise<{ status: number; text: string }> {
  // Incompressible, and longer than a page.
  const tags = Array.from({ length: Math.ceil(bytes / 5000) }, () => ({
    key: `k${Math.random()}`,
    value: Array.from({ length: 5000 }, () => String.fromCharCode(97 + Math.floor(Math.random() * 26))).join(""),
  }));
  return await ask(tracking, "runs/log-batch", { run_id: runId, tags });
}

async function ask(tracking: Tracking, path: string, body: unknown): Promise<{ status: number; text: string }> {
  const headers = { "content-type": "application/json" };
  const target = `/api/2.0/mlflow/${path}`;
  const answer = await tracking.transport.send({ method: "POST", target, headers, body: JSON.stringify(body) });
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of answer.body) text += decoder.decode(chunk, { stream: true });
  return { status: answer.status, text };
}

async function newRun(tracking: Tracking): Promise<string> {
  const { text } = await ask(tracking, "runs/create", { experiment_id: "0", start_time: 1 });
  return (JSON.parse(text) as { run: { info: { run_id: string } } }).run.info.run_id;
}

interface SmallDisk extends AsyncDisposable {
  readonly folder: string;
}

const smallDiskSkip = canMount() ? false : "only root can mount a small disk";

function canMount(): boolean {
  try {
    execFileSync("unshare", ["-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], { stdio: "ignore" });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
}

async function smallDisk(size: string): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), "trimaran-small-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder]);
  const dispose = async (): Promise<void> => {
    execFileSync("umount", ["--lazy", folder]);
    await rm(folder, { recursive: true, force: true });
  };
  return { folder, [Symbol.asyncDispose]: dispose };
}

/** Writes until the store is full, then after room was made, and looks that all that was confirmed is there. */
async function fillAndFree(tracking: Tracking, free: () => Promise<void>): Promise<void> {
  const run = await newRun(tracking);
  let confirmed = 0;
  let last = { status: 200, text: "" };
  for (let tries = 0; tries < 2000 && last.status === 200; tries++) {
    last = await logBatch(tracking, run, 100_000);
    if (last.status === 200) confirmed += 20;
  }
  assert.equal(last.status, 503, last.text);
  assert.match(last.text, /TEMPORARILY_UNAVAILABLE.*STORE_FULL/);
  await free();
  assert.equal((await logBatch(tracking, run, 5000)).status, 200);
  const { text } = await ask(tracking, "runs/search", { experiment_ids: ["0"] });
  const { runs } = JSON.parse(text) as { runs: { data: { tags: { key: string }[] } }[] };
  assert.equal(runs[0]?.data.tags.filter(({ key }) => key.startsWith("k")).length, confirmed + 1);
}

test("a full disk is told while it is full, and what was confirmed before is kept", {
  skip: smallDiskSkip,
  timeout: 600_000,
}, async () => {
  await using disk = await smallDisk("12m");
  const ballast = join(disk.folder, "ballast");
  const { bavail, bsize } = await statfs(disk.folder);
  const options = { backendStoreUri: disk.folder, artifactsDestination: join(disk.folder, "artifacts") };
  {
    await using tracking = await openTracking(options);
    await writeFile(ballast, Buffer.alloc(bavail * bsize - 6_000_000));
    await fillAndFree(tracking, () => rm(ballast));
  }
  const database = new DatabaseSync(join(disk.folder, "trimaran.db"));
  assert.deepEqual(Object.values(database.prepare("PRAGMA integrity_check").get() ?? {}), ["ok"]);
  database.close();
});

test("a store that does not fit on the disk is told when it is made", {
  skip: smallDiskSkip,
  timeout: 300_000,
}, async () => {
  await using disk = await smallDisk("100k");
  const { exit, error } = await refused(`sqlite:///${join(disk.folder, "store.db")}`);
  assert.deepEqual([exit, error.code], [75, "STORE_FULL"]);
});

test("a file that another process holds is told as locked", async () => {
  const folder = await mkdtemp(join(tmpdir(), "trimaran-locked-"));
  const file = join(folder, "store.db");
  try {
    await (await openSchema(storePlace(`sqlite:///${file}`))).database.close();
    const holder = new DatabaseSync(file);
    holder.exec("BEGIN IMMEDIATE");
    const database = await openSqlite(file, { lockTimeoutMs: 100 });
    await assert.rejects(database.run("DELETE FROM tags"), { code: "STORE_LOCKED", kind: "busy" });
    assert.deepEqual(await database.query("SELECT key FROM tags"), []);
    holder.exec("ROLLBACK");
    assert.equal(await database.run("DELETE FROM tags"), 0);
    await database.close();
    holder.exec("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE");
    await assert.rejects(openSqlite(file, { lockTimeoutMs: 100 }), { code: "STORE_LOCKED" });
    holder.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("files and folders that are no store end the command with code 1 and a fix", async () => {
  const folder = await mkdtemp(join(tmpdir(), "trimaran-foreign-"));
  try {
    const foreign = join(folder, "foreign.db");
    const database = new DatabaseSync(foreign);
    database.exec("CREATE TABLE mine (x)");
    database.close();
    await writeFile(join(folder, "text.db"), "no database at all".repeat(100));
    for (const [store, code] of [
      [`sqlite:///${foreign}`, "STORE_FOREIGN"],
      [`sqlite:///${join(folder, "text.db")}`, "STORE_FILE"],
      ["mysql://me:s3cret@host/db", "STORE_URI"],
      ["postgresql://me:s3cret@host:nope/db", "STORE_URI"],
    ] as const) {
      const { exit, error, text } = await refused(store);
      assert.deepEqual([exit, error.code], [1, code]);
      assert.notEqual(error.fix, "");
      assert.doesNotMatch(text, /s3cret/);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("a PostgreSQL server that is not there is told with code 75: a retry may help", async () => {
  const port = await closedPort();
  const uri = `postgresql://me:s3cret@127.0.0.1:${port}/db`;
  for (const env of [{}, { TRIMARAN_BACKEND_STORE_URI: uri }]) {
    const { exit, error, text } = await refused(uri, env);
    assert.deepEqual([exit, error.code], [75, "STORE_UNREACHABLE"]);
    assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${port}/db does not answer: ECONNREFUSED`));
    assert.doesNotMatch(text, /s3cret/);
  }
});

describe("a PostgreSQL server", { skip: postgresSkip(), timeout: 600_000 }, () => {
  const held: { server: PostgresServer | null } = { server: null };
  const server = (): PostgresServer => {
    if (held.server === null) throw new Error("no server");
    return held.server;
  };
  before(async () => {
    held.server = await startPostgres();
  });
  after(() => held.server?.[Symbol.asyncDispose]());

  test("that refuses, lacks the database, or holds another program's tables ends the command with code 1", async () => {
    const url = await server().createDatabase("foreign");
    await server().execute("foreign", "CREATE TABLE mine (x INTEGER)");
    await server().createDatabase("closed");
    await server().execute("closed", "CREATE USER guest PASSWORD 'guest'; REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    const guest = `postgresql://guest:guest@127.0.0.1:${server().port}/closed`;
    for (const [store, code] of [
      [url, "STORE_FOREIGN"],
      [server().url("absent"), "STORE_MISSING"],
      [url.replace(/:[^:@]*@/, ":s3cret@"), "STORE_REFUSED"],
      [guest, "STORE_REFUSED"],
    ] as const) {
      const { exit, error, text } = await refused(store);
      assert.deepEqual([exit, error.code], [1, code]);
      assert.doesNotMatch(text, /s3cr|guest:guest/);
    }
  });

  test("keeps the store in the schema that the URL names, beside tables of others", async () => {
    await server().createDatabase("shared");
    const uri = server().url("shared", { query: "?options=-c%20search_path%3Dml" });
    await server().execute("shared", "CREATE TABLE mine (x INTEGER)");
    assert.equal((await refused(uri)).error.code, "STORE_REFUSED");
    await server().execute("shared", "CREATE SCHEMA ml");
    const { database, notice } = await openSchema(storePlace(uri));
    assert.equal(notice, null);
    await database.close();
    const found = await server().execute(
      "shared",
      "SELECT schemaname, count(*)::int AS count FROM pg_tables WHERE schemaname IN ('ml', 'public') GROUP BY schemaname ORDER BY 1",
    );
    assert.deepEqual(found, [
      { schemaname: "ml", count: 71 },
      { schemaname: "public", count: 1 },
    ]);
  });

  test("is a tracking URI, too: a command works on the store without a server, and shows no password", async () => {
    const env = { ...process.env, MLFLOW_TRACKING_URI: await server().createDatabase("uri") };
    const home = await mkdtemp(join(tmpdir(), "trimaran-uri-"));
    try {
      const told = await new Promise<string>((resolve) => {
        const args = ["promote", "nobody", "1", "--json", "--log-level", "debug", "--home", home];
        execFile(launcher, args, { env, cwd: home, timeout: 300_000 }, (_, stdout, stderr) => resolve(stdout + stderr));
      });
      assert.match(told, /"code":"TRACKING_MISSING".*nobody/);
      assert.doesNotMatch(told, /STORE_|s3cr/);
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  });

  test("that goes away is told to clients as 503, and is used again when it is back", async () => {
    const folder = await mkdtemp(join(tmpdir(), "trimaran-away-"));
    const failures: unknown[] = [];
    try {
      await using tracking = await openTracking({
        backendStoreUri: await server().createDatabase("away"),
        artifactsDestination: folder,
        onFailure: (error) => failures.push(error),
      });
      const run = await newRun(tracking);
      await server().kill();
      for (const path of ["runs/search", "runs/create"]) {
        const { status, text } = await ask(tracking, path, {
          experiment_id: "0",
          experiment_ids: ["0"],
          start_time: 1,
        });
        assert.equal(status, 503);
        assert.match(text, /"TEMPORARILY_UNAVAILABLE".*STORE_UNREACHABLE/);
        assert.doesNotMatch(text, /127\.0\.0\.1|away/);
      }
      assert.equal(failures.length, 2);
      await server().start();
      assert.equal((await logBatch(tracking, run, 5000)).status, 200);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test("whose disk is full says so, and goes on when it is not", { skip: smallDiskSkip }, async () => {
    await using disk = await smallDisk("40m");
    const { uid = 0, gid = 0 } = server().owner;
    await chown(disk.folder, uid, gid);
    await server().execute("postgres", `CREATE TABLESPACE small LOCATION '${disk.folder}'`);
    await server().execute("postgres", "CREATE DATABASE small TABLESPACE small");
    const ballast = join(disk.folder, "ballast");
    const folder = await mkdtemp(join(tmpdir(), "trimaran-full-"));
    try {
      await using tracking = await openTracking({
        backendStoreUri: server().url("small"),
        artifactsDestination: folder,
      });
      const { bavail, bsize } = await statfs(disk.folder);
      await writeFile(ballast, Buffer.alloc(Math.max(0, bavail * bsize - 3_000_000)));
      await fillAndFree(tracking, () => rm(ballast));
    } finally {
      await server().execute("postgres", "DROP DATABASE small WITH (FORCE)");
      await server().execute("postgres", "DROP TABLESPACE small");
      await rm(folder, { recursive: true, force: true });
    }
  });

  test("takes no text with NUL and no text beyond its columns, and answers 400 for it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "trimaran-value-"));
    const failures: unknown[] = [];
    try {
      await using tracking = await openTracking({
        backendStoreUri: await server().createDatabase("value"),
        artifactsDestination: folder,
        onFailure: (error) => failures.push(error),
      });
      const run_id = await newRun(tracking);
      for (const [path, body] of [
        ["runs/log-parameter", { run_id, key: "p", value: "a\u0000b" }],
        ["runs/set-tag", { run_id, key: "t\u0000", value: "x" }],
        ["experiments/create", { name: "a\u0000" }],
        ["experiments/create", { name: "n".repeat(600) }],
        ["registered-models/create", { name: "n".repeat(400) }],
        ["registered-models/create", { name: "m", description: "d".repeat(6000) }],
        ["runs/create", { experiment_id: "0", user_id: "u".repeat(300), start_time: 1 }],
        ["runs/create", { experiment_id: "0", start_time: 1, tags: [{ key: "k".repeat(300), value: "" }] }],
        ["runs/search", { experiment_ids: ["0", "99999999999"], filter: "tags.a LIKE 'x\\\\'" }],
        [
          "runs/search",
          { experiment_ids: ["0"], filter: "start_time > 1e300 and metrics.m < 1e-320 and end_time = 1.5" },
        ],
      ] as const) {
        const { status, text } = await ask(tracking, path, body);
        assert.ok(status === 400 || status === 200, `${path} ${JSON.stringify(body).slice(0, 80)}: ${status} ${text}`);
      }
      const { text } = await ask(tracking, "runs/search", { experiment_ids: ["0"] });
      assert.equal((JSON.parse(text) as { runs: unknown[] }).runs.length, 1);
      assert.deepEqual(failures, []);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  return typeof address === "object" && address !== null ? address.port : 0;
}
