// `trimaran score` from and to S3, on a real server that speaks it, also through a proxy that breaks answers.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { S3Objects } from "../../../../src/io/blobs/s3-objects.ts";
import { type S3Gateway, s3Gateway, skipS3 } from "../../../io/blobs/s3-gateway.ts";
import { courseBatch, makeRides, type Rides, ridesSql } from "../rides.ts";
import { unreliableProxy } from "./unreliable-proxy.ts";

const never = new AbortController().signal;

async function put(gateway: S3Gateway, rides: Rides, names: readonly string[]): Promise<void> {
  await using objects = await S3Objects.open(gateway.bucket, gateway.env);
  for (const name of names) await objects.upload(name, rides.at(name), { signal: never });
}

async function get(gateway: S3Gateway, key: string): Promise<Uint8Array | null> {
  await using objects = await S3Objects.open(gateway.bucket, gateway.env);
  return (await objects.read(key))?.bytes ?? null;
}

async function keys(gateway: S3Gateway, prefix: string): Promise<readonly string[]> {
  await using objects = await S3Objects.open(gateway.bucket, gateway.env);
  const found: string[] = [];
  for await (const { key } of objects.list(prefix)) found.push(key);
  return found.sort();
}

/** What a reader would take for a result. */
async function outputs(rides: Rides): Promise<readonly string[]> {
  return (await readdir(rides.path)).filter((name) => name.startsWith("out"));
}

