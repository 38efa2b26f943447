// `trimaran stream` from file to file, killed with -9 again and again while lines are added: each line has one answer, in order.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const kills = 6;
const lineCount = 20_000;

test("lines that are added while the stream is killed 6 times, and once rotated, have one answer each, in order", async () => {
  const folder = mkdtempSync(join(tmpdir(), "trimaran-stream-kill-"));
  const at = (name: string): string => join(folder, name);
  try {
    writeFileSync(at("in.ndjson"), "");
    let child = startStream(folder, []);
    appendFileSync(at("in.ndjson"), lineOf(0));
    // A group begins with the file that has the name; from then on it follows it.
    while (!existsSync(at("out.ndjson")) || statSync(at("out.ndjson")).size === 0) await sleep(20);
    let written = 1;
    let killed = 0;
    let seed = 7;
    const random = (): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed / 2_147_483_648;
    };
    while (written < lineCount) {
      const some = Math.min(lineCount - written, 100 + Math.floor(random() * 900));
      const text = Array.from({ length: some }, (_, index) => lineOf(written + index)).join("");
      // The last line comes in two parts: half of it is no line.
      appendFileSync(at("in.ndjson"), text.slice(0, -20));
      if (killed < kills && written > (killed * lineCount) / (kills + 1)) {
        // While it begins, while it writes, and while it waits.
        await sleep(random() * 1500);
        await kill(child);
        killed++;
        child = startStream(folder, []);
      }
      appendFileSync(at("in.ndjson"), text.slice(-20));
      written += some;
      if (written > lineCount / 2 && !existsSync(at("in.ndjson.1"))) {
        renameSync(at("in.ndjson"), at("in.ndjson.1"));
        writeFileSync(at("in.ndjson"), "");
      }
    }
    assert.equal(killed, kills);
    await kill(child);
    // What is left is answered to the end, also of the file that was put away.
    const last = startStream(folder, ["--until-end"]);
    const [code] = await once(last, "exit");
    assert.equal(code, 0);

    const answers = readLines(at("out.ndjson")).map((line) => (line["prediction"] as { ride_id: number }).ride_id);
    const letters = readLines(at("dead.ndjson")).map((line) =>
      Number(/"ride_id": (\d+)/.exec(String(line["value"]))?.[1]),
    );
    const all = Array.from({ length: lineCount }, (_, id) => id);
    assert.deepEqual(letters, all.filter(isPoison));
    assert.deepEqual(
      answers,
      all.filter((id) => !isPoison(id)),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

function isPoison(id: number): boolean {
  return id % 97 === 13;
}

function lineOf(id: number): string {
  const distance = isPoison(id) ? -1 : (id % 500) / 10;
  return `{"ride": {"PULocationID": ${1 + (id % 265)}, "DOLocationID": ${1 + ((id * 7) % 265)}, "trip_distance": ${distance}}, "ride_id": ${id}}\n`;
}

function startStream(folder: string, options: readonly string[]): ChildProcess {
  const places = ["--from", "in.ndjson", "--to", "out.ndjson", "--dead-letter", "dead.ndjson"];
  const args = ["stream", join(root, "examples/ride-duration"), ...places, "--batch-size", "500", ...options];
  return spawn(process.execPath, [join(root, "bin/trimaran"), ...args], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, TRIMARAN_LOG_LEVEL: "warn", TRIMARAN_HOME: undefined },
  });
}

async function kill(child: ChildProcess): Promise<void> {
  assert.equal(child.exitCode, null, "the stream ended by itself");
  child.kill("SIGKILL");
  await once(child, "exit");
}

function readLines(file: string): readonly Readonly<Record<string, unknown>>[] {
  const text = readFileSync(file, "utf8");
  assert.ok(text.endsWith("\n"));
  return text
    .slice(0, -1)
    .split("\n")
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}
