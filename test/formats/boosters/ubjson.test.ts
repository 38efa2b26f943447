// UBJSON, value by value; what lies about its length or depth is refused before anything is allocated.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isTrimaranError } from "../../../src/base/errors.ts";
import { readUbjson } from "../../../src/formats/boosters/ubjson.ts";

type Part = string | number | readonly number[];

/** Strings are ASCII, numbers are bytes. */
function bytes(...parts: readonly Part[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === "string" ? [...part].map((char) => char.charCodeAt(0)) : typeof part === "number" ? [part] : part,
    ),
  );
}

const read = (...parts: readonly Part[]): unknown => readUbjson(bytes(...parts), "model.ubj");
const refusal = (...parts: readonly Part[]): string => {
  try {
    read(...parts);
  } catch (error) {
    if (isTrimaranError(error)) return error.code;
    throw error;
  }
  return "read";
};
const long = (value: number): readonly number[] => [0, 0, 0, 0, 0, 0, value >> 8, value & 255];

test("reads every scalar, big-endian", () => {
  assert.deepEqual(read("[", "ZTF", "i", 255, "U", 255, "I", 255, 254, "l", [0, 1, 0, 0], "L", long(258), "]"), [
    ...[null, true, false, -1, 255, -2, 65536, 258],
  ]);
  assert.deepEqual(read("[", "d", [0x3f, 0xc0, 0, 0], "D", [0xbf, 0xf8, 0, 0, 0, 0, 0, 0], "Cx", "N", "T", "]"), [
    ...[1.5, -1.5, "x", true],
  ]);
});

test("reads objects, strings, and arrays with a count or a type", () => {
  assert.deepEqual(read("{", "U", 1, "a", "SU", 2, "hi", "L", long(1), "b", "[#U", 2, "TF", "}"), {
    a: "hi",
    b: [true, false],
  });
  assert.deepEqual(read("[$d#L", long(2), [0x3f, 0x80, 0, 0], [0x7f, 0x80, 0, 0]), Float32Array.of(1, Infinity));
  assert.deepEqual(read("[$l#U", 1, [255, 255, 255, 255]), Int32Array.of(-1));
  assert.deepEqual(read("[$L#U", 1, long(300)), Float64Array.of(300));
  assert.deepEqual(read("[$I#U", 1, 1, 0), Int16Array.of(256));
  assert.deepEqual(read("{$U#U", 1, "U", 1, "k", 9), { k: 9 });
});

test("a key called __proto__ is a key like any other", () => {
  const value = read("{", "U", 9, "__proto__", "{", "U", 1, "x", "T", "}", "}") as object;
  assert.deepEqual(Object.keys(value), ["__proto__"]);
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
});

test("refuses lengths that the bytes do not hold, without allocating them", () => {
  assert.equal(refusal("[$D#l", [0x7f, 255, 255, 255]), "FORMAT_TRUNCATED");
  assert.equal(refusal("[#l", [0x7f, 255, 255, 255], "T"), "FORMAT_TRUNCATED");
  assert.equal(refusal("SL", [0x7f, 255, 255, 255, 255, 255, 255, 255]), "FORMAT_DAMAGED");
  assert.equal(refusal("SU", 200, "short"), "FORMAT_TRUNCATED");
  assert.equal(refusal("Si", 255), "FORMAT_DAMAGED");
  assert.equal(refusal("Sd", [0, 0, 0, 0]), "FORMAT_DAMAGED");
  assert.equal(refusal("[$Z#L", [0, 0, 0, 1, 0, 0, 0, 0]), "FORMAT_DAMAGED");
  assert.equal(refusal("[$U", 1), "FORMAT_DAMAGED");
});

test("refuses unknown markers, double keys, bytes after the end and nesting without end", () => {
  assert.equal(refusal("[", "H", "]"), "FORMAT_DAMAGED");
  assert.equal(refusal("{", "U", 1, "a", "T", "U", 1, "a", "F", "}"), "FORMAT_DAMAGED");
  assert.equal(refusal("T", "T"), "FORMAT_DAMAGED");
  assert.equal(refusal("[".repeat(100_000)), "FORMAT_LIMIT");
});
