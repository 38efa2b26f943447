// Archives that the system's tar unpacks, with long names and modes, and that always come out the same.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { npmFilesOf, packTar, type TarEntry } from "../../../src/cli/packaging/tar-archive.ts";

const long = `${"folder/".repeat(20)}näme.js`;
const entries: readonly TarEntry[] = [
  { name: "b/run", bytes: () => Buffer.from("#!/bin/sh\n"), isExecutable: true },
  { name: long, bytes: () => Buffer.alloc(1500, 7), isExecutable: false },
  { name: "a", bytes: () => new Uint8Array(), isExecutable: false },
  { name: "c/full", bytes: () => Buffer.alloc(1024, 1), isExecutable: false },
];

test("tar unpacks what was packed: names of any length, modes, sizes at the edge of a block", async () => {
  const folder = mkdtempSync(join(tmpdir(), "trimaran-test-"));
  try {
    const packed = await packTar(entries);
    assert.deepEqual(await packTar([...entries].reverse()), packed);
    writeFileSync(join(folder, "made.tar.gz"), packed);
    execFileSync("tar", ["-xzf", "made.tar.gz"], { cwd: folder });
    for (const { name, bytes, isExecutable } of entries) {
      assert.deepEqual(readFileSync(join(folder, name)), Buffer.from(bytes()));
      assert.equal((statSync(join(folder, name)).mode & 0o100) !== 0, isExecutable);
    }
    const read = npmFilesOf(await packTar(entries.map((each) => ({ ...each, name: `package/${each.name}` }))));
    assert.deepEqual(read.map(({ name }) => name).sort(), entries.map(({ name }) => name).sort());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
