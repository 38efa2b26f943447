// Which columns a member of a ColumnTransformer means, in every way that files write them.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type PyObject, type PyValue, pyGlobal, pyObject, pyTuple } from "../../../src/formats/pickle/tree.ts";
import { columnKeys, namesOf } from "../../../src/formats/sklearn/column-keys.ts";

const names = ["a", "b", "c", "d"];
const known = { names, width: 4 };

function keys(value: PyValue): readonly (string | number)[] {
  return columnKeys(value, "transformers_[0]", known);
}

function list(...items: PyValue[]): PyValue {
  return { kind: "list", items };
}

function slice(...parts: PyValue[]): PyObject {
  return pyObject(pyGlobal("builtins", "slice", 0), parts);
}

describe("the columns of a member", () => {
  test("are a name, a position, a list or a tuple of them", () => {
    assert.deepEqual(keys("b"), ["b"]);
    assert.deepEqual(keys(-1), [-1]);
    assert.deepEqual(keys(list("c", "a")), ["c", "a"]);
    assert.deepEqual(keys(pyTuple([0, 3])), [0, 3]);
    assert.deepEqual(keys(list()), []);
  });

  test("are where a mask is true", () => {
    assert.deepEqual(keys(list(true, false, false, true)), [0, 3]);
    assert.deepEqual(keys(list(false, false)), []);
    assert.throws(() => keys(list(true, "a")), { code: "MODEL_ATTRIBUTE" });
  });

  test("are what Python's slice gives, and a slice of names includes its end", () => {
    assert.deepEqual(keys(slice(1, 3, null)), [1, 2]);
    assert.deepEqual(keys(slice(null, null, 2)), [0, 2]);
    assert.deepEqual(keys(slice(-3, -1, null)), [1, 2]);
    assert.deepEqual(keys(slice(null, null, -1)), [3, 2, 1, 0]);
    assert.deepEqual(keys(slice(2, 99, null)), [2, 3]);
    assert.deepEqual(keys(slice("b", "d", null)), [1, 2, 3]);
    assert.deepEqual(keys(slice("b", null, null)), [1, 2, 3]);
    assert.deepEqual(keys(slice(3, 1, null)), []);
    assert.throws(() => keys(slice("b", "e", null)), { code: "MODEL_ATTRIBUTE" });
    assert.throws(() => keys(slice(0, 2, 0)), { code: "MODEL_ATTRIBUTE" });
    const unknown = { names: null, width: null };
    assert.throws(() => columnKeys(slice(0, 2, null), "p", unknown), { code: "MODEL_ATTRIBUTE" });
  });

  test("may stand in the list class of 1.5 and 1.6", () => {
    const state: PyValue = { kind: "dict", keys: ["data"], values: [list(2, 3)] };
    const columns = pyObject(pyGlobal("sklearn.compose._column_transformer", "_RemainderColsList", 0), [], [state]);
    assert.deepEqual(keys(columns), [2, 3]);
  });

  test("are refused with their path where a function chooses them", () => {
    const chosen = pyGlobal("my.code", "choose", 0);
    assert.throws(() => keys(chosen), { code: "MODEL_UNSUPPORTED", message: /transformers_\[0\]/ });
  });

  test("names are only names where all are strings", () => {
    assert.deepEqual(namesOf(list("a", "b"), "p"), ["a", "b"]);
    assert.equal(namesOf(list("a", 1), "p"), null);
    assert.equal(namesOf("a", "p"), null);
  });
});
