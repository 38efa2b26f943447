// The command line as a real process: pipes, signals, exit codes, memory.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { root, spawnCli } from "./spawn-cli.ts";

const ride = `${root}examples/ride-duration`;
const folder = mkdtempSync(join(tmpdir(), "trimaran-process-"));
after(() => rmSync(folder, { recursive: true }));

async function* rides(count: number): AsyncGenerator<string> {
  const block = 1000;
  for (let from = 0; from < count; from += block) {
    let text = "";
    for (let row = from; row < Math.min(from + block, count); row++) {
      text += `{"PULocationID": ${(row % 265) + 1}, "DOLocationID": ${((row * 7) % 265) + 1}, "trip_distance": ${row / 1000}}\n`;
    }
    yield text;
  }
}

async function* endlessRides(): AsyncGenerator<string> {
  for (;;) yield* rides(1000);
}

describe("predict in a pipe", () => {
  test("answers 200,000 rows in the memory of 20,000", async () => {
    const few = await spawnCli(["predict", ride], { stdin: rides(20_000), keepChars: 200 });
    const many = await spawnCli(["predict", ride], { stdin: rides(200_000), keepChars: 200 });
    assert.equal(few.code, 0);
    assert.equal(many.code, 0);
    assert.equal(many.stdoutLines, 200_000);
    const more = many.peakBytes - few.peakBytes;
    assert.ok(more < 60e6, `${more} bytes more for ten times the rows (${many.peakBytes} in all)`);
  });

  test("ends quietly when its reader goes away", async () => {
    const result = await spawnCli(["predict", ride], {
      stdin: endlessRides(),
      keepChars: 1000,
      onText: (_, child) => child.stdout?.destroy(),
    });
    assert.equal(result.stderr, "");
    assert.equal(result.code, 0);
  });

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    test(`stops on ${signal} with 130 and leaves no file behind`, async () => {
      const output = join(folder, "out.ndjson");
      let isSent = false;
      async function* watched(): AsyncGenerator<string> {
        for await (const text of endlessRides()) {
          yield text;
          await new Promise((resolve) => setTimeout(resolve, 5));
          if (!isSent && readdirSync(folder).some((name) => name.endsWith(".part"))) {
            isSent = true;
            child.kill(signal);
          }
          if (isSent) return;
        }
      }
      const child = spawn(process.execPath, [`${root}bin/trimaran`, "predict", ride, "-o", output], { stdio: "pipe" });
      const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
      child.stdin.on("error", () => {});
      for await (const text of watched()) child.stdin.write(text);
      assert.equal(await ended, 130);
      assert.deepEqual(readdirSync(folder), []);
    });
  }
});

describe("serve as a process", () => {
  const portOf = (text: string): string | undefined => /"port":(\d+)/.exec(text)?.[1];

  for (const [signal, code] of [
    ["SIGTERM", 0],
    ["SIGINT", 130],
  ] as const) {
    test(`answers, and on ${signal} drains and exits with ${code}`, async () => {
      let answer: Promise<string> | undefined;
      const result = await spawnCli(["serve", ride, "--port", "0", "--json"], {
        onText: (text, child) => {
          const port = portOf(text);
          if (port === undefined || answer !== undefined) return;
          const body = '{"PULocationID": 10, "DOLocationID": 50, "trip_distance": 40}';
          const headers = { "content-type": "application/json" };
          answer = fetch(`http://127.0.0.1:${port}/predict`, { method: "POST", body, headers }).then((reply) =>
            reply.text(),
          );
          answer.finally(() => child.kill(signal));
        },
      });
      assert.equal(await answer, '{"duration":22.625182479499}');
      assert.equal(result.code, code);
      assert.equal(result.signal, null);
    });
  }

  test("the curl line that it prints gets the answer that it prints", async () => {
    let replied: Promise<string> | undefined;
    const result = await spawnCli(["serve", ride, "--port", "0", "--log-format", "text"], {
      onText: (text, child) => {
        if (replied !== undefined || !text.includes("It answers:")) return;
        const line = /^ {2}(curl .*)$/m.exec(text)?.[1] ?? "";
        replied = new Promise((resolve) => {
          const shell = spawn("sh", ["-c", `${line} -s`], { stdio: ["ignore", "pipe", "ignore"] });
          let reply = "";
          shell.stdout.setEncoding("utf8").on("data", (part: string) => {
            reply += part;
          });
          shell.on("close", () => resolve(reply));
        });
        replied.finally(() => child.kill("SIGTERM"));
      },
    });
    const printed = /It answers:\n {2}(.*)\n/.exec(result.stderr)?.[1];
    assert.equal(await replied, printed);
    assert.equal(printed, '{"duration":22.625182479499}');
    assert.equal(result.code, 0);
  });
});

describe("exit codes of the process", () => {
  test("2 for wrong usage, 1 for a failure, 0 for help", async () => {
    assert.equal((await spawnCli(["serve", ride, "--prot", "1"])).code, 2);
    assert.equal((await spawnCli(["inspect", join(folder, "nowhere")])).code, 1);
    assert.equal((await spawnCli(["--help"])).code, 0);
  });
});
