// `score --engine` over a real Spark: a cluster of two executors on this machine, of which one is killed, and a process of ours too.
// Workers have no Node on their PATH.
import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { DuckDBInstance } from "@duckdb/node-api";
import { root, spawnCli } from "../spawn-cli.ts";
import { ownSparkHome, sparkEnvironment } from "./environment.ts";

const spark = await sparkEnvironment();
const skip = typeof spark === "string" ? spark : false;
const example = `${root}examples/ride-duration`;

describe("trimaran score --engine", { skip, timeout: 600_000 }, () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "trimaran-test-spark-")));
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const data = join(folder, "data");
  const found = typeof spark === "string" ? { python: "", home: "" } : spark;

  test("loses and doubles no row when an executor and a process of ours are killed; its rows and ids are those of one machine", async () => {
    await makeRides(data);
    const home = ownSparkHome(found, folder);
    const env = {
      SPARK_HOME: home,
      PYSPARK_PYTHON: found.python,
      SPARK_LOCAL_IP: "127.0.0.1",
      SPARK_SCALA_VERSION: "2.13",
    };
    const here = await spawnCli(["score", example, "-i", `${data}/*/*.parquet`, "-o", join(folder, "local.parquet")]);
    assert.equal(here.code, 0, here.stderr);
    const killed: Promise<readonly string[]>[] = [];
    const conf = [
      `spark.executorEnv.PATH=${pathWithoutNode(folder)}`,
      "spark.sql.files.maxPartitionBytes=60000",
      "spark.sql.files.openCostInBytes=50000",
      "spark.task.maxFailures=10",
      "spark.ui.enabled=false",
    ].flatMap((setting) => ["--spark-conf", setting]);
    const output = `${join(folder, "scored")}/`;
    const far = await spawnCli(
      [
        "score",
        example,
        "-i",
        `${data}/*/*.parquet`,
        "-o",
        output,
        "--engine",
        "local-cluster[2,1,1024]",
        ...conf,
        "--json",
      ],
      { env, onStart: (child) => void killed.push(killSome(child.pid ?? 0)) },
    );
    assert.equal(far.code, 0, far.stderr);
    assert.deepEqual(await killed[0], ["trimaran", "executor"]);
    const { rows } = JSON.parse(far.stdout) as { readonly rows: Record<string, number> };
    const manifest = JSON.parse(readFileSync(join(folder, ".local.parquet.trimaran", "manifest.json"), "utf8"));
    assert.deepEqual(rows, manifest.rows);
    assert.ok((rows["rejected"] ?? 0) > 0 && (rows["filtered"] ?? 0) > 0 && (rows["written"] ?? 0) > 0);
    const [first, second] = [await sorted(join(folder, "local.parquet")), await sorted(`${output}*.parquet`)];
    assert.equal(first.length, rows["written"]);
    assert.deepEqual(second, first);
    assert.ok(readdirSync(output).includes("_SUCCESS"));
    assert.equal(rejects(join(output, "_trimaran", "_rejects")).length, rows["rejected"]);
    const left = descendantsNamed("--arrow-stdio", folder);
    assert.deepEqual(left, [], "no process of ours outlives its worker");
  });

  test("publishes nothing where too many rows are rejected, and says so", async () => {
    const env = { SPARK_HOME: found.home, PYSPARK_PYTHON: found.python, SPARK_LOCAL_IP: "127.0.0.1" };
    const output = `${join(folder, "refused")}/`;
    const conf = ["--spark-conf", "spark.ui.enabled=false"];
    const line = [
      "score",
      example,
      "-i",
      `${data}/month=1/a0.parquet`,
      "-o",
      output,
      "--engine",
      "local[2]",
      "--max-rejects",
      "1",
      ...conf,
    ];
    const { code, stderr } = await spawnCli([...line, "--json"], { env });
    assert.equal(code, 1);
    assert.match(stderr, /"code":"SPARK_REFUSED".*BATCH_REJECTS.*--max-rejects allows 1/);
    assert.deepEqual(
      readdirSync(output).filter((name) => /^[^._]/.test(name)),
      [],
    );
  });

  test("is one of two on one output; ended by Ctrl-C it leaves no process and nothing published", async () => {
    const env = { SPARK_HOME: found.home, PYSPARK_PYTHON: found.python, SPARK_LOCAL_IP: "127.0.0.1" };
    const output = `${join(folder, "ended")}/`;
    if (!existsSync(data)) await makeRides(data);
    const line = ["score", example, "-i", `${data}/*/*.parquet`, "-o", output, "--engine", "local[2]", "--json"];
    const conf = ["--spark-conf", "spark.ui.enabled=false"];
    const second: Promise<{ readonly code: number | null; readonly stderr: string }>[] = [];
    let started: readonly Running[] = [];
    const { code } = await spawnCli([...line, ...conf], {
      env,
      onStart: (child) => {
        second.push(
          (async () => {
            const isLocked = (): boolean => existsSync(join(output, "_trimaran", "lock"));
            for (let wait = 0; !isLocked() && wait < 600; wait++) await sleep(50);
            const busy = await spawnCli([...line, ...conf], { env });
            const works = (): boolean =>
              descendants(child.pid ?? 0).some(({ line: own }) => own.includes("--arrow-stdio"));
            for (let wait = 0; !works() && wait < 1200; wait++) await sleep(50);
            started = descendants(child.pid ?? 0);
            child.kill("SIGINT");
            return busy;
          })(),
        );
      },
    });
    assert.equal(code, 130);
    const busy = await second[0]!;
    assert.equal(busy.code, 75, busy.stderr);
    assert.match(busy.stderr, /BATCH_BUSY/);
    const left = (): readonly string[] => {
      const now = processes();
      return started
        .filter((one) => now.some(({ pid, line: own }) => pid === one.pid && own === one.line))
        .map((one) => one.line);
    };
    for (let wait = 0; left().length > 0 && wait < 200; wait++) await sleep(50);
    assert.deepEqual(left(), []);
    assert.equal(existsSync(output), false);
  });
});

