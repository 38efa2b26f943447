// skops files: honest ones become the same tree as a pickle, hostile ones are refused, damaged ones give a typed error.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { isTrimaranError } from "../../../src/base/errors.ts";
import { scanSkops } from "../../../src/formats/numpy/skops.ts";
import { inspectSource } from "../../../src/formats/read/read-model.ts";
import { sharedPath, withoutShared } from "../../golden/shared-data.ts";
import { makeZip } from "../archive/zip-maker.ts";

const recorded = new URL("../../golden/sklearn/recorded/sk191/", import.meta.url).pathname;
const files = readdirSync(recorded).filter((name) => name.endsWith(".skops"));

function bytesOf(path: string): Uint8Array {
  return new Uint8Array(readFileSync(path));
}

test("every recorded skops file becomes a tree", () => {
  assert.ok(files.length > 20);
  for (const file of files) {
    const reading = scanSkops(bytesOf(recorded + file), { name: file });
    assert.equal(reading.problem, null, file);
    assert.notEqual(reading.root, undefined, file);
    assert.ok(
      reading.globals.some((use) => use.calls.length > 0),
      file,
    );
  }
});

test("a cut or flipped file gives a typed error or a prediction, never anything else", () => {
  const small = [...files].sort((a, b) => bytesOf(recorded + a).length - bytesOf(recorded + b).length).slice(0, 2);
  for (const file of small) {
    const whole = bytesOf(recorded + file);
    for (let end = 0; end < whole.length; end += whole.length > 16_384 ? 37 : 1)
      assertTyped(whole.subarray(0, end), file);
    let state = 20_261_122;
    for (let round = 0; round < 2000; round++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      const changed = whole.slice();
      const at = state % changed.length;
      changed[at] = (changed[at] ?? 0) ^ (1 << (state >>> 29));
      assertTyped(changed, file);
    }
  }
  assert.equal(Object.keys(Object.prototype).length, 0);
});

function assertTyped(bytes: Uint8Array, name: string): void {
  const { graph, problem } = inspectSource({ kind: "file", name, bytes });
  assert.ok(graph !== null || isTrimaranError(problem));
}

for (const file of ["function.skops", "bomb.skops", "bomb_overlap.skops", "traversal.skops"]) {
  test(`refuses ${file}`, { skip: withoutShared }, () => {
    const path = sharedPath(`hostile/${file}`);
    assert.ok(existsSync(path));
    const { graph, problem, findings } = inspectSource({ kind: "file", name: file, bytes: bytesOf(path) });
    assert.equal(graph, null);
    assert.ok(isTrimaranError(problem));
    if (file === "function.skops")
      assert.ok(findings.some(({ module, name }) => `${module}.${name}` === "posix.system"));
  });
}

/** A skops file whose list names one array of a megabyte `times` times. */
function namedOften(times: number): Uint8Array {
  const header = "{'descr': '<f8', 'fortran_order': False, 'shape': (131072,), }".padEnd(117, " ");
  const npy = Buffer.concat([
    Buffer.from([0x93, ...Buffer.from("NUMPY"), 1, 0, 118, 0]),
    Buffer.from(`${header}\n`),
    Buffer.alloc(2 ** 20),
  ]);
  const array = { __class__: "ndarray", __module__: "numpy", __loader__: "NdArrayNode", type: "numpy", file: "a.npy" };
  const content = Array.from({ length: times }, (_, id) => ({ ...array, __id__: id }));
  const schema = {
    __class__: "list",
    __module__: "builtins",
    __loader__: "ListNode",
    content,
    __id__: -1,
    protocol: 2,
  };
  return makeZip([
    { name: "schema.json", content: Buffer.from(JSON.stringify(schema)) },
    { name: "a.npy", content: npy },
  ]);
}

test("a member that is named many times is read once, and counts each time that it is named", () => {
  const few = scanSkops(namedOften(20), { name: "few.skops" });
  assert.equal(few.problem, null);
  const startMs = performance.now();
  const { problem } = scanSkops(namedOften(50_000), { name: "many.skops" });
  assert.equal(problem?.code, "FORMAT_LIMIT");
  assert.match(problem?.message ?? "", /those that it names again counted again/);
  assert.ok(performance.now() - startMs < 3000);
  assert.equal(
    scanSkops(namedOften(20), { name: "few.skops", maxDecompressedBytes: 2 ** 23 }).problem?.code,
    "FORMAT_LIMIT",
  );
});
