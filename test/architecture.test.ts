// The floors hold for the real tree, and the check that says so is proven by a tree that breaks each of its rules.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { breachText, checkFloors } from "./architecture/check-floors.ts";

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** `file:line rule`, and for imports what is imported. */
const expected = [
  "src/base/up-dynamic.ts:2 [floor] ../data/ground.ts",
  "src/base/up-re-export-all.ts:2 [floor] ../data/ground.ts",
  "src/base/up-re-export.ts:2 [floor] ../data/ground.ts",
  "src/base/up-reference.ts:2 [floor] ../data/ground.ts",
  "src/base/up-require.ts:2 [floor] ../data/ground.ts",
  "src/base/up-static.ts:2 [floor] ../data/ground.ts",
  "src/base/up-template.ts:2 [floor] ../data/ground.ts",
  "src/base/up-type-node.ts:2 [floor] ../data/ground.ts",
  "src/base/up-type.ts:2 [floor] ../data/ground.ts",
  "src/data/extension.ts:2 [extension] ./ground",
  "src/data/outside.ts:2 [outside] ../../test/helper-of-tests.ts",
  "src/data/side.ts:2 [same-floor] ../formats/archive/zip.ts",
  "src/data/stranger.ts:2 [unknown-folder] ../mystery/thing.ts",
  "src/doors/web/server.ts:2 [same-floor] ../batch/job.ts",
  "src/engine/kernels/open.ts:2 [closed] ../sound.ts",
  "src/formats/stray.ts:1 [unknown-folder]",
  "src/io/CamelCase.ts:1 [name]",
  "src/io/damaged.ts:1 [syntax]",
  "src/io/defaulted-by-name.ts:3 [default-export]",
  "src/io/defaulted.ts:2 [default-export]",
  "src/io/enumerated.ts:2 [enum]",
  "src/io/long.ts:401 [length]",
  "src/io/silent.ts:1 [comment]",
  "src/io/undeclared.ts:2 [undeclared-package] vitest",
  "src/io/utils.ts:1 [name]",
  "src/mlflow:1 [readme]",
  "src/model/computed.ts:2 [computed-import] import(…)",
  "src/model/cycle-a.ts:1 [cycle] src/model/cycle-a.ts → src/model/cycle-b.ts → src/model/cycle-a.ts",
  "src/model/heavy.ts:2 [package] fastify",
  "src/model/host.ts:2 [node] node:fs",
  "src/model/itself.ts:1 [cycle] src/model/itself.ts → src/model/itself.ts",
  "src/model/loose.ts:2 [any]",
  "src/model/type-cycle-a.ts:1 [cycle] src/model/type-cycle-a.ts → src/model/type-cycle-b.ts → src/model/type-cycle-c.ts → src/model/type-cycle-a.ts",
  "src/mystery/thing.ts:1 [unknown-folder]",
  "src/stray.ts:1 [unknown-folder]",
  "src/tables:1 [empty-folder]",
  "src/tracking/README.md:16 [readme]",
  "test/helpers.ts:1 [name]",
  "test/itself.ts:2 [self] trimaran",
];

/** An import's breach begins with the import; what follows is prose. */
function heading(text: string): string {
  const [, place = "", rule = "", what = ""] = /^(\S+) (\[.*?\]) (.*)$/.exec(text) ?? [];
  if (rule === "[cycle]") return `${place} ${rule} ${what}`;
  const imported = /^(\S+): /.exec(what)?.[1];
  return imported === undefined ? `${place} ${rule}` : `${place} ${rule} ${imported}`;
}

describe("the floors", () => {
  test("hold for this repository", () => {
    assert.deepEqual(checkFloors(path("../")).map(breachText), []);
  });

  test("hold for a sound tree in which every allowed form of import occurs", () => {
    assert.deepEqual(checkFloors(path("architecture/fixture/clean")).map(breachText), []);
  });

  test("name file, import and rule of every breach in a tree that breaks each rule once", () => {
    const found = checkFloors(path("architecture/fixture/broken")).map(breachText).map(heading);
    assert.deepEqual(found, expected);
  });

  test("can be checked alone, with exit code 1 on a breach", () => {
    const run = (tree: string): { status: number | null; stdout: string } =>
      spawnSync(process.execPath, [path("architecture/check-floors.ts"), path(tree)], { encoding: "utf8" });
    const broken = run("architecture/fixture/broken");
    assert.equal(broken.status, 1);
    assert.match(broken.stdout, /^src\/model\/host\.ts:2 \[node\] node:fs: the prediction path runs without Node$/m);
    const clean = run("architecture/fixture/clean");
    assert.deepEqual([clean.status, clean.stdout], [0, ""]);
  });
});
