// Progress on a terminal: nothing for short work, one line that goes away for long work.
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, test } from "node:test";
import { ride, rides, runCli } from "./run-in-process.ts";

const row = Buffer.from('{"PULocationID": 43, "DOLocationID": 238, "trip_distance": 1}\n');

async function* rowsFor(ms: number): AsyncGenerator<Uint8Array> {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    yield row;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("progress", () => {
  test("is shown after a second and wiped at the end", async () => {
    const { stderr } = await runCli(["predict", ride], { stdin: Readable.from(rowsFor(1400)), terminal: true });
    assert.match(stderr, /\r\u001b\[K\d+ rows, \d+ a second/);
    assert.ok(stderr.endsWith("\r\u001b[K"));
  });

  test("is not shown for short work, nor where stderr is no terminal", async () => {
    const short = await runCli(["predict", ride, "-i", rides], { terminal: true });
    assert.doesNotMatch(short.stderr, /a second/);
    const piped = await runCli(["predict", ride], { stdin: Readable.from(rowsFor(1200)) });
    assert.equal(piped.stderr, "");
  });
});