describe("trimaran score with S3", { skip: skipS3 }, () => {
  test("reads a pattern of objects and writes a partition: the same bytes as from and to this disk", async () => {
    await using gateway = await s3Gateway();
    await using rides = await makeRides();
    for (const [name, from] of [
      ["2021/03.parquet", 0],
      ["2021/04.parquet", 500],
      ["2021/_temporary/05.parquet", 900],
    ] as const) {
      await rides.copy(ridesSql(from, from + 400), `data/${name}`);
      await put(gateway, rides, [`data/${name}`]);
    }
    const definition = await rides.definition(courseBatch);
    const local = await rides.run([definition, "-i", "data/**/*.parquet", "-o", "local/"]);
    assert.equal(local.code, 0, local.stderr);
    const out = "s3://artifacts/scored/year=2021/";
    const ran = await rides.run(
      [definition, "-i", "s3://artifacts/data/**/*.parquet", "-o", out, "--json"],
      gateway.env,
    );
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(JSON.parse(ran.stdout).output, "s3://artifacts/scored/year=2021/predictions.parquet");
    assert.deepEqual(
      Buffer.from((await get(gateway, "scored/year=2021/predictions.parquet")) ?? []),
      await readFile(rides.at("local/predictions.parquet")),
    );
    assert.deepEqual(await keys(gateway, "scored/"), [
      "scored/year=2021/_trimaran/manifest.json",
      "scored/year=2021/predictions.parquet",
    ]);
    const manifest = JSON.parse(
      Buffer.from((await get(gateway, "scored/year=2021/_trimaran/manifest.json")) ?? []).toString(),
    );
    assert.deepEqual(
      manifest.inputs.map((each: { name: string }) => each.name),
      ["2021/03", "2021/04"],
    );
    assert.match(manifest.inputs[0].etag, /^"/);
    const again = await rides.run(
      [definition, "-i", "s3://artifacts/data/**/*.parquet", "-o", out, "--dry-run", "--json"],
      gateway.env,
    );
    assert.equal(JSON.parse(again.stdout).state, "done", again.stderr);
  });

  test("writes what it rejected beside the object, and takes it away when nothing is rejected any more", async () => {
    await using gateway = await s3Gateway();
    await using rides = await makeRides();
    await rides.copy(ridesSql(0, 300).replace("1 + i % 260", "i % 260"), "bad.parquet");
    await rides.copy(ridesSql(0, 300), "good.parquet");
    const definition = await rides.definition(courseBatch);
    const bad = await rides.run(
      [definition, "-i", "bad.parquet", "-o", "s3://artifacts/x/scores.parquet"],
      gateway.env,
    );
    assert.equal(bad.code, 0, bad.stderr);
    assert.ok((await keys(gateway, "x/")).includes("x/.scores.parquet.trimaran/_rejects/rejects.ndjson"));
    const good = await rides.run(
      [definition, "-i", "good.parquet", "-o", "s3://artifacts/x/scores.parquet"],
      gateway.env,
    );
    assert.equal(good.code, 0, good.stderr);
    assert.deepEqual(await keys(gateway, "x/"), ["x/.scores.parquet.trimaran/manifest.json", "x/scores.parquet"]);
  });

  test("goes on where an answer was cut, and waits where the store answers 503", async () => {
    await using gateway = await s3Gateway();
    await using rides = await makeRides();
    await rides.copy(ridesSql(0, 30_000), "rides.parquet");
    await put(gateway, rides, ["rides.parquet"]);
    const definition = await rides.definition(courseBatch);
    await using proxy = await unreliableProxy(gateway.env["MLFLOW_S3_ENDPOINT_URL"] ?? "");
    const ranges: (string | null)[] = [];
    let refused = 0;
    proxy.fault = ({ method, range }) => {
      if (method === "HEAD" && refused++ < 2) return "503";
      if (method !== "GET") return "pass";
      ranges.push(range);
      return ranges.length < 3 ? { cutAfter: 20_000 } : "pass";
    };
    const env = { ...gateway.env, MLFLOW_S3_ENDPOINT_URL: proxy.url };
    const ran = await rides.run([definition, "-i", "s3://artifacts/rides.parquet", "-o", "out.parquet"], env);
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(ranges[0], null);
    assert.match(ranges[1] ?? "", /^bytes=[1-9]\d*-$/);
    assert.match(ranges[2] ?? "", /^bytes=[1-9]\d*-$/);
    const direct = await rides.run([definition, "-i", "rides.parquet", "-o", "direct.parquet"]);
    assert.equal(direct.code, 0, direct.stderr);
    assert.deepEqual(await readFile(rides.at("out.parquet")), await readFile(rides.at("direct.parquet")));
  });

  test("publishes nothing and ends with 75 where the store keeps answering 503, or cuts every answer", async () => {
    await using gateway = await s3Gateway();
    await using rides = await makeRides();
    await rides.copy(ridesSql(0, 3000), "rides.parquet");
    await put(gateway, rides, ["rides.parquet"]);
    const definition = await rides.definition(courseBatch);
    await using proxy = await unreliableProxy(gateway.env["MLFLOW_S3_ENDPOINT_URL"] ?? "");
    const env = { ...gateway.env, MLFLOW_S3_ENDPOINT_URL: proxy.url };
    for (const [fault, code] of [
      ["503", "BLOB_STORE"],
      [{ cutAfter: 0 }, "BLOB_CUT"],
    ] as const) {
      proxy.fault = ({ method }) => (method === "GET" ? fault : "pass");
      const ran = await rides.run(
        [definition, "-i", "s3://artifacts/rides.parquet", "-o", "out.parquet", "--json"],
        env,
      );
      assert.equal(ran.code, 75, ran.stderr);
      assert.equal(JSON.parse(ran.stderr.trim().split("\n").at(-1) ?? "").error.code, code);
      assert.deepEqual(await outputs(rides), []);
    }
    proxy.fault = ({ method }) => (method === "PUT" ? "503" : "pass");
    const out = await rides.run([definition, "-i", "rides.parquet", "-o", "s3://artifacts/out.parquet"], env);
    assert.equal(out.code, 75, out.stderr);
    assert.deepEqual(await keys(gateway, "out"), []);
    proxy.fault = () => "pass";
    const again = await rides.run(
      [definition, "-i", "rides.parquet", "-o", "s3://artifacts/out.parquet", "--json"],
      env,
    );
    assert.equal(again.code, 0, again.stderr);
    const { shards } = JSON.parse(again.stdout);
    assert.equal(shards.kept, shards.total);
  });

  test("an object that becomes another one while it is read is told, with 75", async () => {
    await using gateway = await s3Gateway();
    await using rides = await makeRides();
    await rides.copy(ridesSql(0, 3000), "rides.parquet");
    await rides.copy(ridesSql(5, 3005), "other.parquet");
    await put(gateway, rides, ["rides.parquet"]);
    const definition = await rides.definition(courseBatch);
    await using proxy = await unreliableProxy(gateway.env["MLFLOW_S3_ENDPOINT_URL"] ?? "");
    const env = { ...gateway.env, MLFLOW_S3_ENDPOINT_URL: proxy.url };
    const other = await readFile(rides.at("other.parquet"));
    await using objects = await S3Objects.open(gateway.bucket, gateway.env);
    let isWritten: Promise<void> | null = null;
    proxy.fault = ({ method }) => {
      if (method !== "GET") return "pass";
      isWritten ??= objects.put("rides.parquet", other);
      return { cutAfter: 5000 };
    };
    const ran = await rides.run([definition, "-i", "s3://artifacts/rides.parquet", "-o", "out.parquet", "--json"], env);
    await isWritten;
    assert.equal(ran.code, 75, ran.stderr);
    assert.equal(JSON.parse(ran.stderr.trim().split("\n").at(-1) ?? "").error.code, "BATCH_CHANGED");
    assert.deepEqual(await outputs(rides), []);
  });

  test("of two runs on two machines, the one that publishes second says that another one writes there", async () => {
    await using gateway = await s3Gateway();
    await using rides = await makeRides();
    await rides.copy(ridesSql(0, 3000), "rides.parquet");
    const definition = await rides.definition(courseBatch);
    await using proxy = await unreliableProxy(gateway.env["MLFLOW_S3_ENDPOINT_URL"] ?? "");
    const env = { ...gateway.env, MLFLOW_S3_ENDPOINT_URL: proxy.url };
    await using objects = await S3Objects.open(gateway.bucket, gateway.env);
    let isOther: Promise<void> | null = null;
    let isThere = false;
    proxy.fault = ({ method, url }) => {
      if (method !== "PUT" || !url.includes("out.parquet") || isThere) return "pass";
      // Between our look and our write, which is put off for so long.
      isOther ??= objects.put("out.parquet", Buffer.from("of another run")).then(() => {
        isThere = true;
      });
      return "503";
    };
    const ran = await rides.run([definition, "-i", "rides.parquet", "-o", "s3://artifacts/out.parquet", "--json"], env);
    await isOther;
    assert.equal(ran.code, 75, ran.stderr);
    assert.equal(JSON.parse(ran.stderr.trim().split("\n").at(-1) ?? "").error.code, "BATCH_BUSY");
    assert.equal(Buffer.from((await get(gateway, "out.parquet")) ?? []).toString(), "of another run");
  });

  test("no object, no bucket and wrong keys are told as such", async () => {
    await using gateway = await s3Gateway();
    await using rides = await makeRides();
    const definition = await rides.definition(courseBatch);
    const ask = async (url: string, env: Readonly<Record<string, string>> = {}): Promise<[number | null, string]> => {
      const ran = await rides.run([definition, "-i", url, "-o", "out.parquet", "--json"], { ...gateway.env, ...env });
      return [ran.code, JSON.parse(ran.stderr.trim().split("\n").at(-1) ?? "").error.code];
    };
    assert.deepEqual(await ask("s3://artifacts/none/*.parquet"), [1, "BATCH_INPUT"]);
    assert.deepEqual(await ask("s3://artifacts/none.parquet"), [1, "BATCH_INPUT"]);
    assert.deepEqual(await ask("s3://nobucket/*.parquet"), [1, "BLOB_BUCKET"]);
    assert.deepEqual(await ask("s3://artifacts/x.parquet", { AWS_SECRET_ACCESS_KEY: "wrong" }), [1, "BLOB_DENIED"]);
    assert.deepEqual(await ask("s3://artifacts"), [1, "BATCH_URL"]);
    await rides.copy(ridesSql(0, 10), "rides.parquet");
    const out = await rides.run([definition, "-i", "rides.parquet", "-o", "s3://nobucket/x.parquet"], gateway.env);
    assert.equal(out.code, 1);
    assert.match(out.stderr, /no bucket nobucket/);
  });
});
