// Arrays whose shape, dtype, state or bytes lie: one typed error each, at once and without memory.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ByteCursor } from "../../../src/base/byte-cursor.ts";
import { readDType } from "../../../src/formats/numpy/dtype.ts";
import { joblibContainer } from "../../../src/formats/numpy/joblib.ts";
import { isArray, readArray } from "../../../src/formats/numpy/ndarray.ts";
import { type PyObject, type PyValue, pyGlobal, pyObject, pyTuple } from "../../../src/formats/pickle/tree.ts";
import { array, buffer, dtype, pyBytes, pyDict, pyList, recordType } from "./array-trees.ts";

const eight = pyBytes(new Uint8Array(8));
const none = pyBytes(new Uint8Array(0));
const i8 = dtype("i8");

function ladder(depth: number): PyObject {
  let inner = recordType(16, [
    ["a", i8, 0],
    ["b", i8, 8],
  ]);
  for (let level = 0; level < depth; level++) {
    inner = recordType(16, [
      ["a", inner, 0],
      ["b", inner, 0],
    ]);
  }
  return inner;
}

function cyclicType(): PyObject {
  const fields = pyDict({});
  const type = dtype("V8", { order: "|", names: pyTuple(["a"]), fields, itemsize: 8 });
  fields.keys.push("a");
  fields.values.push(pyTuple([type, 0]));
  return type;
}

const state = (...items: PyValue[]): PyObject => {
  const made = array();
  made.states[0] = pyTuple(items);
  return made;
};

const hostile: Readonly<Record<string, PyValue>> = {
  "a shape whose product overflows": array({ shape: pyTuple([2 ** 31, 2 ** 31]) }),
  "a shape beyond 2^53": array({ shape: pyTuple([2n ** 62n]) }),
  "a negative dimension": array({ shape: pyTuple([-1]) }),
  "a dimension that is no integer": array({ shape: pyTuple([{ kind: "float", value: 1 }]) }),
  "a shape of 65 dimensions": array({ shape: pyTuple(new Array(65).fill(1)) }),
  "a shape that is text": array({ shape: "1" }),
  "too few bytes": array({ shape: pyTuple([2]) }),
  "too many bytes": array({ shape: pyTuple([0]) }),
  "bytes that are a list": array({ data: pyList([1]) }),
  "bytes that are text beyond Latin-1": array({ data: "\u0100".repeat(8) }),
  "elements without bytes": array({ shape: pyTuple([2 ** 52]), dtype: dtype("S0", { itemsize: 0 }), data: none }),
  "an object array without a list": array({ dtype: dtype("O8"), data: eight }),
  "an object array of another length": array({ dtype: dtype("O8"), data: pyList([1, 2]) }),
  "a record of objects": array({ dtype: recordType(8, [["a", dtype("O8"), 0]]), data: pyList([1]) }),
  "a class that is no array": array({ subtype: pyGlobal("posix", "system", 0) }),
  "a class that is an object": array({ subtype: array() }),
  "no dtype": array({ dtype: "f8" }),
  "a dtype of another module": array({ dtype: pyObject(pyGlobal("numpy.core", "dtype", 0), ["f8"]) }),
  "a state of three items": state(1, pyTuple([1]), dtype("f8")),
  "a state of six items": state(1, pyTuple([1]), dtype("f8"), false, eight, 1),
  "an unknown order": buffer(eight, i8, pyTuple([1]), "A"),
  "axes that repeat": buffer(eight, dtype("i4"), pyTuple([1, 2]), "K", pyTuple([0, 0])),
  "axes outside of the shape": buffer(eight, dtype("i4"), pyTuple([1, 2]), "K", pyTuple([0, 2])),
  "no arguments": buffer(null, null),
};

describe("readArray", () => {
  for (const [what, value] of Object.entries(hostile)) {
    test(`refuses ${what}`, () => {
      assert.equal(isArray(value), true);
      assert.throws(() => readArray(value, "coef_"), { code: "ARRAY_INVALID", message: /coef_/ });
    });
  }

  test("refuses an array that was never built, and one that was built twice", () => {
    const never = array();
    never.states.length = 0;
    assert.throws(() => readArray(never, "a"), { code: "ARRAY_INVALID" });
    const twice = array();
    twice.states.push(twice.states[0] ?? null);
    assert.throws(() => readArray(twice, "a"), { code: "ARRAY_INVALID" });
  });

  test("takes no name that only looks like numpy's", () => {
    for (const [module, name] of [
      ["numpy.core.multiarray.x", "_reconstruct"],
      ["numpy.core", "multiarray._reconstruct"],
      ["constructor", "_reconstruct"],
      ["numpy.core.multiarray", "toString"],
    ] as const) {
      assert.equal(isArray(pyObject(pyGlobal(module, name, 0), [])), false);
    }
    for (const value of [undefined, null, 1, "x", pyTuple([])]) assert.equal(isArray(value), false);
  });

  test("an array of no elements may have any other dimension", () => {
    assert.equal(readArray(array({ shape: pyTuple([2 ** 40, 0]), data: none }), "a").size, 0);
    assert.equal(readArray(array({ shape: pyTuple([0, 2 ** 40]), data: none, fortran: true }), "a").size, 0);
  });
});

