// What the three tsconfigs promise, each shown on a file that breaks or uses it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** `file(line) code` of each type error of a fixture project. */
function typeErrors(project: string): string[] {
  const folder = `test/architecture/fixture/types/${project}`;
  const tsc = spawnSync(`${root}node_modules/.bin/tsc`, ["-p", folder, "--pretty", "false"], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, PATH: `${root}node_modules/.bin:${process.env["PATH"] ?? ""}` },
  });
  assert.equal(tsc.stderr, "");
  return [...tsc.stdout.matchAll(/^\S*\/(\S+\.ts)\((\d+),\d+\): error (TS\d+)/gm)].map(
    ([, file = "", line = "", code = ""]) => `${file}:${line} ${code}`,
  );
}

describe("the types stage", () => {
  test("refuses Node's modules and globals, and what only a page has, on the prediction path", () => {
    const expected = ["host.ts:2 TS2591", "host.ts:3 TS2591", "host.ts:4 TS2591", "host.ts:5 TS2584"];
    assert.deepEqual(typeErrors("prediction"), expected);
  });

  test("takes an element of an array as it is in a kernel, and refuses Node there too", () => {
    assert.deepEqual(typeErrors("kernels"), ["host.ts:2 TS2591"]);
  });

  test("takes an element of an array as possibly undefined everywhere else", () => {
    assert.deepEqual(typeErrors("root"), ["first.ts:3 TS2322"]);
  });
});
