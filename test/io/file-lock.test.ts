// A lock that its holder's death lets go of.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { tryFileLock } from "../../src/io/file-lock.ts";

describe("a lock on a file", () => {
  test("has one holder at a time, and leaves no file", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "trimaran-lock-"));
    const path = join(folder.path, "lock");
    const first = await tryFileLock(path);
    assert.ok(first !== null);
    assert.equal(await tryFileLock(path), null);
    await first.release();
    await first.release();
    assert.equal(existsSync(path), false);
    await using second = await tryFileLock(path);
    assert.ok(second !== null);
  });

  test("is let go of by a holder that was killed", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "trimaran-lock-"));
    const path = join(folder.path, "lock");
    const module = new URL("../../src/io/file-lock.ts", import.meta.url).href;
    const code = `const { tryFileLock } = await import(${JSON.stringify(module)}); await tryFileLock(${JSON.stringify(path)});
      console.log("held"); setInterval(() => {}, 1000);`;
    const holder = spawn(process.execPath, ["--input-type=module", "-e", code], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(holder.stdout, "data");
    assert.equal(await tryFileLock(path), null);
    holder.kill("SIGKILL");
    await once(holder, "exit");
    await using lock = await tryFileLock(path);
    assert.ok(lock !== null);
  });

  test("is held by exactly one of many who want it at once", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "trimaran-lock-"));
    const path = join(folder.path, "lock");
    for (let round = 0; round < 20; round++) {
      const locks = await Promise.all(Array.from({ length: 8 }, () => tryFileLock(path)));
      const held = locks.filter((lock) => lock !== null);
      assert.equal(held.length, 1);
      await held[0]!.release();
    }
  });
});
