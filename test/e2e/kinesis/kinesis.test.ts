// The function against moto's emulator of Kinesis with boto3 as the client, and against a script of the course's shape.
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { makePythonEnvironment } from "../../../scripts/python-environment.ts";
import { root } from "../spawn-cli.ts";
import { kinesisPython } from "./environment.ts";
import { type Streams, startFunction, startStreams } from "./processes.ts";

const run = promisify(execFile);
const example = "examples/ride-duration";
const python = await makePythonEnvironment(kinesisPython).catch(() => undefined);
const skip = python === undefined ? "pip cannot install moto and boto3 here" : false;

interface Told {
  readonly data: string;
  readonly key: string;
}

interface Invoked {
  readonly error: string | null;
  readonly payload: { readonly predictions: readonly unknown[]; readonly batchItemFailures?: unknown };
}

describe("the function on this machine", { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), "trimaran-kinesis-"));
  let streams: Streams;
  before(async () => {
    streams = await startStreams(python!);
  });
  after(async () => {
    await streams?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  /** As it is but for the port: tests run beside one another. */
  async function runCourseScript(port: number): Promise<void> {
    const script = readFileSync(`${root}test/e2e/kinesis/course_test.py`, "utf8");
    const place = join(folder, "course_test.py");
    writeFileSync(place, script.replace("localhost:8080", `127.0.0.1:${port}`));
    const { stdout } = await run(python!, [place]);
    assert.match(stdout, /^diff=\{\}$/m);
  }

  test("answers the course's test script", async () => {
    const model = `${root}${example}/lin_reg.bin`;
    const env = { TEST_RUN: "True", RUN_ID: "Test123", MODEL_LOCATION: model };
    await using lambda = await startFunction(example, env);
    await runCourseScript(lambda.port);
  });

  test("reads what boto3 put into a stream, and writes what boto3 reads from another; poison goes aside", async () => {
    for (const stream of ["ride_events", "predictions", "dead"]) await streams.call("create", stream);
    const rides = Array.from({ length: 700 }, (_, id) => ({
      data: `{"ride":{"PULocationID":${(id % 260) + 1},"DOLocationID":205,"trip_distance":${id / 100}},"ride_id":${id}}`,
      key: String(id % 7),
    }));
    rides[13] = { data: "{not json", key: "13" };
    rides[499] = { data: '{"ride":{"PULocationID":0,"DOLocationID":1,"trip_distance":1},"ride_id":499}', key: "499" };
    await streams.call("put", "ride_events", rides);
    await using lambda = await startFunction(example, {
      KINESIS_ENDPOINT_URL: streams.url,
      PREDICTIONS_STREAM_NAME: "predictions",
      DEAD_LETTER_STREAM_NAME: "dead",
    });
    const event = await streams.call("event", "ride_events");
    const { error, payload } = await streams.call<Invoked>("invoke", new URL(lambda.url).origin, event);
    assert.equal(error, null);
    assert.equal(payload.batchItemFailures, undefined);
    assert.equal(payload.predictions.length, 698);
    const written = await streams.call<Told[]>("texts", "predictions");
    assert.deepEqual(
      written.map(({ data }) => JSON.parse(data) as unknown),
      payload.predictions,
    );
    const kept = rides.map((_, id) => id).filter((id) => id !== 13 && id !== 499);
    assert.deepEqual(
      written.map(({ key }) => key),
      kept.map(String),
    );
    const dead = await streams.call<Told[]>("texts", "dead");
    assert.deepEqual(
      dead.map(({ data, key }) => {
        const letter = JSON.parse(data) as { error: { code: string; path: string }; data: string };
        return [key, letter.error.code, letter.error.path, Buffer.from(letter.data, "base64").toString()];
      }),
      [
        ["13", "not_json", "", rides[13].data],
        ["499", "out_of_range", "/ride/PULocationID", rides[499].data],
      ],
    );
  });

  test("takes apart what the Kinesis Producer Library has packed into one", async () => {
    for (const stream of ["packed", "packed_predictions"]) await streams.call("create", stream);
    const rides = Array.from({ length: 300 }, (_, id) => ({
      data: `{"ride":{"PULocationID":1,"DOLocationID":2,"trip_distance":${id}},"ride_id":${id}}`,
      key: `k${id % 3}`,
    }));
    await streams.call("put_packed", "packed", rides.slice(0, 200));
    await streams.call("put", "packed", rides.slice(200, 201));
    await streams.call("put_packed", "packed", rides.slice(201));
    const env = { KINESIS_ENDPOINT_URL: streams.url, PREDICTIONS_STREAM_NAME: "packed_predictions" };
    await using lambda = await startFunction(example, env);
    const event = await streams.call<{ Records: readonly unknown[] }>("event", "packed");
    assert.equal(event.Records.length, 3);
    const { payload } = await streams.call<Invoked>("invoke", new URL(lambda.url).origin, event);
    assert.equal(payload.predictions.length, 300);
    const written = await streams.call<Told[]>("texts", "packed_predictions");
    assert.deepEqual(
      written.map(({ key }) => key),
      rides.map((_, id) => String(id)),
    );
  });

  test("says that its stream is not there", async () => {
    await streams.call("create", "lonely");
    await streams.call("put", "lonely", [
      { data: '{"ride":{"PULocationID":1,"DOLocationID":1,"trip_distance":1},"ride_id":1}', key: "1" },
    ]);
    const env = { KINESIS_ENDPOINT_URL: streams.url, PREDICTIONS_STREAM_NAME: "nowhere" };
    await using lambda = await startFunction(example, env);
    const event = await streams.call("event", "lonely");
    const told = await streams.call<{ error: string; payload: { errorType: string } }>(
      "invoke",
      new URL(lambda.url).origin,
      event,
    );
    assert.deepEqual([told.error, told.payload.errorType], ["Unhandled", "KINESIS_STREAM"]);
  });

  test("is packaged: its folder installs, answers the script by handler and by command, and its template is sound", async () => {
    const out = join(folder, "lambda");
    const args = [`${root}bin/trimaran`, "package", example, "--out", out, "--for", "lambda"];
    execFileSync(process.execPath, args, { cwd: root, stdio: "pipe" });
    execFileSync("npm", ["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"], {
      cwd: out,
      stdio: "pipe",
    });
    const check = [`${root}test/e2e/kinesis/check_template.py`, join(out, "template.yaml"), folder];
    assert.equal((await run(python!, check)).stdout, "");
    const env = { TEST_RUN: "True", RUN_ID: "Test123", MODEL_LOCATION: join(out, "app/ride-duration/lin_reg.bin") };
    await using lambda = await startFunction("app/ride-duration/deployment.ts", env, out);
    await runCourseScript(lambda.port);
    const event = await streams.call("event", "lonely");
    const script = `const { handler } = await import("./handler.mjs"); console.log(JSON.stringify(await handler(${JSON.stringify(event)}, {})));`;
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script], {
      cwd: out,
      env: { ...process.env, ...env },
    });
    const { predictions } = JSON.parse(stdout) as { predictions: readonly { prediction: { ride_id: number } }[] };
    assert.deepEqual(
      predictions.map(({ prediction }) => prediction.ride_id),
      [1],
    );
  });
});
