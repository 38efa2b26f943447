// A job that is killed, and two at once: nothing half is ever seen, nothing is done twice, and the bytes are those of a quiet run.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir, readFile, rename, utimes, writeFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { courseBatch, makeRides, manifestAt, type Rides, ridesSql } from "./rides.ts";

const files = 24;

async function manyFiles(rides: Rides): Promise<readonly string[]> {
  for (let file = 0; file < files; file++) {
    const rows = ridesSql(file * 1000, file * 1000 + 400);
    // Each third ride is one whose distance no model takes.
    const odd = `SELECT * REPLACE (CASE WHEN i_ % 50 = 0 THEN -1 ELSE trip_distance END AS trip_distance) FROM (SELECT *, row_number() OVER () AS i_ FROM (${rows}))`;
    await rides.copy(odd, `in/part-${String(file).padStart(2, "0")}.parquet`);
  }
  return [await rides.definition(courseBatch), "-i", "in/*.parquet"];
}

async function digest(path: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}

describe("a job that is killed", () => {
  test("goes on at the shards that are missing, at whatever moment it was killed, and writes the same bytes", async () => {
    await using rides = await makeRides();
    const args = await manyFiles(rides);
    const quiet = await rides.run([...args, "-o", "quiet.parquet"]);
    assert.equal(quiet.code, 0, quiet.stderr);
    const wanted = await digest(rides.at("quiet.parquet"));
    const rejects = await digest(rides.at(".quiet.parquet.trimaran/_rejects/rejects.ndjson"));
    let seed = 7;
    let kills = 0;
    for (let round = 0; round < 2; round++) {
      const output = `killed-${round}.parquet`;
      for (let attempt = 0; attempt < 5; attempt++) {
        const child = rides.start([...args, "-o", output]);
        seed = (seed * 1103515245 + 12345) % 2 ** 31;
        const kept = await shardsOf(rides, output);
        // Killed some time after it has kept one more shard, or between two of the last steps.
        await until(async () => child.exitCode !== null || (await shardsOf(rides, output)) > kept);
        await sleep(seed % 60);
        child.kill("SIGKILL");
        if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
        if (child.signalCode === "SIGKILL") kills++;
        // Readers see nothing, or all of it.
        if (existsSync(rides.at(output))) assert.equal(await digest(rides.at(output)), wanted);
      }
      const before = await shardsOf(rides, output);
      const last = await rides.run([...args, "-o", output, "--json"]);
      assert.equal(last.code, 0, last.stderr);
      const result = JSON.parse(last.stdout);
      assert.equal(result.shards.total, files);
      assert.ok(result.shards.kept >= before, `${result.shards.kept} of ${before} were taken`);
      assert.equal(await digest(rides.at(output)), wanted);
      assert.equal(await digest(rides.at(`.${output}.trimaran/_rejects/rejects.ndjson`)), rejects);
      assert.deepEqual((await readdir(rides.at(`.${output}.trimaran`))).sort(), ["_rejects", "manifest.json"]);
    }
    assert.ok(kills >= 4, `${kills} runs were killed`);
  });

  test("starts anew where an input, the definition or the model is another one", async () => {
    await using rides = await makeRides();
    const args = [...(await manyFiles(rides)), "-o", "out.parquet"];
    const child = rides.start(args);
    await until(async () => (await shardsOf(rides, "out.parquet")) > 3);
    child.kill("SIGKILL");
    await once(child, "exit");
    await rides.copy(ridesSql(5, 10), "in/part-00.parquet");
    const ran = await rides.run([...args, "--json"]);
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(JSON.parse(ran.stdout).shards.kept, 0);
    assert.equal(
      (await manifestAt(rides.at(".out.parquet.trimaran/manifest.json"))).rows["read"],
      5 + (files - 1) * 400,
    );
  });

  test("does not take a shard that is not what was written", async () => {
    await using rides = await makeRides();
    const args = await manyFiles(rides);
    assert.equal((await rides.run([...args, "-o", "quiet.parquet"])).code, 0);
    const child = rides.start([...args, "-o", "out.parquet"]);
    await until(async () => (await shardsOf(rides, "out.parquet")) > 4);
    child.kill("SIGKILL");
    await once(child, "exit");
    const folder = rides.at(".out.parquet.trimaran/staging");
    const names = (await readdir(folder)).filter((name) => name.endsWith(".parquet"));
    const [first = "", second = ""] = names;
    await writeFile(`${folder}/${first}`, "");
    await writeFile(`${folder}/${second}`, await readFile(`${folder}/${names.at(-1)}`));
    const ran = await rides.run([...args, "-o", "out.parquet"]);
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(await digest(rides.at("out.parquet")), await digest(rides.at("quiet.parquet")));
  });

  test("keeps the old result in its place until the new one is whole", async () => {
    await using rides = await makeRides();
    const args = await manyFiles(rides);
    await writeFile(rides.at("out.parquet"), "an older result");
    const child = rides.start([...args, "-o", "out.parquet"]);
    await until(async () => (await shardsOf(rides, "out.parquet")) > 2);
    assert.equal(await readFile(rides.at("out.parquet"), "utf8"), "an older result");
    child.kill("SIGKILL");
    await once(child, "exit");
    assert.equal(await readFile(rides.at("out.parquet"), "utf8"), "an older result");
    assert.equal((await rides.run([...args, "-o", "out.parquet"])).code, 0);
    assert.notEqual(await readFile(rides.at("out.parquet"), "utf8"), "an older result");
  });

  test("ends on a signal with exit code 130, and goes on later", async () => {
    await using rides = await makeRides();
    const args = [...(await manyFiles(rides)), "-o", "out.parquet"];
    const child = rides.start(args);
    await until(async () => (await shardsOf(rides, "out.parquet")) > 2);
    child.kill("SIGINT");
    const [code] = await once(child, "exit");
    assert.ok(code === 130 || code === 0, String(code));
    const ran = await rides.run([...args, "--json"]);
    assert.equal(ran.code, 0, ran.stderr);
    if (code === 130) assert.ok(JSON.parse(ran.stdout).shards.kept > 2);
  });
});

