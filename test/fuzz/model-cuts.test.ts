// Real models, cut: at every opcode boundary ± 1 of the first and last 64 KiB, and at 2,000 seeded offsets. A cut file gives
// one typed error and never a graph.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isTrimaranError } from "../../src/base/errors.ts";
import { inspectSource } from "../../src/formats/read/read-model.ts";
import { opcodeBoundaries } from "./opcode-boundaries.ts";

const edge = 64 * 1024;
const seededCuts = 2000;
const example = new URL("../../examples/ride-duration/", import.meta.url).pathname;

for (const file of ["lin_reg.bin", "forest/model.pkl"]) {
  test(`${file} cut anywhere is refused by a typed error`, (t) => {
    const whole = new Uint8Array(readFileSync(example + file));
    const cuts = cutsOf(whole);
    for (const end of cuts) {
      const { graph, problem } = inspectSource({ kind: "file", name: file, bytes: whole.subarray(0, end) });
      assert.equal(graph, null, `cut at ${end}`);
      assert.ok(isTrimaranError(problem) && problem.kind !== "internal", `cut at ${end}`);
    }
    assert.ok(cuts.length > seededCuts);
    t.diagnostic(`${cuts.length} cuts`);
  });
}

function cutsOf(whole: Uint8Array): readonly number[] {
  const cuts = new Set<number>([0]);
  for (const boundary of opcodeBoundaries(whole)) {
    if (boundary > edge && boundary < whole.length - edge) continue;
    for (const end of [boundary - 1, boundary, boundary + 1]) if (end >= 0 && end < whole.length) cuts.add(end);
  }
  let state = 20_261_122;
  for (let i = 0; i < seededCuts; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    cuts.add(state % whole.length);
  }
  return [...cuts];
}
