// The byte cursor reads what is there and never past the end.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ByteCursor } from "../../src/base/byte-cursor.ts";
import { isTrimaranError, type TrimaranError } from "../../src/base/errors.ts";

const numbers = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 0, 0xff, 0xff, 0xff, 0xff]);

function thrown(action: () => unknown): TrimaranError {
  try {
    action();
  } catch (error) {
    if (isTrimaranError(error)) return error;
    throw error;
  }
  return assert.fail("nothing was thrown");
}

describe("a byte cursor", () => {
  test("reads numbers little-endian and moves on", () => {
    const cursor = new ByteCursor(numbers, "file");
    assert.equal(cursor.u8("x"), 1);
    assert.equal(cursor.u16le("x"), 0x0302);
    assert.equal(cursor.offset, 3);
    cursor.offset = 0;
    assert.equal(cursor.u32le("x"), 0x04030201);
    cursor.offset = 0;
    assert.equal(cursor.u64le("x"), 0x0007060504030201);
    assert.equal(cursor.i32le("x"), -1);
    assert.equal(cursor.left, 0);
  });

  test("reads within a view that begins in the middle of its buffer", () => {
    const cursor = new ByteCursor(numbers.subarray(2, 6), "file");
    assert.equal(cursor.u32le("x"), 0x06050403);
    assert.equal(thrown(() => cursor.u8("more")).code, "FORMAT_TRUNCATED");
  });

  test("reads doubles in both byte orders", () => {
    const bytes = new Uint8Array(16);
    new DataView(bytes.buffer).setFloat64(0, -1.5);
    new DataView(bytes.buffer).setFloat64(8, 2.5, true);
    const cursor = new ByteCursor(bytes, "file");
    assert.deepEqual([cursor.f64be("x"), cursor.f64le("x")], [-1.5, 2.5]);
  });

  test("gives views, not copies", () => {
    const cursor = new ByteCursor(numbers, "file", 2);
    const view = cursor.take(3, "x");
    assert.equal(view.buffer, numbers.buffer);
    assert.deepEqual([...view], [3, 4, 5]);
    assert.equal(cursor.offset, 5);
    assert.equal(cursor.skip(2, "x"), 5);
  });

  test("reads lines without their line feed", () => {
    const cursor = new ByteCursor(Uint8Array.from([97, 10, 10, 98]), "file");
    assert.deepEqual([...cursor.line("x")], [97]);
    assert.deepEqual([...cursor.line("x")], []);
    assert.equal(thrown(() => cursor.line("a name")).code, "FORMAT_TRUNCATED");
    assert.equal(cursor.offset, 3);
  });

  test("says what was read, where, and how much is left, and does not move", () => {
    const reads: readonly (readonly [number, (cursor: ByteCursor) => unknown])[] = [
      [2, (cursor) => cursor.u16le("a length")],
      [4, (cursor) => cursor.u32le("a length")],
      [4, (cursor) => cursor.i32le("a length")],
      [8, (cursor) => cursor.u64le("a length")],
      [8, (cursor) => cursor.f64be("a length")],
      [8, (cursor) => cursor.f64le("a length")],
      [5, (cursor) => cursor.take(5, "a length")],
      [2 ** 53, (cursor) => cursor.skip(2 ** 53, "a length")],
    ];
    for (const [needed, read] of reads) {
      const cursor = new ByteCursor(numbers, "file", 11);
      const error = thrown(() => read(cursor));
      assert.equal(error.code, "FORMAT_TRUNCATED");
      assert.equal(error.message, `file ends too early: a length needs ${needed} bytes at offset 11, 1 are left.`);
      assert.equal(cursor.offset, 11);
    }
  });

  test("refuses a 64-bit number beyond 2^53", () => {
    assert.equal(thrown(() => new ByteCursor(numbers, "file", 4).u64le("a length")).code, "FORMAT_DAMAGED");
  });
});
