// Input that is not what it should be, and disks that are full: nothing is published, the error says why, 75 where a retry may help.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, open, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { courseBatch, makeRides, type Rides, ridesSql } from "./rides.ts";

interface Refusal {
  readonly code: string;
  readonly exit?: number;
  readonly says?: RegExp;
}

async function refused(rides: Rides, args: readonly string[], { code, exit = 1, says }: Refusal): Promise<void> {
  const ran = await rides.run([...args, "-o", "out.parquet", "--json"]);
  assert.equal(ran.code, exit, ran.stderr);
  const line = ran.stderr.trim().split("\n").at(-1) ?? "";
  const { error } = JSON.parse(line) as { error: { code: string; message: string } };
  assert.equal(error.code, code, error.message);
  if (says !== undefined) assert.match(error.message, says);
  assert.equal(ran.stdout, "");
  assert.equal(existsSync(rides.at("out.parquet")), false);
  assert.equal(existsSync(rides.at(".out.parquet.trimaran/manifest.json")), false);
}

describe("a batch job refuses", () => {
  test("a Parquet file with a page damaged in the middle, wherever it is", async () => {
    await using rides = await makeRides();
    const definition = await rides.definition(courseBatch);
    for (const compression of ["snappy", "zstd", "gzip", "uncompressed"]) {
      const path = await rides.copy(
        ridesSql(0, 20000),
        "a.parquet",
        `(COMPRESSION ${compression}, ROW_GROUP_SIZE 4096)`,
      );
      const { size } = await stat(path);
      const file = await open(path, "r+");
      // Some pages go whole: what is left of them cannot be read by chance.
      await file.write(Buffer.alloc(Math.floor(size / 3), 0xa5), 0, undefined, Math.floor(size / 3));
      await file.close();
      await refused(rides, [definition, "-i", "a.parquet"], { code: "TABLE_READ", says: /a\.parquet/ });
    }
  });

  test("a Parquet file that is cut off, is none, or has a footer that says other things", async () => {
    await using rides = await makeRides();
    const definition = await rides.definition(courseBatch);
    const bytes = await readFile(await rides.copy(ridesSql(0, 2000), "a.parquet"));
    const length = bytes.readUInt32LE(bytes.length - 8);
    const footer = Buffer.from(bytes);
    footer.fill(0xff, bytes.length - 8 - length, bytes.length - 8);
    for (const damaged of [bytes.subarray(0, bytes.length / 2), Buffer.from("no table at all, but text"), footer]) {
      await writeFile(rides.at("b.parquet"), damaged);
      await refused(rides, [definition, "-i", "b.parquet"], { code: "TABLE_READ", says: /b\.parquet/ });
    }
  });

  test("files of nothing, and no files", async () => {
    await using rides = await makeRides();
    const definition = await rides.definition(courseBatch);
    for (const name of ["a.parquet", "a.csv", "a.ndjson"]) {
      await writeFile(rides.at(name), "");
      await refused(rides, [definition, "-i", name], { code: "BATCH_EMPTY" });
    }
    await refused(rides, [definition, "-i", "none/*.parquet"], { code: "BATCH_INPUT", says: /none\/\*\.parquet/ });
    await refused(rides, [definition, "-i", "none.parquet"], { code: "BATCH_INPUT" });
    await writeFile(rides.at("a.xlsx"), "x");
    await refused(rides, [definition, "-i", "a.xlsx"], { code: "BATCH_FORMAT" });
  });

  test("a column that is missing, with the name that may be meant", async () => {
    await using rides = await makeRides();
    const definition = await rides.definition(courseBatch);
    await rides.copy(`SELECT * RENAME (trip_distance AS trip_distanze) FROM (${ridesSql(0, 10)})`, "a.parquet");
    const says = /has no column trip_distance \(did you mean trip_distanze\?\)|no column trip_distance/;
    await refused(rides, [definition, "-i", "a.parquet"], { code: "BATCH_COLUMN", says });
    await rides.copy(`SELECT * EXCLUDE (lpep_pickup_datetime) FROM (${ridesSql(0, 10)})`, "a.parquet");
    await refused(rides, [definition, "-i", "a.parquet"], { code: "TABLE_SQL", says: /derive\.duration/ });
  });

  test("a column of another type, and times that have no zone", async () => {
    await using rides = await makeRides();
    const text = `SELECT * REPLACE (CAST("PULocationID" AS VARCHAR) AS "PULocationID") FROM (${ridesSql(0, 10)})`;
    await rides.copy(text, "a.parquet");
    const definition = await rides.definition("write:\n  duration: output");
    await refused(rides, [definition, "-i", "a.parquet"], {
      code: "BATCH_TYPE",
      says: /PULocationID of a\.parquet is VARCHAR/,
    });
    await rides.copy(ridesSql(0, 10), "a.parquet");
    const timed = (await readFile(definition, "utf8")).replace(
      "input:\n",
      "input:\n  lpep_pickup_datetime: timestamp\n",
    );
    await writeFile(definition, timed);
    await refused(rides, [definition, "-i", "a.parquet"], { code: "BATCH_TYPE", says: /no zone/ });
    const zoned = `${timed.replace("batch:\n", "batch:\n  derive:\n    lpep_pickup_datetime: lpep_pickup_datetime AT TIME ZONE 'America/New_York'\n")}`;
    await writeFile(definition, zoned);
    const ran = await rides.run([definition, "-i", "a.parquet", "-o", "zoned.parquet"]);
    assert.equal(ran.code, 0, ran.stderr);
  });

  test("files of which a written column has two types", async () => {
    await using rides = await makeRides();
    const definition = await rides.definition(courseBatch);
    await rides.copy(ridesSql(0, 10), "in/a.parquet");
    await rides.copy(
      `SELECT * REPLACE (CAST("PULocationID" AS DOUBLE) AS "PULocationID") FROM (${ridesSql(10, 20)})`,
      "in/b.parquet",
    );
    await refused(rides, [definition, "-i", "in/*.parquet"], {
      code: "BATCH_SCHEMA",
      says: /PULocationID is DOUBLE in in\/b\.parquet, but BIGINT in in\/a\.parquet/,
    });
    await rides.copy(`SELECT * EXCLUDE ("DOLocationID") FROM (${ridesSql(10, 20)})`, "in/b.parquet");
    await refused(rides, [definition, "-i", "in/*.parquet"], {
      code: "BATCH_COLUMN",
      says: /in\/b\.parquet has no column DOLocationID/,
    });
  });

  test("SQL that does not work, or that reaches for what is not its own", async () => {
    await using rides = await makeRides();
    await rides.copy(ridesSql(0, 10), "a.parquet");
    await writeFile(rides.at("secret.csv"), "a\n1\n");
    for (const where of [
      "no_such_column > 1",
      "1 = ",
      `(SELECT count(*) FROM read_csv('${rides.at("secret.csv")}')) > 0`,
      "(SELECT count(*) FROM read_csv('/etc/passwd')) > 0",
      "CAST('x' || trip_distance AS INTEGER) > 0",
    ]) {
      const definition = await rides.definition(`where: "${where}"\nwrite:\n  duration: output`);
      await refused(rides, [definition, "-i", "a.parquet"], { code: "TABLE_SQL" });
    }
  });

  test("output columns that are nothing", async () => {
    await using rides = await makeRides();
    await rides.copy(ridesSql(0, 10), "a.parquet");
    for (const source of ["output.durations", "truth", "rov", "output - nothing"]) {
      const definition = await rides.definition(`write:\n  duration: ${source}`);
      await refused(rides, [definition, "-i", "a.parquet"], { code: "BATCH_WRITE" });
    }
    const definition = await rides.definition("write:\n  color: row");
    await refused(rides, [definition, "-i", "a.parquet"], { code: "BATCH_COLUMN", says: /color/ });
  });

  test("a place where nothing can be written", async () => {
    await using rides = await makeRides();
    await rides.copy(ridesSql(0, 10), "a.parquet");
    await writeFile(rides.at("file"), "not a folder");
    const definition = await rides.definition(courseBatch);
    const ran = await rides.run([definition, "-i", "a.parquet", "-o", "file/out.parquet", "--json"]);
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /FILE_NOT_WRITABLE/);
    const unknown = await rides.run([definition, "-i", "a.parquet", "-o", "gopher://x/out.parquet"]);
    assert.match(unknown.stderr, /does not write to `gopher:`/);
  });
});

