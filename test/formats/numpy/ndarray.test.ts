// Arrays of every dtype and order, as numpy 1.16, 1.26 and 2.3 pickle them.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { scanJoblib } from "../../../src/formats/numpy/joblib-file.ts";
import { isArray, type NdArray, readArray } from "../../../src/formats/numpy/ndarray.ts";
import { readNpy } from "../../../src/formats/numpy/npy.ts";
import { numpyNames } from "../../../src/formats/numpy/numpy-names.ts";
import { readScalar } from "../../../src/formats/numpy/scalar.ts";
import { isSparse, readSparse } from "../../../src/formats/numpy/sparse.ts";
import { allowList } from "../../../src/formats/pickle/allow-list.ts";
import { auditPickle } from "../../../src/formats/pickle/audit.ts";
import { pythonNames } from "../../../src/formats/pickle/python-names.ts";
import { isNode, type PyValue } from "../../../src/formats/pickle/tree.ts";
import { bytesOf, plainValues, recordings, writer } from "./recorded.ts";

const names = allowList(pythonNames, numpyNames);

function open(base64: string): PyValue {
  const { reading } = scanJoblib(bytesOf(base64), { name: "recorded" });
  assert.equal(reading.problem, null);
  assert.deepEqual(auditPickle(reading, names), []);
  assert.ok(reading.root !== undefined);
  return reading.root;
}

for (const recording of recordings) {
  describe(`arrays of numpy ${recording.versions["numpy"]}`, () => {
    for (const { name, how, base64, shape, values } of recording.arrays) {
      test(`reads ${name} as ${writer(recording, how)} wrote it`, () => {
        const array = readArray(open(base64), "array");
        assert.deepEqual(array.shape, shape);
        assert.deepEqual(plainValues(array), values);
      });
    }

    for (const { name, base64 } of recording.npy) {
      const expected = recording.arrays.find((array) => array.name === name);
      if (expected === undefined) continue;
      test(`reads the .npy file of ${name}`, () => {
        const array = readNpy(bytesOf(base64), "array.npy");
        assert.deepEqual(array.shape, expected.shape);
        assert.deepEqual(plainValues(array), expected.values);
      });
    }

    test("refuses a .npy file of objects, which holds a pickle", () => {
      const file = recording.npy.find((npy) => npy.name === "refused objects");
      if (file !== undefined) assert.throws(() => readNpy(bytesOf(file.base64), "o.npy"), { code: "ARRAY_INVALID" });
    });

    for (const { name, how, base64 } of recording.others) {
      test(`knows ${name} as ${writer(recording, how)} wrote it`, () => checkOther(name, open(base64)));
    }
  });
}

const dense = [0, 1.5, 0, 2, 0, -3, 0, 0, 0, 4, 5, 6];
const scalars: Readonly<Record<string, unknown>> = {
  "scalar float64": 0.1,
  "scalar float32": Math.fround(0.1),
  "scalar int64": 2n ** 62n,
  "scalar uint8": 200,
  "scalar bool": true,
  "scalar str": "é x",
};

function checkOther(name: string, value: PyValue): void {
  assert.ok(isNode(value));
  if (name in scalars) {
    assert.equal(readScalar(value), scalars[name]);
    return;
  }
  if (/ (matrix|array)$/.test(name)) {
    assert.equal(isSparse(value), true);
    const { shape, indptr, indices, data } = readSparse(value, "matrix");
    const cells = new Array<number>(12).fill(0);
    for (let row = 0; row < 4; row++) {
      for (let i = indptr[row] ?? 0; i < (indptr[row + 1] ?? 0); i++) cells[row * 3 + (indices[i] ?? 0)] = data[i] ?? 0;
    }
    assert.deepEqual([shape, cells], [[4, 3], dense]);
    return;
  }
  assert.equal(isSparse(value), false);
  if (name === "datetime" || name === "complex") {
    const array: NdArray = readArray(value, "array");
    assert.equal(array.size, 1);
    assert.throws(() => plainValues(array), { code: "ARRAY_TYPE" });
    return;
  }
  // Masked arrays, random states, dtype classes and ufuncs stay as they are.
  assert.equal(isArray(value), false);
  assert.equal(value.kind, name === "dtype class" || name === "ufunc" ? "global" : "object");
  assert.equal(readScalar(value), undefined);
}

test("a ufunc that is fetched by name is judged by that name", () => {
  const fetched = (module: string, name: string, rest = ""): Uint8Array =>
    new TextEncoder().encode(`cnumpy.core\n_ufunc_reconstruct\n(S'${module}'\nS'${name}'\ntR${rest}.`);
  const found = (bytes: Uint8Array): readonly string[] =>
    auditPickle(scanJoblib(bytes, { name: "made" }).reading, names).map(({ module, name }) => `${module}.${name}`);
  assert.deepEqual(found(fetched("numpy.core.umath", "log1p")), []);
  assert.deepEqual(found(fetched("posix", "system")), ["posix.system"]);
  assert.deepEqual(found(fetched("posix", "system", "(S'id'\ntR")), ["posix.system"]);
  assert.deepEqual(found(fetched("numpy.core.umath", "log1p", "(S'id'\ntR")), ["numpy.core.umath.log1p"]);
});
