// The file watcher on real files.
import assert from "node:assert/strict";
import { appendFile, mkdir, mkdtemp, rename, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as after } from "node:timers/promises";
import { watchFiles } from "../../src/loaders/watch-files.ts";

const intervalMs = 20;
const wait = (looks: number): Promise<void> => after(intervalMs * looks);

async function until(done: () => boolean): Promise<void> {
  const end = performance.now() + 30_000;
  while (!done() && performance.now() < end) await after(intervalMs);
}

interface Watched extends AsyncDisposable {
  readonly path: string;
  readonly changes: () => number;
  stop(): void;
}

async function watched(name: string): Promise<Watched> {
  const folder = await mkdtemp(join(tmpdir(), "trimaran-watch-"));
  const path = join(folder, name);
  if (name.includes(".")) await writeFile(path, "one");
  else {
    await mkdir(join(path, "data"), { recursive: true });
    await writeFile(join(path, "data", "model.pkl"), "one");
  }
  let changes = 0;
  const watch = watchFiles({ intervalMs }).watch({ uris: [path] }, () => changes++);
  await wait(4);
  return {
    path,
    changes: () => changes,
    stop: () => watch[Symbol.dispose](),
    [Symbol.asyncDispose]: async () => {
      watch[Symbol.dispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

describe("the file watcher", () => {
  it("tells a change once, when the file is complete", async () => {
    await using file = await watched("model.bin");
    assert.equal(file.changes(), 0);
    for (let part = 0; part < 10; part++) {
      await appendFile(file.path, "more");
      assert.equal(file.changes(), 0);
      await wait(0.5);
    }
    await until(() => file.changes() > 0);
    await wait(5);
    assert.equal(file.changes(), 1);
  });

  it("tells in the end of a file that never rests", async () => {
    await using file = await watched("model.bin");
    const end = performance.now() + 20_000;
    while (file.changes() === 0 && performance.now() < end) {
      await appendFile(file.path, "more");
      await wait(0.5);
    }
    assert.ok(file.changes() > 0);
  });

  it("tells once what changed between the reading of the model and the begin of the watch, in a folder too", async () => {
    for (const name of ["model.bin", "model"]) {
      await using place = await watched(name);
      let changes = 0;
      const since = Date.now() - 60_000;
      using _ = watchFiles({ intervalMs }).watch({ uris: [place.path], since }, () => changes++);
      let later = 0;
      const never = { uris: [place.path], since: Date.now() + 60_000 };
      using __ = watchFiles({ intervalMs }).watch(never, () => later++);
      await until(() => changes > 0);
      await wait(5);
      assert.deepEqual([changes, later], [1, 0]);
    }
  });

  it("tells a file that was put in its place, though size and time are the same", async () => {
    await using file = await watched("model.bin");
    const time = new Date("2024-01-01T00:00:00Z");
    await utimes(file.path, time, time);
    await until(() => file.changes() === 1);
    await writeFile(`${file.path}.new`, "two");
    await utimes(`${file.path}.new`, time, time);
    await rename(`${file.path}.new`, file.path);
    await until(() => file.changes() === 2);
    assert.equal(file.changes(), 2);
  });

  it("sees files deep in a folder, and keeps still while the folder is away", async () => {
    await using model = await watched("ride");
    await rename(model.path, `${model.path}-old`);
    await wait(5);
    assert.equal(model.changes(), 0);
    await rename(`${model.path}-old`, model.path);
    await wait(5);
    assert.equal(model.changes(), 0);
    await writeFile(join(model.path, "data", "model.pkl"), "another");
    await until(() => model.changes() === 1);
    assert.equal(model.changes(), 1);
  });

  it("tells nothing after it is disposed of, and nothing of places that it cannot see", async () => {
    await using file = await watched("model.bin");
    file.stop();
    await writeFile(file.path, "another");
    await wait(6);
    assert.equal(file.changes(), 0);
    using _ = watchFiles({ intervalMs }).watch({ uris: ["models:/ride@champion"] }, () => assert.fail("told"));
    await wait(3);
  });
});
