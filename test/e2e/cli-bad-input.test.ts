// Whatever is handed to `inspect`, `predict` and `serve` as a model: one typed error with a fix, exit code 1, no stack trace,
// under a second of processor time and under 200 MB.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { sharedPath, withoutShared } from "../golden/shared-data.ts";
import { type Finished, root, spawnCli } from "./spawn-cli.ts";

const maxCpuMs = 1000;
const maxPeakBytes = 200e6;
const commands = ["inspect", "predict", "serve"] as const;

const hostile = sharedPath("hostile");
const folder = mkdtempSync(join(tmpdir(), "trimaran-bad-"));
const linear = `${root}examples/ride-duration/lin_reg.bin`;
after(() => rmSync(folder, { recursive: true }));

interface ReportedError {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

function assertRefused(result: Finished, code: RegExp): ReportedError {
  assert.equal(result.code, 1, result.stderr);
  const lines = result.stderr.trimEnd().split("\n");
  assert.equal(lines.length, 1, result.stderr);
  const { error } = JSON.parse(lines[0] ?? "") as { error: ReportedError };
  assert.match(error.code, code);
  assert.ok(error.message.length > 10 && error.fix.length > 10);
  assert.doesNotMatch(result.stderr, /\\n\s+at |node:internal/);
  assert.ok(result.cpuMs < maxCpuMs, `${result.cpuMs} ms`);
  assert.ok(result.peakBytes > 0 && result.peakBytes < maxPeakBytes, `${result.peakBytes} bytes`);
  return error;
}

/** Calls the command with --json, so that what it says is one line. */
function call(command: string, path: string): Promise<Finished> {
  const flags = command === "serve" ? ["--port", "0"] : [];
  return spawnCli([command, path, "--json", ...flags]);
}

const made: Readonly<Record<string, { readonly bytes: string | Uint8Array; readonly code: RegExp }>> = {
  "empty.pkl": { bytes: "", code: /^FORMAT_EMPTY$/ },
  "notes.txt": { bytes: "This is a text about a model, but it is no model.\n", code: /^FORMAT_UNKNOWN$/ },
  "page.html": { bytes: "<!doctype html><p>404", code: /^FORMAT_UNKNOWN$/ },
  "cut.pkl": { bytes: readFileSync(linear).subarray(0, 100_000), code: /^FORMAT_TRUNCATED$/ },
};

const recorded: Readonly<Record<string, RegExp>> = {
  "dict.pkl": /^MODEL_NOT_A_MODEL$/,
  "list.pkl": /^MODEL_NOT_A_MODEL$/,
  "array.pkl": /^MODEL_NOT_A_MODEL$/,
  "frame.pkl": /^MODEL_UNSUPPORTED$/,
  "torch_module.pkl": /^MODEL_UNSUPPORTED$/,
  "unknown_sklearn.pkl": /^MODEL_UNSUPPORTED$/,
  "unknown_class.pkl": /^MODEL_UNSUPPORTED$/,
};

describe("a model that is none", () => {
  before(() => {
    for (const [name, { bytes }] of Object.entries(made)) writeFileSync(join(folder, name), bytes);
    mkdirSync(join(folder, "empty"));
  });
  const cases: readonly (readonly [what: string, path: string, code: RegExp])[] = [
    ["a missing file", join(folder, "nowhere.pkl"), /^FILE_NOT_FOUND$/],
    ["a folder with neither MLmodel nor definition", join(folder, "empty"), /^FORMAT_FOLDER$/],
    ...Object.entries(made).map(([name, { code }]) => [name, join(folder, name), code] as const),
    ...Object.entries(recorded).map(([name, code]) => [name, `${root}test/golden/not-models/${name}`, code] as const),
  ];
  for (const [what, path, code] of cases) {
    for (const command of commands) {
      test(`${what} is refused by ${command}`, async () => {
        assertRefused(await call(command, path), code);
      });
    }
  }

  test("says the same to people, in two lines", async () => {
    const { stderr, code } = await spawnCli(["predict", join(folder, "empty.pkl")]);
    assert.match(stderr, /^error: empty\.pkl is empty\.\nfix: Save the model again; .*\n$/);
    assert.equal(code, 1);
  });
});

describe("a pickle that is cut off", () => {
  const bytes = readFileSync(linear);
  // Numbers of a linear congruential generator: the same cuts in every run.
  const cuts = Array.from({ length: 20 }, () => 0);
  let seed = 20260301;
  for (const index of cuts.keys()) {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    cuts[index] = seed % bytes.length;
  }
  for (const cut of cuts) {
    test(`after ${cut} bytes is refused`, async () => {
      const path = join(folder, `cut-${cut}.pkl`);
      writeFileSync(path, bytes.subarray(0, cut));
      assertRefused(await call("inspect", path), /^(FORMAT|PICKLE)_/);
    });
  }
});

describe("a hostile pickle", { skip: withoutShared }, () => {
  const files = existsSync(hostile)
    ? readdirSync(hostile).filter((name) => /\.(pkl|bin|joblib|skops)$/.test(name))
    : [];
  for (const name of files) {
    test(`${name} is refused by inspect`, async () => {
      const result = await call("inspect", join(hostile, name));
      const error = assertRefused(result, /^(FORMAT|PICKLE|MODEL|ARRAY)_/);
      const { findings } = JSON.parse(result.stdout) as { findings: { offset: number; what: string }[] };
      if (error.code === "PICKLE_UNTRUSTED") {
        assert.ok(findings.length > 0);
        for (const { offset, what } of findings) assert.match(what, new RegExp(`at offset ${offset}\\b`));
      }
    });
  }
  for (const command of ["predict", "serve"] as const) {
    test(`reduce.pkl is refused by ${command}, naming what it would have called`, async () => {
      const error = assertRefused(await call(command, join(hostile, "reduce.pkl")), /^PICKLE_UNTRUSTED$/);
      assert.match(error.message, /posix\.system/);
    });
  }
});