describe("readDType", () => {
  const wrong: Readonly<Record<string, PyValue>> = {
    "an unknown kind": dtype("x8"),
    "a size that no kind has": dtype("f3"),
    "a size beyond 2^31": dtype("V9999999999"),
    "a size of many digits": dtype(`V${"9".repeat(400)}`),
    "a descr that is bytes": pyObject(pyGlobal("numpy", "dtype", 0), [eight]),
    "another item size in the state": dtype("f8", { itemsize: 4 }),
    "a negative item size": dtype("V8", { itemsize: -2 }),
    "half a character": dtype("U2", { itemsize: 7 }),
    "no byte order": dtype("f8", { order: null }),
    "a state that is short": pyObject(pyGlobal("numpy", "dtype", 0), ["f8"], [pyTuple([3, "<"])]),
    "names without fields": dtype("V8", { names: pyTuple(["a"]), itemsize: 8 }),
    "fields in a float": dtype("f8", { names: pyTuple(["a"]), fields: pyDict({ a: pyTuple([i8, 0]) }) }),
    "a field outside of its record": recordType(8, [["a", i8, 1]]),
    "a field at a negative offset": recordType(8, [["a", i8, -1]]),
    "a field name that repeats": dtype("V8", {
      names: pyTuple(["a", "a"]),
      fields: pyDict({ a: pyTuple([i8, 0]) }),
      itemsize: 8,
    }),
    "a name that has no field": dtype("V8", {
      names: pyTuple(["b"]),
      fields: pyDict({ a: pyTuple([i8, 0]) }),
      itemsize: 8,
    }),
    "a subarray of another size": dtype("V8", { subdtype: pyTuple([i8, pyTuple([2 ** 40])]), itemsize: 8 }),
    "a subarray whose shape overflows": dtype("V8", {
      subdtype: pyTuple([i8, pyTuple([2 ** 30, 2 ** 30])]),
      itemsize: 8,
    }),
    "a record that holds itself": cyclicType(),
    "a ladder of shared records": ladder(30),
    "a record nested 40 deep": Array.from({ length: 40 }).reduce<PyObject>(
      (inner) => recordType(8, [["a", inner, 0]]),
      i8,
    ),
  };
  for (const [what, value] of Object.entries(wrong)) {
    test(`refuses ${what}`, () => {
      const startMs = performance.now();
      assert.throws(() => readDType(value, "nodes"), { code: "ARRAY_INVALID" });
      assert.ok(performance.now() - startMs < 500);
    });
  }
});

describe("joblib arrays", () => {
  const wrapper = (entries: Readonly<Record<string, PyValue>>): PyObject => {
    const sound = { shape: pyTuple([1]), order: "C", dtype: i8, numpy_array_alignment_bytes: 16 };
    return pyObject(pyGlobal("joblib.numpy_pickle", "NumpyArrayWrapper", 0), [], [pyDict({ ...sound, ...entries })]);
  };
  const take = (object: PyObject, bytes: Uint8Array): PyValue | undefined =>
    joblibContainer().afterBuild(object, new ByteCursor(bytes, "model"), () => "nested");

  test("takes padding and bytes, and nothing else", () => {
    const cursor = new ByteCursor(Uint8Array.of(2, 255, 255, 7, 0, 0, 0, 0, 0, 0, 0, 99), "model");
    const value = joblibContainer().afterBuild(wrapper({}), cursor, () => null);
    assert.equal(cursor.offset, 11);
    assert.equal(readArray(value, "a").bytes[0], 7);
    assert.equal(take(pyObject(pyGlobal("other", "NumpyArrayWrapper", 0), []), new Uint8Array(99)), undefined);
    assert.equal(take(wrapper({ dtype: dtype("O8") }), new Uint8Array(0)), "nested");
  });

  const wrong: readonly [string, Readonly<Record<string, PyValue>>, string][] = [
    ["a shape that overflows", { shape: pyTuple([2 ** 31, 2 ** 31]) }, "ARRAY_INVALID"],
    ["a negative dimension", { shape: pyTuple([-1]) }, "ARRAY_INVALID"],
    ["a shape of more bytes than there are", { shape: pyTuple([2 ** 40]) }, "FORMAT_TRUNCATED"],
    ["padding past the end", {}, "FORMAT_TRUNCATED"],
    ["no order", { order: null }, "ARRAY_INVALID"],
    ["a dtype that is a function", { dtype: pyGlobal("posix", "system", 0) }, "ARRAY_INVALID"],
  ];
  for (const [what, entries, code] of wrong) {
    test(`refuses ${what}`, () => {
      assert.throws(() => take(wrapper(entries), Uint8Array.of(200, 1, 2, 3, 4, 5, 6, 7, 8)), { code });
    });
  }
});
