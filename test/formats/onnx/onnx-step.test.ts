// An ONNX file as the last step of a list: what our own steps transform goes into it, and what they refuse does not.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { writeOnnx } from "../../../src/formats/onnx/write-onnx.ts";
import { openCachedPredictor } from "../../../src/loaders/graph-cache.ts";
import { loadAnyModel, loadModel } from "../../../src/loaders/load-model.ts";
import { loadPredictor } from "../../../src/loaders/load-predictor.ts";
import { graphBuilder } from "../../../src/model/graph-builder.ts";
import type { Op } from "../../../src/model/op.ts";
import { modelService } from "../../../src/serving/model-service.ts";
import { openService } from "../../../src/serving/open-service.ts";
import { onnxRuntime, withoutRuntime } from "./onnx-fixture.ts";

const linear = fileURLToPath(new URL("../../../examples/ride-duration/lin_reg.bin", import.meta.url));
const vectorizer = `${linear}#0`;
const rows = [
  { PU_DO: "43_151", trip_distance: 1.01 },
  { PU_DO: "no such pair", trip_distance: 40 },
  { PU_DO: "130_205", trip_distance: 5.25 },
  { PU_DO: "43_151" },
];

interface Scratch extends Disposable {
  readonly path: string;
  /** Files that take a matrix of so many columns; `affine`: the example's own linear model. */
  write(name: string, affine: Extract<Op, { readonly kind: "affine" }>, width: number): string;
}

function scratch(): Scratch {
  const path = mkdtempSync(join(tmpdir(), "trimaran-onnx-step-"));
  return {
    path,
    write(name, affine, width) {
      const columns = Array.from({ length: width }, (_, column) => ({
        name: String(column),
        type: "number" as const,
        nullable: false,
      }));
      const graph = graphBuilder({ kind: "matrix", named: false, columns });
      const finite = graph.add({
        kind: "require_finite",
        inputs: [graph.input],
        allowNaN: false,
        allowInfinite: false,
        estimator: "the file",
      });
      const value = graph.add({ ...affine, inputs: [finite] });
      const { bytes } = writeOnnx(graph.finish({ predict: { value, scalar: true } }, "predict"));
      const file = join(path, name);
      writeFileSync(file, bytes);
      return file;
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true }),
  };
}

async function affineOf(file: string): Promise<Extract<Op, { readonly kind: "affine" }>> {
  const { graph } = await loadModel([file]);
  const found = graph.ops.find((op) => op.kind === "affine");
  assert.ok(found?.kind === "affine");
  return found;
}

