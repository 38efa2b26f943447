// `trimaran stream` as a process: how it ends, what it tells on its port, how its model is exchanged, what it refuses.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../spawn-cli.ts";

const ride = join(root, "examples/ride-duration");
const folders: string[] = [];
const children: ChildProcess[] = [];
after(() => {
  for (const child of children) if (child.exitCode === null) child.kill("SIGKILL");
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "trimaran-stream-cli-"));
  folders.push(folder);
  return folder;
}

function message(id: number, distance = 3.66): string {
  return `{"ride": {"PULocationID": 130, "DOLocationID": 205, "trip_distance": ${distance}}, "ride_id": ${id}}\n`;
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  /** All of it so far. */
  stderr(): string;
}

function start(folder: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const child = spawn(process.execPath, [join(root, "bin/trimaran"), "stream", ...args], {
    cwd: folder,
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1", NODE_TEST_CONTEXT: undefined, TRIMARAN_HOME: undefined, ...env },
  });
  children.push(child);
  let text = "";
  child.stderr.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  child.stdout.resume();
  return { child, ended: once(child, "close").then(([code]) => code as number | null), stderr: () => text };
}

async function until(isSo: () => boolean, what: () => string): Promise<void> {
  const end = performance.now() + 60_000;
  while (!isSo()) {
    assert.ok(performance.now() < end, what());
    await sleep(20);
  }
}

const linesOf = (file: string): readonly string[] =>
  existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
const places = ["--from", "in.ndjson", "--to", "out.ndjson", "--dead-letter", "dead.ndjson"];

