// A disk that takes no more.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

const run = promisify(execFile);

test("a full disk is told once, with a status that is not tried again, and what was there is kept", async () => {
  const folder = await mkdtemp(join(tmpdir(), "trimaran-full-"));
  try {
    const script = join(import.meta.dirname, "full-disk.ts");
    const { stdout } = await run("bash", [
      "-c",
      'ulimit -f 8192; exec "$0" "$1" "$2"',
      process.execPath,
      script,
      folder,
    ]);
    assert.deepEqual(JSON.parse(stdout), [200, 507, "RESOURCE_EXHAUSTED", "small"]);
    assert.deepEqual(await readdir(join(folder, "artifacts/.trimaran/uploads")), []);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