test("what only one machine can do is refused with --engine", async () => {
  const line = ["score", example, "-i", "x.parquet", "-o", "out/", "--engine", "local[2]", "--json"];
  for (const more of [["--since", "manifest"], ["--slice", "PULocationID"], ["--threads", "2"], ["--dry-run"]]) {
    const { code, stderr } = await spawnCli([...line, ...more]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, new RegExp(`USAGE_CONFLICT.*${more[0]}`));
  }
  const { code, stderr } = await spawnCli([
    "score",
    example,
    "-i",
    "x",
    "-o",
    "y.csv",
    "--spark-conf",
    "a=b",
    "--json",
  ]);
  assert.equal(code, 2);
  assert.match(stderr, /--spark-conf is for --engine/);
});

test("--engine without a Spark says how to get one", async () => {
  const line = ["score", example, "-i", "x.parquet", "-o", "out/", "--engine", "local[2]", "--json"];
  const { code, stderr } = await spawnCli(line, { env: { SPARK_HOME: "/nonexistent" } });
  assert.equal(code, 1);
  assert.match(stderr, /SPARK_MISSING.*pip install pyspark/);
});

/** What Spark itself calls, and nothing else. */
function pathWithoutNode(folder: string): string {
  const path = join(folder, "bin");
  mkdirSync(path);
  for (const name of ["bash", "sh", "rm", "tar", "gzip", "chmod", "ls", "cat", "ln", "mkdir", "readlink", "uname"]) {
    const place = ["/bin", "/usr/bin"].map((each) => join(each, name)).find((each) => existsSync(each));
    if (place !== undefined) symlinkSync(place, join(path, name));
  }
  return path;
}

/** Twelve files in two folders; some rows are rejected, some left out. */
async function makeRides(folder: string): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  for (let file = 0; file < 12; file++) {
    const path = join(folder, `month=${(file % 2) + 1}`);
    mkdirSync(path, { recursive: true });
    await connection.run(`COPY (SELECT TIMESTAMP '2021-03-01' + to_seconds(hash(i, 1) % 2500000) AS lpep_pickup_datetime,
      lpep_pickup_datetime + to_seconds((hash(i, 2) % 5000)::BIGINT) AS lpep_dropoff_datetime,
      CASE WHEN i % 97 = 0 THEN 999 ELSE (1 + hash(i, 3) % 265)::BIGINT END AS "PULocationID",
      (1 + hash(i, 4) % 265)::BIGINT AS "DOLocationID",
      CASE WHEN i % 89 = 0 THEN NULL ELSE (hash(i, 5) % 2000) / 100.0::DOUBLE END AS trip_distance,
      [i, NULL] AS tags, 'ümlaut ' || i AS note
      FROM range(${file * 8000}, ${file * 8000 + 8000}) AS t(i)) TO '${path}/a${file}.parquet' (FORMAT parquet, ROW_GROUP_SIZE 4096)`);
  }
  connection.closeSync();
  instance.closeSync();
}

async function sorted(glob: string): Promise<readonly unknown[]> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const read = await connection.runAndReadAll(
    `SELECT * FROM read_parquet('${glob}', hive_partitioning = false) ORDER BY ride_id`,
  );
  const rows = read.getRowsJson();
  connection.closeSync();
  instance.closeSync();
  return rows;
}

function rejects(folder: string): readonly string[] {
  const parts = readdirSync(folder).filter((name) => name.startsWith("part-"));
  return parts.flatMap((name) => readFileSync(join(folder, name), "utf8").trim().split("\n"));
}

/** First one of our processes, once it works, then an executor. */
async function killSome(pid: number): Promise<readonly string[]> {
  const killed: string[] = [];
  for (const [what, pattern] of [
    ["trimaran", /--arrow-stdio/],
    ["executor", /CoarseGrainedExecutorBackend/],
  ] as const) {
    for (let wait = 0; killed.length === (what === "trimaran" ? 0 : 1) && wait < 6000; wait++) {
      const tree = descendants(pid);
      // The first of our processes is the driver's; an executor's has an executor above it.
      const executors = tree.filter(({ line }) => /CoarseGrainedExecutorBackend/.test(line));
      const inside = new Set(executors.flatMap((each) => descendants(each.pid).map((one) => one.pid)));
      const victim = tree.find(({ pid: own, line }) => pattern.test(line) && (what === "executor" || inside.has(own)));
      if (victim !== undefined) {
        process.kill(victim.pid, "SIGKILL");
        killed.push(what);
      } else await sleep(20);
    }
  }
  return killed;
}

interface Running {
  readonly pid: number;
  readonly parent: number;
  readonly line: string;
}

function processes(): readonly Running[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
        return [
          { pid: Number(name), parent, line: readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ") },
        ];
      } catch {
        return [];
      }
    });
}

function descendants(pid: number): readonly Running[] {
  const all = processes();
  const found: Running[] = [];
  const parents = [pid];
  for (let at = 0; at < parents.length; at++) {
    for (const each of all.filter(({ parent }) => parent === parents[at])) {
      found.push(each);
      parents.push(each.pid);
    }
  }
  return found;
}

function descendantsNamed(text: string, folder: string): readonly string[] {
  return processes()
    .filter(({ line }) => line.includes(text) && line.includes(folder))
    .map(({ line }) => line);
}
