// `npm run bench`: what there is, what each program measures, and what a wrong call is told.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { describe, test } from "node:test";
import { root } from "../../scripts/stage.ts";

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function bench(...args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(process.execPath, [`${root}scripts/bench.ts`, ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
    });
  });
}

const programs = readdirSync(`${root}bench`)
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.slice(0, -3));

describe("npm run bench", () => {
  test("lists every program with what it measures", async () => {
    const { code, stdout } = await bench();
    assert.equal(code, 0);
    assert.ok(programs.length > 5);
    for (const name of programs) assert.match(stdout, new RegExp(`^  ${name} +\\S`, "m"));
  });

  test("--help tells how a program is called, and runs nothing", async () => {
    for (const name of programs) {
      const { code, stdout } = await bench(name, "--help");
      assert.equal(code, 0, name);
      assert.match(stdout, new RegExp(`bench (-- )?${name}|bench/${name}\\.ts`), name);
    }
  });

  test("a program that is not there, and a flag or work that serve does not know, are usage errors", async () => {
    const nothing = await bench("nothing");
    assert.equal(nothing.code, 2);
    assert.match(nothing.stderr, /no program "nothing"/);
    for (const args of [["--faster"], ["--only", "linear,constructor"], ["--rounds", "none"]]) {
      const { code, stderr } = await bench("serve", ...args);
      assert.equal(code, 2, args.join(" "));
      assert.doesNotMatch(stderr, /\n {4}at /);
    }
  });
});
