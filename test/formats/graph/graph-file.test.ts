// `model.trimaran`: what goes in comes out to the last bit, and what is damaged or dishonest is refused.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isTrimaranError } from "../../../src/base/errors.ts";
import { checksum } from "../../../src/formats/graph/checksum.ts";
import { containerPieces, joinPieces, readContainer } from "../../../src/formats/graph/container.ts";
import { readGraphFile, writeGraphFile } from "../../../src/formats/graph/graph-file.ts";
import { readAnyModel } from "../../../src/formats/read/read-model.ts";
import { loadModel } from "../../../src/loaders/load-model.ts";
import type { ModelGraph } from "../../../src/model/graph.ts";
import type { Op } from "../../../src/model/op.ts";
import { goldenFolder } from "../../golden/replay/not-yet.ts";
import { recordedCases } from "../../golden/replay/recorded-case.ts";

const example = new URL("../../../examples/ride-duration/", import.meta.url).pathname;

function written(graph: ModelGraph): Uint8Array {
  return writeGraphFile({ model: { kind: "graph", graph }, versions: {} });
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (isTrimaranError(error)) return error.code;
    throw error;
  }
  return "none";
}

test("every recorded model is the same graph after it was written and read", async (t) => {
  const kinds = new Set<string>();
  let models = 0;
  for (const family of ["sklearn", "boosters"]) {
    for (const golden of recordedCases(`${goldenFolder(family as "sklearn")}recorded`)) {
      const graph = await loadModel([golden.path]).then(
        (loaded) => loaded.graph,
        () => null,
      );
      if (graph === null || graph.ops.some((op) => op.kind === "custom")) continue;
      const { model } = readGraphFile(written(graph), "model.trimaran");
      assert.deepEqual(model, { kind: "graph", graph }, golden.path);
      for (const op of graph.ops) kinds.add(op.kind);
      models++;
    }
  }
  assert.ok(models > 100 && kinds.size > 40, `${models} models, ${kinds.size} kinds of op`);
  t.diagnostic(`${models} models, ${kinds.size} kinds of op`);
});

test("values that JSON cannot say come back, and an array that is used twice stays one", () => {
  const shared = Float64Array.of(Number.NaN, -0, 1);
  const value = {
    a: shared,
    b: { c: shared },
    numbers: [-0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2n ** 70n],
    map: new Map<unknown, unknown>([["x", new Map([[1, null]])]]),
    $own: { $n: "NaN" },
    text: "\ud800 lone",
    kinds: [new Uint8Array(3), new Uint32Array(1), new Int32Array(0), new Float32Array(2), new Uint16Array(5)],
  };
  const read = readContainer(joinPieces(containerPieces("prepared", value)), "x");
  assert.deepEqual(read, { kind: "prepared", value });
  const { a, b } = read.value as typeof value;
  assert.equal(a, b.c);
});

test("a small file that is cut anywhere, or has any bit flipped, is refused", async () => {
  const { graph } = await loadModel([`${example}lin_reg.bin`]);
  const ops: readonly Op[] = graph.ops
    .map((op) => (op.kind === "vectorize" ? { ...op, names: ["a", "b"] } : op))
    .slice(0, 1);
  const whole = written({
    ...graph,
    input: { kind: "records", features: [] },
    ops: [...ops, { kind: "affine", inputs: [1], weights: Float64Array.of(1, 2), intercept: Float64Array.of(3) }],
    outputs: { predict: { value: 2, scalar: true } },
  });
  assert.equal(
    codeOf(() => readGraphFile(whole, "x")),
    "none",
  );
  for (let end = 0; end < whole.length; end++) {
    assert.notEqual(
      codeOf(() => readGraphFile(whole.subarray(0, end), "x")),
      "none",
      `cut at ${end}`,
    );
  }
  assert.notEqual(
    codeOf(() => readGraphFile(joinPieces([whole, new Uint8Array(1)]), "x")),
    "none",
  );
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const flipped = whole.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.notEqual(
      codeOf(() => readGraphFile(flipped, "x")),
      "none",
      `bit ${bit}`,
    );
  }
});

