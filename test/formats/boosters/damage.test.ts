// Every offset at which a booster's file can be cut, and flipped bits: a typed error, or a model that answers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isTrimaranError } from "../../../src/base/errors.ts";
import { toBatch } from "../../../src/data/to-batch.ts";
import { compileGraph } from "../../../src/engine/compile.ts";
import { readModel } from "../../../src/formats/read/read-model.ts";
import { recordedFile } from "./recorded-files.ts";

const files: readonly string[] = [
  "xgb341/xgboost-single-leaf-json.json",
  "xgb341/xgboost-base-score-0.0-ubj.ubj",
  "xgb211/xgboost-dart-model.model",
  "lgbm470/lightgbm-stump-txt.txt",
  "lgbm470/lightgbm-categorical-txt.txt",
];

/** `refused` or `answered`; anything else fails the test. */
function outcome(bytes: Uint8Array): "refused" | "answered" {
  try {
    const { graph } = readModel([{ kind: "file", name: "model", bytes }]);
    const predictor = compileGraph(graph);
    const row = Array.from(
      { length: predictor.input.kind === "records" ? 0 : predictor.input.columns.length },
      () => 1,
    );
    predictor.predict(toBatch([row], predictor.input).batch);
    return "answered";
  } catch (error) {
    if (isTrimaranError(error)) return "refused";
    throw error;
  }
}

for (const file of files) {
  const bytes = recordedFile(file);

  test(`${file} cut anywhere is refused`, () => {
    assert.equal(outcome(bytes), "answered");
    const step = bytes.length > 16_384 ? 7 : 1;
    // What follows the trees of a text, and the attributes of a binary, are not needed.
    const text = new TextDecoder("latin1").decode(bytes);
    const needed = file.endsWith(".txt") ? text.indexOf("end of trees") : bytes.length;
    for (let length = 0; length < needed; length += step) {
      assert.equal(outcome(bytes.subarray(0, length)), "refused", `cut at ${length} of ${bytes.length}`);
    }
  });

  test(`${file} with flipped bits is refused or answers`, () => {
    const counts = { refused: 0, answered: 0 };
    let state = 20_261_122;
    for (let round = 0; round < 1500; round++) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      const damaged = bytes.slice();
      const at = state % bytes.length;
      damaged[at] = (damaged[at] as number) ^ (1 << ((state >>> 24) & 7));
      counts[outcome(damaged)]++;
    }
    assert.ok(counts.refused > 0 && counts.answered > 0, JSON.stringify(counts));
  });
}
