// Sparse matrices and .npy files whose parts lie: one typed error each.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isTrimaranError } from "../../../src/base/errors.ts";
import { readNpy } from "../../../src/formats/numpy/npy.ts";
import { readSparse } from "../../../src/formats/numpy/sparse.ts";
import { type PyObject, type PyValue, pyGlobal, pyObject, pyTuple } from "../../../src/formats/pickle/tree.ts";
import { array, dtype, pyBytes, pyDict } from "./array-trees.ts";

describe("readSparse", () => {
  type Entries = Readonly<Record<string, PyValue | readonly number[]>>;
  const ints = (values: readonly number[]): PyValue => {
    const data = pyBytes(new Uint8Array(Int32Array.from(values).buffer));
    return array({ shape: pyTuple([values.length]), dtype: dtype("i4"), data });
  };
  const csr = (entries: Entries): PyObject => {
    const sound: Entries = { _shape: pyTuple([1, 2]), indptr: [0, 1], indices: [1], data: array() };
    const all = Object.entries({ ...sound, ...entries });
    const state = pyDict(Object.fromEntries(all.map(([key, value]) => [key, isNumbers(value) ? ints(value) : value])));
    return pyObject(pyGlobal("scipy.sparse._csr", "csr_matrix", 0), [], [state]);
  };

  test("reads a sound one", () => {
    assert.deepEqual([...readSparse(csr({}), "x").indices], [1]);
  });

  const wrong: readonly [string, Entries][] = [
    ["a column outside of its shape", { indices: [2] }],
    ["a negative column", { indices: [-1] }],
    ["an indptr of another length", { indptr: [0, 1, 1] }],
    ["an indptr past its data", { indptr: [0, 2] }],
    ["an indptr that runs backwards", { _shape: pyTuple([2, 2]), indptr: [0, 2, 1] }],
    ["an indptr that does not begin at 0", { indptr: [1, 1] }],
    ["a shape of three", { _shape: pyTuple([1, 2, 3]) }],
    ["a shape beyond 32 bits", { _shape: pyTuple([1, 2 ** 40]) }],
    ["no data", { data: null }],
  ];
  for (const [what, entries] of wrong) {
    test(`refuses ${what}`, () => assert.throws(() => readSparse(csr(entries), "x"), { code: "ARRAY_INVALID" }));
  }
});

function isNumbers(value: PyValue | readonly number[]): value is readonly number[] {
  return Array.isArray(value);
}

describe("readNpy", () => {
  const npy = (header: string, data = new Uint8Array(8)): Uint8Array => {
    const text = Buffer.from(`${header}\n`, "latin1");
    const start = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length & 255, text.length >> 8]);
    return new Uint8Array(Buffer.concat([start, text, data]));
  };
  const sound = "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }";

  test("reads what numpy would", () => assert.equal(readNpy(npy(sound), "a.npy").size, 1));

  const wrong = [
    "",
    "{}",
    "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}",
    "{'descr': [('a', '|O')], 'fortran_order': False, 'shape': (1,)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (2147483648, 2147483648)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': 1}",
    "{'descr': '<f8', 'fortran_order': 0, 'shape': (1,)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), 'more': 1}",
    "{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (1,)}",
    "{'descr': __import__('os').system('x'), 'fortran_order': False, 'shape': (1,)}",
    `{'descr': ${"[".repeat(5000)}`,
    `${sound} + 1`,
    "{'descr': '<f8', 'fortran_order': False, 'shape': (1,)",
    "{'descr': 'V9999999999', 'fortran_order': False, 'shape': (1,)}",
  ];
  for (const header of wrong) {
    test(`refuses the header ${header.slice(0, 80)}`, () => {
      assert.throws(() => readNpy(npy(header), "a.npy"), { code: "ARRAY_INVALID" });
    });
  }

  test("a cut or flipped file is a typed error or an array", () => {
    const bytes = npy(sound);
    for (let end = 0; end < bytes.length; end++) {
      assert.throws(
        () => readNpy(bytes.subarray(0, end), "a.npy"),
        (error) => isTrimaranError(error),
      );
    }
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      try {
        readNpy(flipped, "a.npy");
      } catch (error) {
        assert.ok(isTrimaranError(error), String(error));
      }
    }
  });
});