const tmpfs = await fullDisk();

describe("a disk that is full", () => {
  test("publishes nothing and exits 75; with room again the same command goes on", { skip: tmpfs }, async () => {
    await using rides = await makeRides();
    const definition = await rides.definition(courseBatch);
    for (let file = 0; file < 6; file++)
      await rides.copy(ridesSql(file * 30000, file * 30000 + 30000), `in/${file}.parquet`);
    const disk = rides.at("disk");
    await mkdir(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "none", disk]);
    try {
      const args = [definition, "-i", "in/*.parquet", "-o", "disk/out.parquet", "--json"];
      const ran = await rides.run(args);
      assert.equal(ran.code, 75, ran.stderr);
      assert.match(ran.stderr, /BATCH_SPACE/);
      assert.equal(existsSync(rides.at("disk/out.parquet")), false);
      execFileSync("mount", ["-o", "remount,size=64m", disk]);
      const again = await rides.run(args);
      assert.equal(again.code, 0, again.stderr);
      assert.ok(JSON.parse(again.stdout).shards.kept > 0);
      assert.deepEqual(await readdir(rides.at("disk/.out.parquet.trimaran")), ["manifest.json"]);
    } finally {
      execFileSync("umount", [disk]);
    }
  });
});

/** Only who may mount has a disk to fill. */
async function fullDisk(): Promise<string | false> {
  await using rides = await makeRides();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "none", rides.path], { stdio: "ignore" });
    execFileSync("umount", [rides.path], { stdio: "ignore" });
    return false;
  } catch {
    return "no disk can be mounted here";
  }
}
