// The comparison itself: what each exactness class lets pass and what it does not.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Label, OutputColumn, OutputType } from "../../../src/data/predictions.ts";
import { compareMethod } from "./compare-answers.ts";
import type { Closeness, RecordedMethod } from "./recorded-case.ts";

function numbers(values: readonly number[], type: OutputType = "float64", width = 1): OutputColumn {
  return { kind: "number", type, scalar: width === 1, width, values: Float64Array.from(values) };
}

function labels(...values: readonly Label[]): OutputColumn {
  return { kind: "label", scalar: true, width: 1, codes: Int32Array.from(values.keys()), labels: [values] };
}

function problem(
  actual: OutputColumn,
  recorded: RecordedMethod,
  closeness: Closeness = "exact",
  tie = false,
): string | undefined {
  return compareMethod(actual, recorded, { closeness, tolerance: 1e-6, isTie: () => tie });
}

test("exact takes no other bit: neither one ulp, nor the other zero", () => {
  const recorded = { dtype: "float64", values: [0.1, -0, null] };
  assert.equal(problem(numbers([0.1, -0, Number.NaN]), recorded), undefined);
  assert.match(problem(numbers([0.1 + 2 ** -56, -0, Number.NaN]), recorded) ?? "", /^row 0/);
  assert.match(problem(numbers([0.1, 0, Number.NaN]), recorded) ?? "", /^row 1: 0 where the library has "-0"/);
  assert.match(problem(numbers([0.1, -0, 0]), recorded) ?? "", /^row 2/);
});

test("near takes 4 ulp, or 1e-12 of the scale, and the answer of the row alone", () => {
  assert.equal(problem(numbers([1 + 4 * 2 ** -52]), { dtype: "float64", values: [1] }, "near"), undefined);
  assert.notEqual(problem(numbers([1 + 1e-11]), { dtype: "float64", values: [1] }, "near"), undefined);
  assert.equal(problem(numbers([1 + 1e-11]), { dtype: "float64", values: [1], scale: [100] }, "near"), undefined);
  assert.equal(problem(numbers([2]), { dtype: "float64", values: [1], alone: { "0": 2 } }, "near"), undefined);
  assert.notEqual(problem(numbers([2]), { dtype: "float64", values: [1], alone: { "0": 2 } }, "exact"), undefined);
  assert.notEqual(
    problem(numbers([1e308]), { dtype: "float64", values: [Number.POSITIVE_INFINITY] }, "near"),
    undefined,
  );
});

test("loose takes the case's own tolerance and not more", () => {
  assert.equal(problem(numbers([1 + 9e-7]), { dtype: "float64", values: [1] }, "loose"), undefined);
  assert.notEqual(problem(numbers([1 + 2e-6]), { dtype: "float64", values: [1] }, "loose"), undefined);
});

test("another type of number is another answer", () => {
  assert.match(problem(numbers([1]), { dtype: "int64", values: [1] }) ?? "", /type float64, not int64/);
  assert.equal(problem(numbers([1, 0], "boolean"), { dtype: "bool", values: [true, false] }), undefined);
});

test("labels are compared in their own type, and may differ only at a tie", () => {
  assert.equal(
    problem(labels({ type: "integer", value: 9007199254740993n }), { dtype: "int64", values: [9007199254740993n] }),
    undefined,
  );
  assert.notEqual(
    problem(labels({ type: "integer", value: 9007199254740992n }), { dtype: "int64", values: [9007199254740993n] }),
    undefined,
  );
  assert.notEqual(problem(labels({ type: "string", value: "1" }), { dtype: "int64", values: [1] }), undefined);
  assert.notEqual(problem(labels({ type: "integer", value: 1 }), { dtype: "bool", values: [true] }), undefined);
  assert.match(
    problem(labels({ type: "integer", value: 1 }), { dtype: "float64", values: [1] }) ?? "",
    /labels of type integer/,
  );
  const recorded = { dtype: "str", values: ["no"] };
  assert.equal(problem(labels({ type: "string", value: "yes" }), recorded, "near", true), undefined);
  assert.notEqual(problem(labels({ type: "string", value: "yes" }), recorded, "near", false), undefined);
  assert.notEqual(problem(labels({ type: "string", value: "yes" }), recorded, "exact", true), undefined);
});

test("a row of another width, or too few outputs, is told", () => {
  assert.notEqual(problem(numbers([1, 2], "float64", 2), { dtype: "float64", values: [[1, 2, 3]] }), undefined);
  const list: OutputColumn = { kind: "list", items: [numbers([1])] };
  assert.equal(problem(list, { outputs: [{ dtype: "float64", values: [1] }] }), undefined);
  assert.match(
    problem(list, {
      outputs: [
        { dtype: "float64", values: [1] },
        { dtype: "float64", values: [1] },
      ],
    }) ?? "",
    /1 outputs where/,
  );
});
