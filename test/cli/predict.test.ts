// `predict`, in-process: rows in, predictions out, row by row.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, describe, test } from "node:test";
import { writeRandomForest } from "../loaders/random-lightgbm.ts";
import { linear, parity, ride, rides, rowsOf, runCli, stopAfter } from "./run-in-process.ts";

const folder = mkdtempSync(join(tmpdir(), "trimaran-predict-"));
after(() => rmSync(folder, { recursive: true }));

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

type ErrorLine = { readonly error?: { readonly code: string; readonly issues: readonly { readonly path: string }[] } };

describe("predict with a definition", () => {
  test("answers what Python answered, line by line", async () => {
    const { code, stdout } = await runCli(["predict", ride, "-i", rides]);
    const expected = rowsOf(readFileSync(parity, "utf8")) as { output: unknown }[];
    assert.deepEqual(
      rowsOf(stdout),
      expected.map(({ output }) => output),
    );
    assert.equal(expected.length, 200);
    assert.equal(code, 0);
  });

  test("answers the same on several threads, also where a batch is large enough to be shared", async () => {
    const text = Array.from({ length: 5000 }, (_, at) =>
      Array.from({ length: 6 }, (_, k) => ((at * 7 + k * 3) % 11) / 11),
    );
    const rows = file("many.ndjson", text.map((row) => JSON.stringify(row)).join("\n"));
    const model = join(folder, "forest.txt");
    writeRandomForest(model, { trees: 200, leaves: 200, features: 6 });
    const [alone, shared] = [
      await runCli(["predict", model, "-i", rows]),
      await runCli(["predict", model, "-i", rows, "--threads", "2"]),
    ];
    assert.deepEqual([alone.code, rowsOf(alone.stdout).length], [0, 5000]);
    assert.deepEqual(shared, alone);
  });

  test("puts an error in the place of a bad row, answers the others and exits with 1", async () => {
    const good = '{"PULocationID": 10, "DOLocationID": 50, "trip_distance": 40}';
    const stdin = [good, "{broken", "", '{"PULocationID": 0, "trip_distance": "x"}', "[1, 2]", good].join("\r\n");
    const { code, stdout, stderr } = await runCli(["predict", ride], { stdin });
    const lines = rowsOf(stdout) as ErrorLine[];
    assert.deepEqual(
      lines.map(({ error }) => error?.code ?? "answered"),
      ["answered", "ROW_NOT_JSON", "ROW_NOT_JSON", "ROW_INVALID", "ROW_INVALID", "answered"],
    );
    assert.deepEqual(
      lines[3]?.error?.issues.map(({ path }) => path),
      ["/PULocationID", "/DOLocationID", "/trip_distance"],
    );
    assert.match(stderr, /error: 4 of 6 rows have no answer/);
    assert.doesNotMatch(stdout, /broken/);
    assert.equal(code, 1);
  });

  test("warns of categories that the model never saw", async () => {
    const stdin = '{"PULocationID": 10, "DOLocationID": 50, "trip_distance": 40}\n'.repeat(3);
    assert.match((await runCli(["predict", ride], { stdin })).stderr, /warning: PU_DO: 3 × unseen category/);
  });

  test("answers another model than the definition's with --model", async () => {
    const stdin = '{"PULocationID": 130, "DOLocationID": 205, "trip_distance": 3.66}\n';
    const own = await runCli(["predict", ride], { stdin });
    const other = await runCli(["predict", ride, "--model", join(ride, "forest")], { stdin });
    const byVariable = await runCli(["predict", ride], { stdin, env: { MODEL_URI: join(ride, "forest") } });
    assert.notEqual(other.stdout, own.stdout);
    assert.equal(byVariable.stdout, other.stdout);
    assert.equal(other.code, 0);
  });

  test("no rows are no answers", async () => {
    assert.deepEqual(await runCli(["predict", ride]), { code: 0, stdout: "", stderr: "" });
  });
});

