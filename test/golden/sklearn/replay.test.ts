// Every recorded scikit-learn case by its exactness class; what we do not read yet stands in not-yet.json.
import assert from "node:assert/strict";
import { test } from "node:test";
import { estimatorTable } from "../../../src/formats/sklearn/estimator-table.ts";
import { testFamilies } from "../replay/family-tests.ts";
import { goldenFolder } from "../replay/not-yet.ts";
import { recordedCases } from "../replay/recorded-case.ts";

const cases = testFamilies("sklearn");

test("every estimator that we read has a golden", () => {
  const boosters = recordedCases(`${goldenFolder("boosters")}recorded`).map((golden) => golden.estimator);
  const seen = new Set([...cases.flatMap((golden) => golden.classes), ...boosters]);
  const without = estimatorTable.filter((record) => !record.classes.some((name) => seen.has(name)));
  assert.deepEqual(
    without.map((record) => record.name),
    [],
  );
});
