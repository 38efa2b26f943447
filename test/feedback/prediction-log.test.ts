// The prediction log: what a line holds, what is left out, what is dropped, and what disks and crashes do to it.
import assert from "node:assert/strict";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { EventRow } from "../../src/feedback/feedback-event.ts";
import { isSampled } from "../../src/feedback/id-share.ts";
import type { LogPlaceOptions, LogProblem } from "../../src/feedback/log-place.ts";
import { type LoggedCall, PredictionLog, type SourceSettings } from "../../src/feedback/prediction-log.ts";
import { readPredictions } from "../../src/feedback/read-events.ts";
import { logFolder, testRow, testSource } from "./fixtures.ts";

function callOf(rows: readonly (EventRow | null)[]): LoggedCall {
  return { rows: rows.length, idOf: (row) => rows[row]?.id ?? "none", rowOf: (row) => rows[row] ?? null };
}

async function logged(
  rows: readonly EventRow[],
  { settings, ...options }: { readonly settings?: SourceSettings } & Partial<LogPlaceOptions> = {},
): Promise<{ readonly log: PredictionLog; readonly lines: string[]; readonly events: Record<string, unknown>[] }> {
  using folder = logFolder();
  const log = new PredictionLog({ root: folder.root, ...options });
  const source = log.source(testSource, settings);
  for (const row of rows) log.add(source, callOf([row]));
  await log.close();
  return { log, lines: folder.lines(), events: folder.lines().map((line) => JSON.parse(line) as never) };
}

describe("a prediction event", () => {
  it("has the members of the contract, in one line", async () => {
    const { events } = await logged([
      testRow("a", { key: "k", warnings: [{ code: "unseen_category", field: "f", count: 1 }] }),
    ]);
    assert.deepEqual(events, [
      {
        id: "a",
        key: "k",
        time: "2026-01-02T03:04:05.000Z",
        ...testSource,
        input: { x: 1 },
        features: { x: 1 },
        output: { twice: 2 },
        warnings: [{ code: "unseen_category", field: "f", count: 1 }],
        latency_ms: 1.235,
      },
    ]);
  });

  it("writes what JSON has no word for soundly", async () => {
    const input = JSON.parse('{"__proto__":{"a":1},"line":"a\\nb\\u2028c\\u0000\\ud800"}') as object;
    const output = {
      big: 12345678901234567890n,
      nan: Number.NaN,
      inf: -Infinity,
      zero: -0,
      at: new Date(0),
      no: undefined,
    };
    const { lines, events } = await logged([testRow("a", { input, output })]);
    assert.equal(lines.length, 1);
    assert.ok(Object.hasOwn(events[0]?.["input"] as object, "__proto__"));
    assert.match(
      lines[0] ?? "",
      /"output":\{"big":12345678901234567890,"nan":null,"inf":"-Infinity","zero":-0,"at":"1970-01-01T00:00:00.000Z"\}/,
    );
  });

  it("holds nothing that is redacted, at any depth, in any of its parts", async () => {
    const secret = { email: "secret", list: [{ email: "secret" }], deep: { email: { x: "secret" } }, kept: 1 };
    const row = testRow("a", { input: secret, features: [secret], extra: secret, raw: secret, output: secret });
    const { lines, events } = await logged([row], { settings: { redact: ["email", "__proto__"] } });
    assert.doesNotMatch(lines[0] ?? "", /secret|email/);
    assert.deepEqual(events[0]?.["extra"], { list: [{}], deep: {}, kept: 1 });
  });

  it("holds no password of a model's URI", async () => {
    using folder = logFolder();
    const log = new PredictionLog({ root: folder.root });
    const models = [{ name: "m", uri: "https://user:pass@host/m.pkl?X-Sig=abc", version: null, digest: "sha256:00" }];
    log.add(log.source({ ...testSource, models }), callOf([testRow("a")]));
    await log.close();
    assert.deepEqual(folder.events()[0]?.["models"], [{ ...models[0], uri: "https://host/m.pkl" }]);
  });

  it("that no JSON can be made of is counted, and the others are written", async () => {
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    const { log, events } = await logged([testRow("a", { input: circle }), testRow("b")]);
    assert.deepEqual(
      events.map(({ id }) => id),
      ["b"],
    );
    assert.equal(log.counts.dropped.not_json, 1);
  });
});

