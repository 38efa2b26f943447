// Rows that are arrays of their own length, and what is said of those that are not.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ModelInput } from "../../src/data/model-input.ts";
import { toBatch } from "../../src/data/to-batch.ts";

const open: ModelInput = { kind: "matrix", named: false, columns: [], anyWidth: true };

test("a matrix of any width is as wide as its first sound row; rows of other lengths are refused", () => {
  const { batch, issues } = toBatch([{ a: 1 }, [], [1, null], [1, 2, 3], [4, "x"]], open);
  assert.ok(batch.kind === "matrix");
  assert.equal(batch.width, 2);
  assert.deepEqual([...batch.values.subarray(4, 6)], [1, Number.NaN]);
  assert.deepEqual(
    issues.map(({ row, path, code }) => [row, path, code]),
    [
      [0, "", "wrong_type"],
      [1, "", "wrong_length"],
      [3, "", "wrong_length"],
      [4, "/1", "wrong_type"],
    ],
  );
});

test("items are strings or pairs, and every other one is named by its place", () => {
  const pairs = toBatch([[["a", 1]], [["a"]], [[1, 2]], "ab"], { kind: "records", features: [], items: "pairs" });
  assert.deepEqual(
    pairs.issues.map(({ row, path }) => [row, path]),
    [
      [1, "/0"],
      [2, "/0"],
      [3, ""],
    ],
  );
  const strings = toBatch([["a", "a"], ["a", 1], { a: 1 }], { kind: "records", features: [], items: "strings" });
  assert.deepEqual(
    strings.issues.map(({ row, path }) => [row, path]),
    [
      [1, "/1"],
      [2, ""],
    ],
  );
  assert.ok(strings.batch.kind === "records");
  assert.deepEqual(Object.values(strings.batch.rows[0] ?? {}), ["a", "a"]);
});
