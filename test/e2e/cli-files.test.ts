// Files, pipes and devices as they come to a command line: what is odd about them is taken or told, and nothing half is left.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createWriteStream, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, test } from "node:test";
import { root, spawnCli } from "./spawn-cli.ts";

const model = `${root}examples/ride-duration/lin_reg.bin`;
const folder = mkdtempSync(join(tmpdir(), "trimaran-files-"));
after(() => rmSync(folder, { recursive: true }));

const row = '{"PU_DO": "43_151", "trip_distance": 1.01}';
const place = (name: string): string => join(folder, name);
const write = (name: string, text: string): string => {
  writeFileSync(place(name), text);
  return place(name);
};
/** Nothing but what was put there: no staging file stays. */
const leftovers = (): readonly string[] => readdirSync(folder).filter((name) => name.endsWith(".part"));

let answer = "";
before(async () => {
  answer = (await spawnCli(["predict", model], { stdin: `${row}\n` })).stdout;
  assert.match(answer, /^\{"predict":[\d.]+\}\n$/);
});

describe("rows", () => {
  const sound: readonly (readonly [what: string, name: string, text: string])[] = [
    ["with a byte order mark", "bom.ndjson", `\uFEFF${row}\n`],
    ["with Windows line ends", "crlf.ndjson", `${row}\r\n`],
    ["without a last line end", "no-end.ndjson", row],
    ["as CSV with a byte order mark and Windows line ends", "bom.csv", "\uFEFFPU_DO,trip_distance\r\n43_151,1.01\r\n"],
    ["as CSV without a last line end", "no-end.csv", "PU_DO,trip_distance\n43_151,1.01"],
  ];
  for (const [what, name, text] of sound) {
    test(`${what} are answered alike`, async () => {
      const { code, stdout, stderr } = await spawnCli(["predict", model, "-i", write(name, text)]);
      assert.deepEqual([code, stdout, stderr], [0, answer, ""]);
    });
  }

  test("that are none give no answers, and no error", async () => {
    const { code, stdout } = await spawnCli(["predict", model, "-i", write("empty.ndjson", "")]);
    assert.deepEqual([code, stdout], [0, ""]);
  });

  test("may be answered into their own file", async () => {
    const file = write("own.ndjson", `${row}\n`);
    assert.equal((await spawnCli(["predict", model, "-i", file, "-o", file])).code, 0);
    assert.equal(readFileSync(file, "utf8"), answer);
    assert.deepEqual(leftovers(), []);
  });

  test("come through a named pipe", async () => {
    const pipe = place("pipe");
    execFileSync("mkfifo", [pipe]);
    const asked = spawnCli(["predict", model, "-i", pipe]);
    createWriteStream(pipe).end(`${row}\n`);
    const { code, stdout } = await asked;
    assert.deepEqual([code, stdout], [0, answer]);
  });

  test("of a folder are refused", async () => {
    const { code, stderr } = await spawnCli(["predict", model, "-i", folder]);
    assert.equal(code, 1);
    assert.match(stderr, /it is a folder/);
  });
});

describe("a model", () => {
  for (const device of ["/dev/zero", "/dev/null"]) {
    test(`that is the device ${device} is refused at once`, async () => {
      for (const command of ["inspect", "predict"]) {
        const { code, stderr, elapsedMs } = await spawnCli([command, device]);
        assert.equal(code, 1);
        assert.match(stderr, /^error: /);
        assert.ok(elapsedMs < 20_000);
      }
    });
  }
});

describe("an output", () => {
  test("on a full disk is told as an error", { skip: !existsSync("/dev/full") && "no /dev/full" }, async () => {
    const { code, stderr } = await spawnCli(["predict", model, "-o", "/dev/full"], { stdin: `${row}\n` });
    assert.equal(code, 1);
    assert.match(stderr, /ENOSPC/);
    const shell = spawnSync("bash", [
      "-c",
      `"$0" "$1" export "$2" -o - > /dev/full`,
      process.execPath,
      `${root}bin/trimaran`,
      model,
    ]);
    assert.equal(shell.status, 1);
    assert.match(String(shell.stderr), /ENOSPC/);
  });

  test("that grows beyond the file size limit is told, and leaves nothing", {
    skip: process.platform !== "linux",
  }, () => {
    const rows = write("many.ndjson", `${row}\n`.repeat(20_000));
    const script = `ulimit -f 64; "$0" "$1" predict "$2" -i "$3" -o "$4"`;
    const args = [process.execPath, `${root}bin/trimaran`, model, rows, place("large.ndjson")];
    const { status, stderr } = spawnSync("bash", ["-c", script, ...args], { encoding: "utf8" });
    assert.equal(status, 1);
    assert.match(stderr, /EFBIG/);
    assert.equal(existsSync(place("large.ndjson")), false);
    assert.deepEqual(leftovers(), []);
  });

  test("whose reader went away ends the work quietly", () => {
    const script = `yes "$3" | head -n 200000 | "$0" "$1" predict "$2" | head -n 1; echo "\${PIPESTATUS[2]}"`;
    const args = [process.execPath, `${root}bin/trimaran`, model, row];
    const { stdout, stderr } = spawnSync("bash", ["-c", script, ...args], { encoding: "utf8" });
    assert.equal(stdout, `${answer}0\n`);
    assert.equal(stderr, "");
  });
});

describe("Ctrl-C", () => {
  test("while a named pipe has no writer yet ends with 130", async () => {
    const pipe = place("nobody");
    execFileSync("mkfifo", [pipe]);
    const { code } = await spawnCli(["predict", model, "-i", pipe, "-o", place("never.ndjson")], {
      onStart: (child) => setTimeout(() => child.kill("SIGINT"), 2500),
    });
    assert.equal(code, 130);
    assert.equal(existsSync(place("never.ndjson")), false);
    assert.deepEqual(leftovers(), []);
  });

  test("during an export leaves no file", async () => {
    for (const afterMs of [100, 400, 700]) {
      const { code } = await spawnCli(["export", model, "-o", place("cut.onnx")], {
        onStart: (child) => setTimeout(() => child.kill("SIGINT"), afterMs),
      });
      const isThere = existsSync(place("cut.onnx"));
      // Node itself ends by the signal before our handler stands.
      assert.ok(isThere ? code === 0 : code === 130 || code === null, `${code} after ${afterMs} ms`);
      assert.deepEqual(leftovers(), []);
      rmSync(place("cut.onnx"), { force: true });
    }
  });
});
