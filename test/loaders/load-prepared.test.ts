// Loading in a worker thread: the same model and errors as here, and a calling thread that is not held up.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isTrimaranError, type TrimaranError } from "../../src/base/errors.ts";
import { loadPredictor } from "../../src/loaders/load-predictor.ts";
import { type LoadPlace, loadPrepared } from "../../src/loaders/load-prepared.ts";
import { randomNumbers, writeRandomForest } from "./random-lightgbm.ts";

const example = fileURLToPath(new URL("../../examples/ride-duration/lin_reg.bin", import.meta.url));

function openFolder(): { readonly path: (name: string) => string } & Disposable {
  const folder = mkdtempSync(join(tmpdir(), "trimaran-load-"));
  return {
    path: (name) => join(folder, name),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

test("a model that a worker loaded is the model, and answers the same bits", async () => {
  using folder = openFolder();
  const file = folder.path("forest.txt");
  writeRandomForest(file, { trees: 20, leaves: 300, features: 6 });
  const random = randomNumbers(3);
  const values = Float64Array.from({ length: 600 }, random);
  const answers = await Promise.all(
    (["here", "worker"] as const).map(async (place) => {
      const { predictor, ...rest } = await loadPredictor([file], { place });
      const predictions = await predictor.predict({ kind: "matrix", rowCount: 100, width: 6, values });
      predictor.close();
      return { ...rest, predictions };
    }),
  );
  assert.deepEqual(answers[1], answers[0]);
});

test("a worker packs a forest and hands it over in memory that threads share", async () => {
  using folder = openFolder();
  const file = folder.path("forest.txt");
  writeRandomForest(file, { trees: 20, leaves: 300, features: 6 });
  const { model, prepared } = await loadPrepared([file], { place: "worker" });
  assert.equal(model.kind, "graph");
  assert.deepEqual([...(prepared?.forests.keys() ?? [])], [1]);
  const placed = prepared?.forests.get(1);
  assert.ok(placed?.packed.bytes.buffer instanceof SharedArrayBuffer);
  assert.equal(placed.memory?.buffer.byteLength, placed.packed.bytes.buffer.byteLength);
});

test("files below 8 MiB are loaded by the calling thread, unless a worker is asked for", async () => {
  assert.equal((await loadPrepared([example])).prepared, null);
  assert.notEqual((await loadPrepared([example], { place: "worker" })).prepared, null);
});

test("what a worker refuses is refused with the same error as here", async () => {
  using folder = openFolder();
  const files = ["missing.bin", "empty.bin", "text.bin", "pipe.pkl"].map((name) => folder.path(name));
  writeFileSync(folder.path("empty.bin"), "");
  writeFileSync(folder.path("text.bin"), "this is no model at all");
  writeFileSync(folder.path("pipe.pkl"), "cposix\nsystem\n(S'true'\ntR.");
  for (const file of files) {
    const [here, there] = [await refusal(file, "here"), await refusal(file, "worker")];
    assert.deepEqual(told(there), told(here));
  }
});

test("loading a large model in a worker stops the calling thread for at most 50 ms at a time", async () => {
  using folder = openFolder();
  const file = folder.path("forest.txt");
  const bytes = writeRandomForest(file, { trees: 150, leaves: 6000, features: 20 });
  assert.ok(bytes > 55e6, `${bytes} bytes`);
  // Once for the code, which is read from disk.
  await loadPrepared([example], { place: "worker" });
  // Another program may take the processor for a while: the best of ten counts.
  const pauses: number[] = [];
  for (let attempt = 0; attempt < 10 && Math.min(...pauses) > 50; attempt++) {
    const delays = monitorEventLoopDelay({ resolution: 1 });
    delays.enable();
    await sleep(20);
    delays.reset();
    const { predictor } = await loadPredictor([file]);
    await sleep(5);
    await predictor.predict({ kind: "matrix", rowCount: 1, width: 20, values: new Float64Array(20) });
    await sleep(5);
    delays.disable();
    predictor.close();
    pauses.push(delays.max / 1e6);
  }
  assert.ok(Math.min(...pauses) <= 50, `${pauses.map((pause) => pause.toFixed(1)).join(", ")} ms`);
});

async function refusal(file: string, place: LoadPlace): Promise<TrimaranError> {
  const error = await loadPrepared([file], { place }).then(
    () => null,
    (cause: unknown) => cause,
  );
  assert.ok(isTrimaranError(error), `${file} was not refused with a typed error`);
  return error;
}

function told({ name, code, kind, message, fix, issues }: TrimaranError): unknown {
  return { name, code, kind, message, fix, issues };
}
