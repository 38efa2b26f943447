// The recorded models of one environment, written as model.trimaran, read again, and asked for Python's answers.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readGraphFile, writeGraphFile } from "../../../src/formats/graph/graph-file.ts";
import type { ModelGraph } from "../../../src/model/graph.ts";
import { goldenFolder, readNotYet } from "../../golden/replay/not-yet.ts";
import { recordedCases } from "../../golden/replay/recorded-case.ts";
import { replayCase } from "../../golden/replay/replay-case.ts";

function throughFile(graph: ModelGraph): ModelGraph {
  const bytes = writeGraphFile({ model: { kind: "graph", graph }, versions: {} });
  const { model } = readGraphFile(bytes, "model.trimaran");
  if (model.kind !== "graph") throw new TypeError("a graph was written");
  return model.graph;
}

for (const [folder, environment] of [
  ["sklearn", "sk161"],
  ["boosters", "xgb341"],
  ["boosters", "lgbm470"],
] as const) {
  describe(`the models of ${environment}, by way of a file of ours`, () => {
    const notYet = readNotYet(folder);
    const cases = recordedCases(`${goldenFolder(folder)}recorded`, `${environment}/`).filter(
      (golden) => golden.expect !== "unsupported" && !notYet.has(`${golden.env}/${golden.case}`),
    );

    test("are there", () => assert.ok(cases.length > 10));

    for (const golden of cases) {
      test(`${golden.case} answers as Python did`, async () => {
        assert.deepEqual(await replayCase(golden, throughFile), { kind: "passed" });
      });
    }
  });
}