describe("trimaran stream", () => {
  for (const [signal, expected] of [
    ["SIGTERM", 0],
    ["SIGINT", 130],
  ] as const) {
    test(`ends with ${expected} on ${signal}, with everything committed that it answered`, async () => {
      const folder = newFolder();
      writeFileSync(join(folder, "in.ndjson"), message(1) + message(2));
      const running = start(folder, [ride, ...places]);
      await until(() => linesOf(join(folder, "out.ndjson")).length === 2, running.stderr);
      running.child.kill(signal);
      assert.equal(await running.ended, expected, running.stderr());
      const again = start(folder, [ride, ...places, "--until-end"]);
      assert.equal(await again.ended, 0);
      assert.equal(linesOf(join(folder, "out.ndjson")).length, 2);
    });
  }

  test("tells its health and its counts on the metrics port, and exchanges its model between two records", async () => {
    const folder = newFolder();
    const target = join(folder, "ride");
    cpSync(ride, target, { recursive: true });
    writeFileSync(join(folder, "in.ndjson"), `${message(1)}{\n${message(2)}`);
    const running = start(folder, [target, ...places, "--metrics-port", "0", "--prediction-log"]);
    await until(() => /Metrics on port \d+/.test(running.stderr()), running.stderr);
    const port = /Metrics on port (\d+)/.exec(running.stderr())?.[1];
    const get = async (path: string): Promise<[number, string]> => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      return [response.status, await response.text()];
    };
    const out = join(folder, "out.ndjson");
    await until(() => linesOf(out).length === 2, running.stderr);
    assert.equal((await get("/health/live"))[0], 200);
    assert.equal((await get("/health/ready"))[0], 200);
    assert.equal((await get("/nothing"))[0], 404);
    const [, metrics] = await get("/metrics");
    assert.match(metrics, /trimaran_stream_records_total\{topic="in.ndjson",partition="0"\} 3/);
    assert.match(metrics, /trimaran_stream_poison_total\{topic="in.ndjson",partition="0"\} 1/);

    const renamed = readFileSync(join(target, "deployment.ts"), "utf8").replace(
      '"ride_duration_prediction_model"',
      '"second"',
    );
    writeFileSync(join(target, "deployment.ts"), renamed);
    let id = 3;
    await until(() => {
      appendFileSync(join(folder, "in.ndjson"), message(id++));
      return linesOf(out).some((line) => line.includes('"model":"second"'));
    }, running.stderr);
    running.child.kill("SIGTERM");
    assert.equal(await running.ended, 0, running.stderr());
    const ids = linesOf(out).map(
      (line) => (JSON.parse(line) as { prediction: { ride_id: number } }).prediction.ride_id,
    );
    assert.deepEqual(
      ids,
      ids.map((_, at) => at + 1),
    );
    // What was answered is in the prediction log, by its place.
    const events = globSync(join(folder, ".trimaran/predictions/ride-duration/*/*.ndjson")).flatMap(linesOf);
    const named = events.map((line) => JSON.parse(line) as { id: string; door: string });
    assert.equal(named[0]?.id, "in.ndjson/0/0");
    assert.equal(named[1]?.id, "in.ndjson/0/2");
    assert.equal(named[0]?.door, "stream");
    assert.equal(named.length, ids.length);
  });

  test("takes what was true from messages of any form, beside the stream", async () => {
    const folder = newFolder();
    const target = join(folder, "ride");
    cpSync(ride, target, { recursive: true });
    const definition = readFileSync(join(target, "deployment.ts"), "utf8");
    const section = 'truth: { key: "ride.id", value: "took" },\n    at: "ride",';
    writeFileSync(join(target, "deployment.ts"), definition.replace('at: "ride",', section));
    writeFileSync(join(folder, "in.ndjson"), message(1));
    writeFileSync(join(folder, "truth.ndjson"), '{"ride":{"id":7},"took":12.5}\nbad\n{"ride":{},"took":1}\n');
    const running = start(folder, [target, ...places, "--truth", "truth.ndjson", "--until-end"]);
    assert.equal(await running.ended, 0, running.stderr());
    const events = globSync(join(folder, ".trimaran/truth/ride-duration/*/*.ndjson")).flatMap(linesOf);
    const [event] = events.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    assert.equal(events.length, 1);
    assert.deepEqual([event?.["key"], event?.["value"], event?.["source"]], ["7", 12.5, "stream"]);
    assert.match(running.stderr(), /truth\.ndjson\/0\/1 is no truth/);
  });

  test("refuses what could not be right, with the code that says why", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, "in.ndjson"), message(1));
    const refusals: readonly (readonly [code: string, args: readonly string[], exit: number])[] = [
      ["STREAM_SAME_PLACE", ["--from", "in.ndjson", "--to", "./in.ndjson"], 1],
      ["STREAM_SAME_PLACE", ["--from", "in.ndjson", "--to", "o.ndjson", "--dead-letter", "file:o.ndjson"], 1],
      ["STREAM_URL", ["--from", "redis://x/y", "--to", "o.ndjson"], 1],
      ["STREAM_FILE", ["--from", "none.ndjson", "--to", "o.ndjson"], 1],
      ["STREAM_MIXED", ["--from", "in.ndjson", "--to", "kafka://localhost:1/t"], 1],
      ["USAGE_INVALID", ["--from", "in.ndjson", "--to", "o.ndjson", "--max-poison-rate", "most"], 2],
    ];
    for (const [code, args, exit] of refusals) {
      const running = start(folder, [ride, ...args, "--json", "--until-end"]);
      assert.equal(await running.ended, exit, running.stderr());
      const last = running.stderr().trim().split("\n").at(-1) ?? "";
      assert.equal((JSON.parse(last) as { error: { code: string } }).error.code, code);
    }
  });

  test("answers what stands before a record that it has no place for, and goes on with it when it is mended", async () => {
    const folder = newFolder();
    const input = join(folder, "in.ndjson");
    const out = join(folder, "out.ndjson");
    const args = [ride, "--from", "in.ndjson", "--to", "out.ndjson", "--until-end", "--json"];
    writeFileSync(input, message(1) + message(2) + message(3, -1) + message(4));
    for (const _ of [1, 2]) {
      const running = start(folder, args);
      assert.equal(await running.ended, 1, running.stderr());
      assert.match(running.stderr(), /in\.ndjson\/0\/2 /);
      assert.equal(linesOf(out).length, 2);
    }
    writeFileSync(input, message(1) + message(2) + message(3) + message(4));
    const mended = start(folder, args);
    assert.equal(await mended.ended, 0, mended.stderr());
    assert.deepEqual(
      linesOf(out).map((line) => /"ride_id": ?(\d)/.exec(line)?.[1]),
      ["1", "2", "3", "4"],
    );
    const piped = start(folder, [ride, "--to", "piped.ndjson"]);
    piped.child.stdin?.end(message(1) + message(2, -1) + message(3));
    assert.equal(await piped.ended, 1, piped.stderr());
    assert.equal(linesOf(join(folder, "piped.ndjson")).length, 1);
  });

  test("lets one process alone read a file for a group, and write a file", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, "in.ndjson"), message(1));
    const first = start(folder, [ride, ...places]);
    await until(() => linesOf(join(folder, "out.ndjson")).length === 1, first.stderr);
    const second = start(folder, [ride, "--from", "in.ndjson", "--to", "o.ndjson", "--json"]);
    assert.equal(await second.ended, 1);
    assert.match(second.stderr(), /"STREAM_BUSY"/);
    const third = start(folder, [ride, "--from", "in.ndjson", "--to", "out.ndjson", "--group", "other", "--json"]);
    assert.equal(await third.ended, 1);
    assert.match(third.stderr(), /"STREAM_BUSY_OUTPUT"/);
    first.child.kill("SIGTERM");
    assert.equal(await first.ended, 0);
  });

  test("sends dead letters back while the stream runs, each once", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, "in.ndjson"), `${message(1)}${message(2, -1)}`);
    const running = start(folder, [ride], {
      TRIMARAN_FROM: "in.ndjson",
      TRIMARAN_TO: "out.ndjson",
      TRIMARAN_DEAD_LETTER: "dead.ndjson",
    });
    await until(() => linesOf(join(folder, "dead.ndjson")).length === 1, running.stderr);
    writeFileSync(
      join(folder, "mended.ndjson"),
      readFileSync(join(folder, "dead.ndjson"), "utf8").replace("-1}", "1}"),
    );
    for (const sent of [1, 0]) {
      const replay = start(folder, ["replay", "--from", "mended.ndjson", "--to", "in.ndjson"]);
      assert.equal(await replay.ended, 0, replay.stderr());
      assert.match(replay.stderr(), new RegExp(`${sent} records? sent back`));
    }
    await until(() => linesOf(join(folder, "out.ndjson")).length === 2, running.stderr);
    running.child.kill("SIGTERM");
    assert.equal(await running.ended, 0);
  });
});
