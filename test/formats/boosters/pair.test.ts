// A vectorizer logged beside its booster: two files, one model.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { isTrimaranError } from "../../../src/base/errors.ts";
import { toBatch } from "../../../src/data/to-batch.ts";
import { compileGraph } from "../../../src/engine/compile.ts";
import { loadModel } from "../../../src/loaders/load-model.ts";

const path = (name: string): string => fileURLToPath(new URL(`recorded/${name}`, import.meta.url));

test("a DictVectorizer and a native Booster in two files answer rows as they did together", async () => {
  const { graph, facts } = await loadModel([path("vectorizer.b"), path("booster.json")]);
  const recorded = JSON.parse(readFileSync(path("pair.json"), "utf8")) as { rows: unknown[]; predict: number[] };
  for (const kernels of ["reference", "fast"] as const) {
    const predictor = compileGraph(graph, { kernels });
    const { batch } = toBatch(recorded.rows, predictor.input);
    const column = predictor.predict(batch).outputs["predict"];
    assert.equal(column?.kind, "number");
    assert.deepEqual([...column.values], recorded.predict);
  }
  assert.equal(facts.format, "pickle + xgboost-json");
  assert.equal(graph.defaultMethod, "predict");
});

test("a booster before another model is refused: it answers, and does not transform", async () => {
  await assert.rejects(
    loadModel([path("booster.json"), path("vectorizer.b")]),
    (error) => isTrimaranError(error) && error.code === "MODEL_NOT_A_MODEL",
  );
});