describe("sampling", () => {
  it("keeps the share of ids, the same ids always, and what 0.1 keeps 0.5 keeps too", async () => {
    const ids = Array.from({ length: 20_000 }, (_, index) => `0197-abc/${index}`);
    const kept = new Set(ids.filter((id) => isSampled(id, 0.1)));
    assert.ok(Math.abs(kept.size - 2000) < 200, String(kept.size));
    for (const id of kept) assert.ok(isSampled(id, 0.5));
    const rows = ids.slice(0, 500).map((id) => testRow(id));
    const { events } = await logged(rows, { settings: { sample: 0.1 } });
    assert.deepEqual(
      events.map(({ id }) => id),
      ids.slice(0, 500).filter((id) => kept.has(id)),
    );
    assert.equal((await logged(rows, { settings: { sample: 0 } })).events.length, 0);
  });
});

describe("the prediction log", () => {
  it("passes over rows without an answer, and writes a call of many rows whole", async () => {
    using folder = logFolder();
    const log = new PredictionLog({ root: folder.root, bufferBytes: 100_000 });
    const rows = Array.from({ length: 30_000 }, (_, index) => (index === 7 ? null : testRow(`c/${index}`)));
    log.add(log.source(testSource), callOf(rows));
    assert.equal(await log.flush(), true);
    await log.close();
    assert.equal(folder.lines().length, 29_999);
    assert.equal(log.counts.written, 29_999);
    assert.equal(log.counts.droppedAll, 0);
    assert.equal(
      log.counts.bytes,
      folder.files().reduce((sum, file) => sum + statSync(join(folder.root, file)).size, 0),
    );
  });

  it("drops and counts what comes faster than it can take, and holds no more than that", async () => {
    using folder = logFolder();
    const log = new PredictionLog({ root: folder.root });
    const source = log.source(testSource);
    for (let index = 0; index < 50_000; index++) log.add(source, callOf([testRow(`a${index}`)]));
    await log.close();
    assert.ok(log.counts.dropped.buffer_full > 0);
    assert.equal(log.counts.written + log.counts.dropped.buffer_full, 50_000);
    assert.equal(folder.lines().length, log.counts.written);
  });

  it("lies in <deployment>/<date>/<process>-<n>.ndjson, readable by its owner alone", async () => {
    using folder = logFolder();
    const log = new PredictionLog({ root: folder.root, now: () => Date.parse("2026-03-04T23:59:59Z") });
    log.add(log.source(testSource), callOf([testRow("a")]));
    await log.close();
    const [file = ""] = folder.files();
    assert.match(file, /^small\/2026-03-04\/\d+-[0-9a-f]{8}-0\.ndjson$/);
    assert.equal(statSync(join(folder.root, file)).mode & 0o777, 0o600);
  });

  it("begins a new file at a size, at an age and on a new day, whichever way the clock goes", async () => {
    using folder = logFolder();
    let now = Date.parse("2026-03-04T12:00:00Z");
    const log = new PredictionLog({ root: folder.root, fileBytes: 1000, fileMs: 60, now: () => now });
    const source = log.source(testSource);
    const write = async (id: string): Promise<number> => {
      log.add(source, callOf([testRow(id)]));
      await log.flush();
      return folder.files().length;
    };
    assert.equal(await write("a"), 1);
    now += 86_400_000;
    assert.equal(await write("b"), 2);
    now -= 2 * 86_400_000;
    assert.equal(await write("c"), 3);
    await new Promise((resolve) => setTimeout(resolve, 70));
    assert.equal(await write("d"), 4);
    for (const id of ["e", "f", "g", "h"]) await write(id);
    assert.ok(folder.files().length >= 5);
    await log.close();
    assert.equal(folder.events().length, 8);
  });

  it("keeps no more than it may: the oldest files go first", async () => {
    using folder = logFolder();
    const log = new PredictionLog({ root: folder.root, maxBytes: 20_000, fileBytes: 2000 });
    mkdirSync(folder.root, { recursive: true });
    writeFileSync(join(folder.root, "notes.txt"), "x".repeat(30_000));
    const source = log.source(testSource);
    for (let index = 0; index < 300; index++) {
      log.add(source, callOf([testRow(`a${index}`)]));
      if (index % 5 === 4) await log.flush();
    }
    await log.close();
    const ids = folder.events().map(({ id }) => id);
    const bytes = folder.files().reduce((sum, file) => sum + statSync(join(folder.root, file)).size, 0);
    assert.ok(bytes <= 20_000 && bytes > 10_000, String(bytes));
    assert.ok(ids.includes("a299") && !ids.includes("a0"));
    assert.ok(existsSync(join(folder.root, "notes.txt")));
  });

  it("goes on in a new file when its file was deleted", async () => {
    using folder = logFolder();
    const log = new PredictionLog({ root: folder.root });
    const source = log.source(testSource);
    log.add(source, callOf([testRow("a")]));
    await log.flush();
    rmSync(folder.root, { recursive: true });
    log.add(source, callOf([testRow("b")]));
    await log.close();
    assert.deepEqual(
      folder.events().map(({ id }) => id),
      ["b"],
    );
  });

  it("counts what a folder that cannot be written loses, tells it once, and goes on when it can be again", async () => {
    using folder = logFolder();
    const problems: LogProblem[] = [];
    const log = new PredictionLog({ root: folder.root, onProblem: (problem) => problems.push(problem) });
    // A file stands where the folder should be: not even root can write there.
    writeFileSync(folder.root, "");
    const source = log.source(testSource);
    log.add(source, callOf([testRow("a")]));
    assert.equal(await log.flush(), false);
    for (let index = 0; index < 100; index++) log.add(source, callOf([testRow("b")]));
    await log.flush();
    assert.equal(log.counts.dropped.write_failed, 101);
    assert.deepEqual(
      problems.map(({ kind }) => kind),
      ["failed"],
    );
    rmSync(folder.root);
    await new Promise((resolve) => setTimeout(resolve, 1050));
    log.add(source, callOf([testRow("c")]));
    await log.close();
    assert.deepEqual(
      folder.events().map(({ id }) => id),
      ["c"],
    );
    assert.deepEqual(problems[1], { kind: "recovered", root: folder.root, dropped: 101 });
  });

  it("of a full disk keeps whole lines only", { skip: !existsSync("/dev/full") }, async () => {
    const { LogFile } = await import("../../src/feedback/log-file.ts");
    const { open } = await import("node:fs/promises");
    const file = new LogFile("/dev/full", await open("/dev/full", "a"));
    await assert.rejects(file.append(Buffer.from("{}\n")), { code: "ENOSPC" });
    assert.equal(file.size, 0);
    await file.close();
  });

  it("keeps nobody's process alive", async () => {
    const { execFileSync } = await import("node:child_process");
    using folder = logFolder();
    const at = (name: string): string => JSON.stringify(new URL(`../../src/feedback/${name}`, import.meta.url).href);
    const code = `const { PredictionLog } = await import(${at("prediction-log.ts")});
      const log = new PredictionLog({ root: ${JSON.stringify(folder.root)}, flushMs: 60_000 });
      log.add(log.source(${JSON.stringify(testSource)}), { rows: 0 });`;
    execFileSync(process.execPath, ["--input-type=module", "-e", code], { timeout: 20_000 });
  });
});

