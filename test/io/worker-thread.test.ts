// A worker thread that is asked: answers, errors that keep their class, death and closing.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { isTrimaranError } from "../../src/base/errors.ts";
import { WorkerThread } from "../../src/io/worker-thread.ts";

const entry = new URL("echo-worker.ts", import.meta.url);

/** A thread that is closed when the test ends. */
function openThread(data?: unknown): { readonly thread: WorkerThread } & AsyncDisposable {
  const thread = new WorkerThread({ entry, data });
  return { thread, [Symbol.asyncDispose]: () => thread.close() };
}

function isEnded(problem: RegExp): (error: unknown) => boolean {
  return (error) => isTrimaranError(error) && error.code === "THREAD_ENDED" && problem.test(error.message);
}

test("answers come to the request that they belong to", async () => {
  await using opened = openThread({ name: "data" });
  const { thread } = opened;
  assert.deepEqual(await Promise.all(["a", "data", "buffer", "b"].map((each) => thread.ask(each))), [
    "a",
    { name: "data" },
    Float64Array.of(1, 2, 3),
    "b",
  ]);
});

test("what is moved to the thread is gone here", async () => {
  await using opened = openThread();
  const values = Float64Array.of(1, 2);
  assert.deepEqual(await opened.thread.ask({ values }, [values.buffer]), { values: Float64Array.of(1, 2) });
  assert.equal(values.length, 0);
});

test("a typed error arrives with its code, kind, texts, issues and causes", async () => {
  await using opened = openThread();
  await assert.rejects(opened.thread.ask("refuse"), (error) => {
    assert.ok(isTrimaranError(error));
    assert.deepEqual([error.code, error.kind], ["ROW_INVALID", "invalid"]);
    assert.ok(error.fix !== "" && error.message !== "");
    assert.deepEqual(error.issues, [{ path: "/a", code: "wrong", message: "is wrong" }]);
    const { cause } = error;
    assert.ok(isTrimaranError(cause) && cause.code === "FILE_NOT_FOUND");
    assert.ok(cause.cause instanceof Error && cause.cause.name === "RangeError" && cause.cause.message === "deep");
    return true;
  });
  await assert.rejects(opened.thread.ask("throw"), { name: "RangeError", message: "out of range" });
});

test("a thread that dies fails what it was asked, and the next request starts another", async () => {
  await using opened = openThread();
  const { thread } = opened;
  assert.equal(await thread.ask("asked"), 1);
  const hanging = thread.ask("hang");
  await Promise.all([
    assert.rejects(hanging, isEnded(/exit code 3/)),
    assert.rejects(thread.ask("die"), isEnded(/exit code 3/)),
  ]);
  assert.equal(await thread.ask("asked"), 1);
});

test("what cannot be sent is refused, and the thread stays", async () => {
  await using opened = openThread();
  await assert.rejects(
    opened.thread.ask(() => 1),
    { name: "DataCloneError" },
  );
  assert.equal(await opened.thread.ask("x"), "x");
});

test("closing fails what is asked now and later", async () => {
  const thread = new WorkerThread({ entry });
  const hanging = thread.ask("hang");
  await Promise.all([assert.rejects(hanging, isEnded(/closed/)), thread.close()]);
  await assert.rejects(thread.ask("x"), isEnded(/closed/));
});

test("a thread that is idle does not keep the program alive, one that is asked does", () => {
  const file = new URL("../../src/io/worker-thread.ts", import.meta.url);
  const program = `
    const { WorkerThread } = await import(${JSON.stringify(file.href)});
    const thread = new WorkerThread({ entry: new URL(${JSON.stringify(entry.href)}) });
    thread.ask("x").then((answer) => console.log(answer));
  `;
  const { stdout, status } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    encoding: "utf8",
    timeout: 20_000,
  });
  assert.deepEqual([stdout, status], ["x\n", 0]);
});