describe("predict with a model alone", () => {
  test("takes its own features and answers one key a method", async () => {
    const stdin = '{"PU_DO": "43_238"}\n{}\n"text"\n';
    const { code, stdout } = await runCli(["predict", linear, "--method", "predict"], { stdin });
    const [first, second, third] = stdout.split("\n");
    assert.equal(first, '{"predict":7.355402682138386}');
    assert.equal(second, '{"predict":22.62464721363079}');
    assert.match(third ?? "", /"ROW_INVALID"/);
    assert.equal(code, 1);
  });

  test("refuses a method that it does not have, also without rows", async () => {
    const { code, stderr } = await runCli(["predict", linear, "--method", "predict_proba"]);
    assert.match(stderr, /no method predict_proba; it has predict/);
    assert.equal(code, 1);
  });
});

describe("predict with CSV", () => {
  test("reads numbers by the field types and an empty cell as null, and writes a column an output", async () => {
    const rows = [
      "DOLocationID,PULocationID,trip_distance,note",
      '50,10,40,"a, b"',
      "50,10,,",
      "50,ten,40,",
      "50,10,40",
    ].join("\n");
    const output = join(folder, "answers.csv");
    const { code } = await runCli(["predict", ride, "-i", file("rides.csv", rows), "-o", output]);
    const lines = readFileSync(output, "utf8").split("\n");
    assert.equal(lines[0], "duration,error");
    assert.equal(lines[1], "22.625182479499,");
    assert.equal(lines[2], ",/trip_distance: trip_distance must be a number; null came.");
    assert.match(lines[3] ?? "", /\/PULocationID: PULocationID must be a whole number; a string came/);
    assert.equal(lines[4], ",Row 4 has 3 cells; the header has 4.");
    assert.equal(lines.length, 6);
    assert.equal(code, 1);
  });

  test("reads a bare model's features by what the model takes", async () => {
    const input = file("bare.csv", "trip_distance,PU_DO\n0.0,43_238\n2.5,no such pair\n");
    const { stdout } = await runCli(["predict", linear, "-i", input]);
    assert.equal(stdout, '{"predict":7.355402682138386}\n{"predict":22.624680667747555}\n');
  });

  test("refuses a header that names a column twice", async () => {
    const { code, stderr } = await runCli(["predict", ride, "-i", file("twice.csv", "a,a\n1,2\n")]);
    assert.match(stderr, /header of twice\.csv is not usable: "a" stands there twice/);
    assert.equal(code, 1);
  });

  test("refuses Parquet, which it does not read", async () => {
    const { code, stderr } = await runCli(["predict", ride, "-i", "rows.parquet"]);
    assert.match(stderr, /rows\.parquet ends in \.parquet/);
    assert.equal(code, 1);
  });
});

describe("the output file of predict", () => {
  const partial = (): string[] => readdirSync(folder).filter((name) => name.endsWith(".part"));

  test("is whole or not there: Ctrl-C removes it and exits with 130", async () => {
    const output = join(folder, "stopped.ndjson");
    const signal = stopAfter(100, "SIGINT");
    async function* slowly(): AsyncGenerator<Uint8Array> {
      for (;;) {
        yield Buffer.from('{"PULocationID": 10, "DOLocationID": 50, "trip_distance": 40}\n');
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
    const { code } = await runCli(["predict", ride, "-o", output], { stdin: Readable.from(slowly()), signal });
    assert.equal(code, 130);
    assert.deepEqual(partial(), []);
    assert.ok(!readdirSync(folder).includes("stopped.ndjson"));
  });

  test("replaces what was there only at the end", async () => {
    const output = file("old.ndjson", "old\n");
    const broken = file("broken.csv", 'PULocationID,DOLocationID,trip_distance\n10,50,40\n10,"50,40\n');
    const { code, stderr } = await runCli(["predict", ride, "-i", broken, "-o", output]);
    assert.match(stderr, /broken\.csv is not sound CSV: a quote is opened and never closed near line/);
    assert.equal(code, 1);
    assert.equal(readFileSync(output, "utf8"), "old\n");
    assert.deepEqual(partial(), []);
    assert.equal((await runCli(["predict", ride, "-i", rides, "-o", output])).code, 0);
    assert.equal(rowsOf(readFileSync(output, "utf8")).length, 200);
  });

  test("in a folder that is not there is refused", async () => {
    const { code, stderr } = await runCli(["predict", ride, "-o", join(folder, "nowhere", "x.ndjson")]);
    assert.match(stderr, /cannot be written: ENOENT/);
    assert.equal(code, 1);
  });
});