describe("reading predictions", () => {
  const ids = async (root: string): Promise<string[]> => {
    const found: string[] = [];
    for await (const { id } of readPredictions(root, "small")) found.push(id);
    return found;
  };

  it("drops repeats, and keeps the shadow's answer beside the champion's", async () => {
    using folder = logFolder();
    const log = new PredictionLog({ root: folder.root });
    for (const role of ["champion", "champion", "shadow"] as const)
      log.add(log.source({ ...testSource, role }), callOf([testRow("a"), testRow("b")]));
    await log.close();
    assert.equal(folder.lines().length, 6);
    assert.deepEqual(await ids(folder.root), ["a", "b", "a", "b"]);
    assert.deepEqual(await ids(join(folder.root, "nothing")), []);
  });

  it("passes over a line that a crash cut off, at whatever byte", async () => {
    using folder = logFolder();
    const log = new PredictionLog({ root: folder.root });
    log.add(log.source(testSource), callOf([testRow("a"), testRow("b\u2028é")]));
    await log.close();
    const [file = ""] = folder.files();
    const [, line = ""] = folder.lines();
    const bytes = Buffer.from(line.replace('"b', '"cut'));
    const torn = join(folder.root, file.replace("-0.", "-1."));
    for (let end = 0; end < bytes.length; end++) {
      writeFileSync(torn, bytes.subarray(0, end));
      assert.deepEqual(await ids(folder.root), ["a", "b\u2028é"], String(end));
    }
    appendFileSync(torn, `${line.slice(-1)}\n`);
    chmodSync(torn, 0o600);
    assert.equal(readdirSync(join(folder.root, file, "..")).length, 2);
    assert.equal((await ids(folder.root)).length, 3);
  });
});
