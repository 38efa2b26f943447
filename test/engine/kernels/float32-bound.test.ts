// A float64 threshold and the float32 that takes its place: no float32 value may tell them apart.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ceilFloat32, floorFloat32 } from "../../../src/engine/kernels/float32-bound.ts";
import { randomFrom } from "./random-forest.ts";

const edges = [0, -0, 1e-50, -1e-50, 0.1, -0.1, 1, -1, 3.4028235e38, -3.4028235e38, 1e39, -1e39, Infinity, -Infinity];

/** The float32 neighbours of a number, and itself. */
function around(value: number): readonly number[] {
  const floats = Float32Array.of(value);
  const bits = new Int32Array(floats.buffer);
  const here = bits[0] ?? 0;
  return [here - 1, here, here + 1].map((near) => {
    bits[0] = near;
    return floats[0] ?? 0;
  });
}

test("comparisons of float32 values with the rounded threshold are those with the threshold", () => {
  const random = randomFrom(1);
  const bounds = [
    ...edges,
    ...Array.from({ length: 2000 }, () => (random() - 0.5) * 10 ** Math.floor(random() * 90 - 45)),
  ];
  for (const bound of bounds) {
    const floor = floorFloat32(bound);
    const ceil = ceilFloat32(bound);
    assert.equal(Math.fround(floor), floor);
    assert.equal(Math.fround(ceil), ceil);
    for (const value of [...around(bound), ...edges.map(Math.fround), Number.NaN]) {
      assert.equal(value <= floor, value <= bound, `${value} <= ${bound}`);
      assert.equal(value > floor, value > bound, `${value} > ${bound}`);
      assert.equal(value < ceil, value < bound, `${value} < ${bound}`);
      assert.equal(value >= ceil, value >= bound, `${value} >= ${bound}`);
    }
  }
});
