// Typed values out of arrays: rounding, ranges, types and records at every alignment.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type NdArray, readArray } from "../../../src/formats/numpy/ndarray.ts";
import { structuredFloat64, structuredInt32, structuredUint8 } from "../../../src/formats/numpy/structured.ts";
import { toCategories, toLabels } from "../../../src/formats/numpy/to-labels.ts";
import { toFloat32, toFloat64, toInt32, toNumbers } from "../../../src/formats/numpy/to-numbers.ts";
import { toStrings } from "../../../src/formats/numpy/to-strings.ts";
import { type PyObject, type PyValue, pyTuple } from "../../../src/formats/pickle/tree.ts";
import { array, dtype, pyBytes, pyList, recordType } from "./array-trees.ts";

function of(type: PyObject, data: { readonly buffer: ArrayBufferLike; readonly length: number }): NdArray {
  return readArray(
    array({ dtype: type, shape: pyTuple([data.length]), data: pyBytes(new Uint8Array(data.buffer)) }),
    "a",
  );
}

function objects(...items: PyValue[]): NdArray {
  return readArray(array({ dtype: dtype("O8"), shape: pyTuple([items.length]), data: pyList(items) }), "a");
}

describe("numbers", () => {
  test("64-bit integers become the nearest double, as in numpy", () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })), (values) => {
        assert.deepEqual(toNumbers(of(dtype("i8"), BigInt64Array.from(values))), values.map(Number));
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })), (values) => {
        assert.deepEqual(toNumbers(of(dtype("u8"), BigUint64Array.from(values))), values.map(Number));
      }),
    );
  });

  test("doubles keep every bit, and the result is no view of the file", () => {
    const data = Float64Array.of(0.1, -0, Number.NaN, Number.NEGATIVE_INFINITY);
    const read = toFloat64(of(dtype("f8"), data));
    assert.deepEqual(read, data);
    data[0] = 7;
    assert.equal(read[0], 0.1);
  });

  test("toFloat32 rounds doubles once and keeps floats", () => {
    assert.deepEqual(
      [...toFloat32(of(dtype("f8"), Float64Array.of(0.1, 1e39)))],
      [Math.fround(0.1), Number.POSITIVE_INFINITY],
    );
    assert.deepEqual(toFloat32(of(dtype("f4"), Float32Array.of(0.1))), Float32Array.of(0.1));
  });

  test("toInt32 takes what fits and refuses what does not", () => {
    const bounds = [2147483647, -2147483648, 0, -1];
    assert.deepEqual([...toInt32(of(dtype("i8"), BigInt64Array.from(bounds, BigInt)))], bounds);
    assert.deepEqual([...toInt32(objects(5, true, 7n))], [5, 1, 7]);
    for (const wide of [2n ** 31n, -(2n ** 31n) - 1n, 2n ** 62n, 2n ** 32n]) {
      assert.throws(() => toInt32(of(dtype("i8"), BigInt64Array.of(wide))), { code: "ARRAY_INVALID" });
      assert.throws(() => toInt32(objects(wide)), { code: "ARRAY_INVALID" });
    }
    assert.throws(() => toInt32(of(dtype("u8"), BigUint64Array.of(2n ** 64n - 1n))), { code: "ARRAY_INVALID" });
    assert.throws(() => toInt32(of(dtype("u4"), Uint32Array.of(2 ** 31))), { code: "ARRAY_INVALID" });
    assert.throws(() => toInt32(of(dtype("f8"), Float64Array.of(1))), { code: "ARRAY_TYPE" });
  });

  test("every half float reads as Python's struct would read it", () => {
    const words = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const read = toFloat64(of(dtype("f2"), words));
    assert.deepEqual([read[0x3c00], read[0xc000], read[0x7bff], read[1], read[0x8000]], [1, -2, 65504, 2 ** -24, -0]);
    assert.deepEqual(
      [read[0x7c00], read[0xfc00], read[0x7e00]],
      [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN],
    );
    assert.equal(read[0x3555], 0.333251953125);
  });

  test("refuses text, records, dates and long doubles, by name", () => {
    assert.throws(() => toFloat64(objects("1")), { code: "ARRAY_TYPE" });
    assert.throws(() => toFloat64(of(dtype("U1", { itemsize: 4 }), Uint32Array.of(49))), {
      code: "ARRAY_TYPE",
      message: /str/,
    });
    assert.throws(() => toFloat64(of(dtype("M8"), BigInt64Array.of(1n))), {
      code: "ARRAY_TYPE",
      message: /datetime64/,
    });
    const long = readArray(array({ dtype: dtype("f16"), data: pyBytes(new Uint8Array(16)) }), "a");
    assert.throws(() => toFloat64(long), { code: "ARRAY_TYPE", message: /float128/ });
  });
});