test("a file whose checksums are right but whose graph is not sound is refused as any other source", async () => {
  const { graph } = await loadModel([`${example}forest/model.pkl`]);
  const at = graph.ops.findIndex((op) => op.kind === "forest");
  const bent = (change: (op: Record<string, unknown>) => void): string => {
    const ops = graph.ops.map((op, index) => (index === at ? structuredClone(op) : op));
    change(ops[at] as unknown as Record<string, unknown>);
    return codeOf(() => readGraphFile(written({ ...graph, ops }), "x"));
  };
  assert.equal(
    bent(() => {}),
    "none",
  );
  const changes: readonly ((op: Record<string, unknown>) => void)[] = [
    (op) => (op["left"] as Int32Array).set([0], 0),
    (op) => (op["right"] as Int32Array).set([1 << 30], 0),
    (op) => (op["feature"] as Int32Array).set([1 << 20], 0),
    (op) => (op["threshold"] as Float64Array).set([Number.NaN], 0),
    (op) => Object.assign(op, { rule: "ge" }),
    (op) => Object.assign(op, { leafWidth: "1" }),
    (op) => Object.assign(op, { feature: new Float64Array(3) }),
    (op) => Object.assign(op, { inputs: [99] }),
    (op) => Object.assign(op, { inputs: [] }),
    (op) => Object.assign(op, { extra: 1 }),
    (op) => Object.assign(op, { kind: "constructor" }),
    (op) => delete op["base"],
  ];
  for (const [index, change] of changes.entries()) assert.equal(bent(change), "MODEL_GRAPH", `change ${index}`);
  assert.equal(
    codeOf(() => readGraphFile(written({ ...graph, defaultMethod: "constructor" }), "x")),
    "MODEL_GRAPH",
  );
});

test("another version, an entry of a cache and functions are refused by their own errors", async () => {
  const { graph } = await loadModel([`${example}lin_reg.bin`]);
  const later = written(graph).slice();
  const view = new DataView(later.buffer);
  view.setUint32(8, 2, true);
  view.setUint32(60, checksum(later.subarray(0, 60)), true);
  assert.equal(
    codeOf(() => readGraphFile(later, "x")),
    "GRAPH_VERSION",
  );
  assert.equal(
    codeOf(() => readGraphFile(joinPieces(containerPieces("prepared", {})), "x")),
    "FORMAT_DAMAGED",
  );
  assert.equal(
    codeOf(() => containerPieces("prepared", { call: () => 1 })),
    "GRAPH_VALUE",
  );
  const custom = {
    kind: "custom",
    inputs: [0],
    className: "my.Own",
    path: "",
    width: 1,
    number: "f64",
    names: null,
    positions: null,
    compute: () => [0],
  } as const;
  assert.equal(
    codeOf(() => written({ ...graph, ops: [custom] })),
    "GRAPH_CUSTOM",
  );
});

test("is found by its first bytes, and before every other flavour of a folder", async () => {
  const { graph, facts } = await loadModel([`${example}lin_reg.bin`]);
  const bytes = writeGraphFile({ model: { kind: "graph", graph }, versions: facts.versions });
  const alone = readAnyModel([{ kind: "file", name: "whatever", bytes }]);
  assert.ok(alone.kind === "graph");
  assert.deepEqual([alone.graph, alone.facts.format, alone.facts.versions], [graph, "trimaran", facts.versions]);
  const mlmodel =
    "flavors:\n  python_function:\n    loader_module: mlflow.onnx\n    data: model.onnx\n  onnx:\n    data: model.onnx\n  trimaran:\n    data: model.trimaran\nrun_id: abc\n";
  const files = new Map([
    ["MLmodel", new TextEncoder().encode(mlmodel)],
    ["model.trimaran", bytes],
  ]);
  const folder = readAnyModel([{ kind: "folder", name: "m", files }]);
  assert.ok(folder.kind === "graph");
  assert.deepEqual([folder.graph, folder.facts.format, folder.facts.mlmodel?.runId], [graph, "mlflow/trimaran", "abc"]);
});
