// Round trips of random trees, truncation at every offset and flipped bits: a reading, never a crash.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { allowList } from "../../src/formats/pickle/allow-list.ts";
import { auditPickle } from "../../src/formats/pickle/audit.ts";
import { pythonNames } from "../../src/formats/pickle/python-names.ts";
import { readPickle, scanPickle } from "../../src/formats/pickle/read-pickle.ts";
import type { PickleReading } from "../../src/formats/pickle/reading.ts";
import { type PyValue, pyGlobal, pyObject, pyTuple } from "../../src/formats/pickle/tree.ts";
import { numpyArrays } from "../formats/pickle/array-container.ts";
import { plainValue } from "../formats/pickle/plain-value.ts";
import { decodeBase64, recordedPickles } from "../formats/pickle/recorded-pickles.ts";
import { type Choose, writePickle } from "./pickle-writer.ts";

const list = allowList(pythonNames);
const recorded = recordedPickles().cases.flatMap(({ name, pickles }) =>
  Object.entries(pickles).map(([writer, base64]) => ({ name: `${name} ${writer}`, bytes: decodeBase64(base64) })),
);

const integer = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }).map((n) => (Number.isSafeInteger(Number(n)) ? Number(n) : n)),
);
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom("\ud800", "\udc00", "é", "\\", "\n", "a") }),
);
const bytes = fc.uint8Array({ maxLength: 300 });
const leaf: fc.Arbitrary<PyValue> = fc.oneof(
  fc.constantFrom<PyValue>(null, true, false),
  integer.map((n): PyValue => (Object.is(n, -0) ? 0 : n)),
  text,
  fc.double().map((value): PyValue => ({ kind: "float", value })),
  fc.tuple(bytes, fc.boolean()).map(([value, mutable]): PyValue => ({ kind: "bytes", value, mutable })),
);
const key: fc.Arbitrary<PyValue> = fc.oneof(
  integer.map((n): PyValue => (Object.is(n, -0) ? 0 : n)),
  text,
  fc.constant(null),
);

const tree: fc.Arbitrary<PyValue> = fc.letrec<{ value: PyValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.array(tie("value"), { maxLength: 5 }).map((items): PyValue => pyTuple(items)),
    fc.array(tie("value"), { maxLength: 5 }).map((items): PyValue => ({ kind: "list", items })),
    fc
      .tuple(fc.array(key, { maxLength: 5 }), fc.boolean())
      .map(([items, frozen]): PyValue => ({ kind: "set", items, frozen })),
    fc
      .array(fc.tuple(key, tie("value")), { maxLength: 5 })
      .map((entries): PyValue => ({ kind: "dict", keys: entries.map(([k]) => k), values: entries.map(([, v]) => v) })),
    fc
      .tuple(fc.array(tie("value"), { maxLength: 3 }), fc.array(tie("value"), { maxLength: 2 }))
      .map(([args, states]): PyValue => pyObject(pyGlobal("model", "Model", 0), args, states)),
  ),
})).value;

/** A small generator of numbers in 0 … count - 1, the same for the same seed (mulberry32). */
function seeded(seed: number): Choose {
  let state = seed;
  return (count) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * count);
  };
}

function assertHonest(reading: PickleReading, size: number): void {
  assert.notEqual(reading.problem?.code, "INTERNAL", String(reading.problem?.cause));
  assert.equal(reading.root === undefined, reading.problem !== null);
  assert.ok(reading.endOffset >= 0 && reading.endOffset <= size);
  for (const finding of auditPickle(reading, list)) assert.ok(finding.offset <= size);
}

describe("a pickle", () => {
  test("of any tree reads back as that tree, however it was written", () => {
    fc.assert(
      fc.property(tree, fc.integer({ min: 0, max: 5 }), fc.integer(), (value, protocol, seed) => {
        const written = writePickle(value, protocol, seeded(seed));
        const reading = readPickle(written, { name: "tree" });
        assert.deepEqual(plainValue(reading.root), plainValue(value));
        assert.equal(reading.endOffset, written.length);
      }),
      { numRuns: 2000 },
    );
  });

  test("cut at any offset is a typed problem", () => {
    const small = recorded.filter(({ bytes: whole }) => whole.length <= 16384);
    assert.ok(small.length > 200);
    for (const { name, bytes: whole } of small) {
      const names = new Set(scanPickle(whole, { name }).globals.map(({ global }) => global.offset));
      for (let length = 0; length < whole.length; length++) {
        const reading = scanPickle(whole.subarray(0, length), { name });
        assertHonest(reading, length);
        const code = reading.problem?.code ?? "";
        assert.match(code, length === 0 ? /^FORMAT_EMPTY$/ : /^FORMAT_TRUNCATED$/, `${name} cut at ${length}`);
        for (const { global } of reading.globals) assert.ok(names.has(global.offset), `${name} cut at ${length}`);
      }
    }
  });

  test("with flipped bits is read or refused, and Object.prototype stays as it was", () => {
    const prototype = Object.getOwnPropertyNames(Object.prototype);
    const choose = seeded(20221101);
    for (let round = 0; round < 30_000; round++) {
      const { name, bytes: whole } = recorded[choose(recorded.length)] as (typeof recorded)[number];
      if (whole.length > 3000) continue;
      const damaged = whole.slice();
      for (let flips = 1 + choose(4); flips > 0; flips--) {
        const at = choose(damaged.length);
        damaged[at] = (damaged[at] as number) ^ (1 << choose(8));
      }
      assertHonest(scanPickle(damaged, { name, container: numpyArrays }), damaged.length);
    }
    assert.deepEqual(Object.getOwnPropertyNames(Object.prototype), prototype);
  });

  test("of random bytes is read or refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (random) =>
        assertHonest(scanPickle(random, { name: "random" }), random.length),
      ),
      { numRuns: 5000 },
    );
  });

  test("of random opcodes is read or refused", () => {
    const opcode = fc.constantFrom(
      ...Array.from("(.0123NR)ablesuto}]eqhKU\x80\x81\x85\x86\x87\x88\x8f\x90\x91\x92\x93\x94\x8c", (c) =>
        c.charCodeAt(0),
      ),
    );
    const stream = fc.array(
      fc.oneof({ weight: 9, arbitrary: opcode }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 4 }) }),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(stream, (codes) =>
        assertHonest(scanPickle(Uint8Array.from(codes), { name: "random" }), codes.length),
      ),
      { numRuns: 20_000 },
    );
  });
});