describe("two jobs on one output", () => {
  test("do not meet: one wins, the other says so with exit code 75", async () => {
    await using rides = await makeRides();
    const args = [...(await manyFiles(rides)), "-o", "out.parquet"];
    const first = rides.start(args);
    const ended = once(first, "exit");
    await until(async () => (await shardsOf(rides, "out.parquet")) > 0);
    // What is still at work is not made to wait.
    first.kill("SIGSTOP");
    const second = await rides.run(args);
    assert.equal(second.code, 75, second.stderr);
    assert.match(second.stderr, /Another run writes to out\.parquet/);
    first.kill("SIGCONT");
    assert.deepEqual((await ended)[0], 0);
    assert.equal((await rides.run(args)).code, 0);
  });
});

describe("an input that changes", () => {
  test("while it is read publishes nothing and exits 75", async () => {
    await using rides = await makeRides();
    const args = [...(await manyFiles(rides)), "-o", "out.parquet"];
    const child = rides.start(args);
    let stderr = "";
    child.stderr?.on("data", (text) => {
      stderr += text;
    });
    await until(async () => (await shardsOf(rides, "out.parquet")) > 0);
    child.kill("SIGSTOP");
    await rides.copy(ridesSql(1, 400), "new.parquet");
    await rename(rides.at("new.parquet"), rides.at("in/part-03.parquet"));
    await utimes(rides.at("in/part-03.parquet"), new Date(), new Date());
    child.kill("SIGCONT");
    const [code] = await once(child, "exit");
    assert.equal(code, 75, stderr);
    assert.match(stderr, /part-03\.parquet changed while it was read/);
    assert.equal(existsSync(rides.at("out.parquet")), false);
  });
});

async function shardsOf(rides: Rides, output: string): Promise<number> {
  const names = await readdir(rides.at(`.${output}.trimaran/staging`)).catch(() => []);
  return names.filter((name) => /^shard-\d+\.json$/.test(name)).length;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < 60_000; waited += 2) {
    if (await isSo()) return;
    await sleep(2);
  }
  assert.fail("it was waited for in vain");
}