describe("labels and strings", () => {
  test("each label keeps its own type", () => {
    const labels = toLabels(objects("1", 1, 2n ** 60n, { kind: "float", value: 1 }, true));
    assert.deepEqual(labels, [
      { type: "string", value: "1" },
      { type: "integer", value: 1 },
      { type: "integer", value: 2n ** 60n },
      { type: "float", value: 1 },
      { type: "boolean", value: true },
    ]);
  });

  test("None is a category, but no label", () => {
    assert.deepEqual(toCategories(objects(null)), [{ type: "none" }]);
    assert.throws(() => toLabels(objects(null)), { code: "ARRAY_TYPE" });
    assert.throws(() => toCategories(objects(pyTuple([]))), { code: "ARRAY_TYPE" });
  });

  test("strings stop at the NULs that fill them up, and hold Unicode only", () => {
    const two = dtype("U2", { itemsize: 8 });
    assert.deepEqual(toStrings(of(two, { buffer: Uint32Array.of(0x1f600, 0).buffer, length: 1 })), ["\u{1f600}"]);
    assert.throws(() => toStrings(of(dtype("U1", { itemsize: 4 }), Uint32Array.of(0x110000))), {
      code: "ARRAY_INVALID",
    });
    assert.throws(() => toStrings(of(dtype("S1", { itemsize: 1 }), Uint8Array.of(0xe9))), { code: "ARRAY_TYPE" });
    assert.throws(() => toStrings(objects(1)), { code: "ARRAY_TYPE" });
  });
});

describe("record fields", () => {
  test("read the same at every stride, offset and position in the file", () => {
    for (const [itemsize, offset] of [
      [64, 0],
      [64, 24],
      [56, 8],
      [52, 12],
      [13, 1],
      [9, 0],
      [12, 4],
    ] as const) {
      for (const start of [0, 1, 4]) {
        const count = 50;
        const bytes = new Uint8Array(start + itemsize * count);
        const view = new DataView(bytes.buffer);
        for (let i = 0; i < count; i++) {
          view.setBigInt64(start + i * itemsize + offset, BigInt(i * 40_000_000 - 1_000_000_000), true);
        }
        const data = pyBytes(bytes.subarray(start));
        const read = (type: string): NdArray =>
          readArray(
            array({ dtype: recordType(itemsize, [["x", dtype(type), offset]]), shape: pyTuple([count]), data }),
            "nodes",
          );
        const expected = Array.from({ length: count }, (_, i) => i * 40_000_000 - 1_000_000_000);
        assert.deepEqual([...structuredInt32(read("i8"), "x", "p")], expected, `${itemsize} ${offset} ${start}`);
        assert.deepEqual([...structuredInt32(read("i4"), "x", "p")], expected);
        assert.deepEqual([...structuredFloat64(read("i8"), "x", "p")], expected);
        assert.deepEqual(
          [...structuredUint8(read("u1"), "x", "p")],
          expected.map((value) => value & 255),
        );
        for (let i = 0; i < count; i++) view.setFloat64(start + i * itemsize + offset, i / 3, true);
        assert.deepEqual(
          [...structuredFloat64(read("f8"), "x", "p")],
          expected.map((_, i) => i / 3),
        );
      }
    }
  });

  test("refuse what does not fit, and a field that is not there", () => {
    const type = recordType(8, [["x", dtype("i8"), 0]]);
    const wide = of(type, BigInt64Array.of(2n ** 31n));
    assert.throws(() => structuredInt32(wide, "x", "tree_"), { code: "ARRAY_INVALID", message: /tree_/ });
    assert.throws(() => structuredInt32(wide, "y", "tree_"), { code: "ARRAY_INVALID", message: /field y/ });
    assert.throws(() => structuredUint8(wide, "x", "tree_"), { code: "ARRAY_TYPE" });
  });
});