describe("an ONNX file after steps of ours", () => {
  test("answers as the whole model does, row by row and in slices", { skip: withoutRuntime }, async () => {
    using folder = scratch();
    const affine = await affineOf(linear);
    const file = folder.write("lin.onnx", affine, affine.weights.length);
    const whole = modelService(await parts(await loadPredictor([linear])));
    const model = await loadPredictor([vectorizer, file], { onnxRuntime });
    assert.equal(model.predictor.kind, "async");
    assert.equal(model.predictor.input.kind, "records");
    assert.match(model.facts.format ?? "", /\+ onnx$/);
    assert.ok(model.operations.includes("MatMul"), model.operations.join());
    const service = modelService(await parts(model));
    // More rows than one slice holds: a row of the vectorizer has thousands of numbers.
    const many = Array.from({ length: 1500 }, (_, row) => rows[row % rows.length]);
    const [ours, theirs] = [await whole.answer(many), await service.answer(many)];
    assert.deepEqual(theirs.warnings, ours.warnings);
    for (const row of many.keys()) {
      const [a, b] = [ours.value(row)["predict"] as number, theirs.value(row)["predict"] as number];
      assert.ok(Math.abs(a - b) <= 1e-9 * Math.abs(a), `row ${row}: ${b}, not ${a}`);
    }
    await service.close();
    await whole.close();
  });

  test("is not asked about rows that the steps refuse, and its own refusals name the row alone", {
    skip: withoutRuntime,
  }, async () => {
    using folder = scratch();
    const affine = await affineOf(linear);
    const file = folder.write("lin.onnx", affine, affine.weights.length);
    const { predictor } = await loadPredictor([vectorizer, file], { onnxRuntime });
    const bad = { PU_DO: "43_151", trip_distance: { no: "number" } };
    const missing = { PU_DO: "43_151", trip_distance: null };
    const { issues, outputs } = await predictor.predict({ kind: "records", rows: [rows[0]!, bad, missing, rows[2]!] });
    assert.deepEqual(
      issues.map(({ row, path }) => [row, path]),
      [
        [1, "/trip_distance"],
        [2, ""],
      ],
    );
    const column = outputs["predict"];
    assert.ok(column?.kind === "number" && Number.isFinite(column.values[0]) && Number.isFinite(column.values[3]));
    predictor.close();
  });

  test("works as `model` of a definition, through the cache, and in a worker thread's hands", {
    skip: withoutRuntime,
  }, async () => {
    using folder = scratch();
    const affine = await affineOf(linear);
    const file = folder.write("lin.onnx", affine, affine.weights.length);
    const uris = [vectorizer, file];
    const cached = await openCachedPredictor(uris, { onnxRuntime, cache: { home: join(folder.path, "home") } });
    assert.equal(cached.graphFile, null);
    const far = await loadPredictor(uris, { onnxRuntime, place: "worker" });
    const expected = await (await loadPredictor([linear])).predictor.predict({ kind: "records", rows });
    for (const { predictor } of [cached, far]) {
      const { outputs } = await predictor.predict({ kind: "records", rows });
      const [a, b] = [outputs["predict"], expected.outputs["predict"]];
      assert.ok(a?.kind === "number" && b?.kind === "number");
      for (const [row, value] of b.values.entries()) assert.ok(Math.abs((a.values[row] ?? 0) - value) < 1e-9);
      predictor.close();
    }
    const definition = join(folder.path, "deployment.yaml");
    const lines = ["name: two", `model: ["${vectorizer}", "./lin.onnx"]`, "input:", "  PU_DO: { type: string }"];
    writeFileSync(
      definition,
      `${lines.join("\n")}\n  trip_distance: { type: number }\noutput:\n  duration: { type: number }\n`,
    );
    const open = async (list: readonly string[]) => ({
      ...(await loadPredictor(list, { onnxRuntime })),
      graphFile: null,
    });
    const service = await openService(definition, { open });
    const answers = await service.answer([rows[0]]);
    assert.deepEqual(answers.issues, []);
    assert.ok(Number.isFinite(answers.value(0)["duration"]));
    await service.close();
  });

  test("is refused with the reason where the steps make something else", async () => {
    using folder = scratch();
    const affine = await affineOf(linear);
    const narrow = folder.write(
      "narrow.onnx",
      { ...affine, weights: Float64Array.of(1, 2), intercept: Float64Array.of(0) },
      2,
    );
    const refuses = (uris: readonly string[], code: string, message: RegExp): Promise<void> =>
      assert.rejects(loadAnyModel(uris), { code, message });
    await refuses([vectorizer, narrow], "ONNX_STEP", /takes rows of 2 numbers, and the steps before it make \d+/);
    await refuses([linear, narrow], "ONNX_STEP", /do not transform \(they answer predict\)/);
    await refuses([narrow, vectorizer], "ONNX_GRAPH", /cannot be a step before others/);
    await refuses([narrow, narrow], "ONNX_GRAPH", /cannot be a step before others/);
    const { graph } = await loadModel([linear]);
    const strings = join(folder.path, "strings.onnx");
    writeFileSync(strings, writeOnnx(graph).bytes);
    await refuses([vectorizer, strings], "ONNX_STEP", /its input PU_DO takes strings/);
  });
});

async function parts(model: Awaited<ReturnType<typeof loadPredictor>>): Promise<Parameters<typeof modelService>[0]> {
  return { model, predictor: model.predictor };
}
