// What a pickle may cost: every limit refuses, names itself and can be raised; bombs stay small and quick.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isTrimaranError } from "../../../src/base/errors.ts";
import { type PickleLimits, resolvePickleLimits } from "../../../src/formats/pickle/limits.ts";
import { readPickle, scanPickle } from "../../../src/formats/pickle/read-pickle.ts";
import { join, op, type Part, pickle, repeat, stackGlobal, text, u32 } from "./assemble.ts";

const none = op("NONE");
const mark = op("MARK");

// A limit, a value that is one too low, one that is just enough, and the stream.
const limited: readonly (readonly [limit: keyof PickleLimits, low: number, enough: number, stream: readonly Part[]])[] =
  [
    ["maxBytes", 3, 4, [none]],
    ["maxOpcodes", 4, 5, [none, op("POP"), none]],
    ["maxStack", 2, 3, [none, mark, none, op("TUPLE")]],
    ["maxMemo", 1, 2, [none, op("BINPUT", 7), op("BINPUT", 7), op("LONG_BINPUT", u32(1e9))]],
    ["maxDepth", 2, 3, [none, op("TUPLE1"), op("TUPLE1"), op("TUPLE1")]],
    [
      "maxVisits",
      10,
      20,
      [op("EMPTY_LIST"), op("DUP"), op("TUPLE2"), op("DUP"), op("TUPLE2"), op("DUP"), op("TUPLE2")],
    ],
    ["maxSharedVisits", 1, 8192, doubled(12)],
    ["maxItems", 2, 3, [op("EMPTY_LIST"), mark, none, none, none, op("APPENDS")]],
    ["maxItems", 3, 4, [op("EMPTY_DICT"), mark, text("a"), none, text("b"), none, op("SETITEMS")]],
    ["maxStringBytes", 2, 3, [text("abc")]],
    ["maxStringBytes", 4, 5, [op("STRING", "'abc'\n")]],
    ["maxIntegerBytes", 1, 2, [op("LONG1", 2, 1, 1)]],
    ["maxIntegerDigits", 2, 3, [op("LONG", "12345\n")]],
    ["maxGlobals", 1, 2, [stackGlobal("a", "b"), stackGlobal("a", "b"), stackGlobal("a", "c")]],
    ["maxAllocation", 100, 400, [op("SHORT_BINBYTES", 0), op("TUPLE1")]],
  ];

/** A tuple of two of the same, and so on: 2^levels visits, of a few values. */
function doubled(levels: number): readonly Part[] {
  return [op("EMPTY_LIST"), ...Array.from({ length: levels }, () => [op("DUP"), op("TUPLE2")]).flat()];
}

describe("a limit", () => {
  for (const [limit, low, enough, stream] of limited) {
    test(`${limit} refuses at ${low} and permits at ${enough}`, () => {
      const bytes = pickle(...stream);
      const { problem } = scanPickle(bytes, { name: "limited", limits: { [limit]: low } });
      assert.equal(problem?.code, "FORMAT_LIMIT");
      assert.match(problem.message, new RegExp(`limit ${limit} of ${low}`));
      assert.match(problem.fix, new RegExp(`raise the limit: \`--limit ${limit}=NUMBER\``));
      readPickle(bytes, { name: "limited", limits: { [limit]: enough } });
    });
  }

  test("of every name is tried above", () => {
    const tried = new Set<string>(limited.map(([limit]) => limit));
    assert.deepEqual(
      Object.keys(resolvePickleLimits()).filter((name) => !tried.has(name)),
      [],
    );
  });

  test("that does not exist, or is no number, is a mistake of the caller", () => {
    const misspelt = { maxOpcode: 1 } as PickleLimits;
    assert.throws(() => scanPickle(pickle(none), { name: "x", limits: misspelt }), /no pickle limit maxOpcode/);
    assert.throws(
      () => resolvePickleLimits({ maxDepth: -1 }),
      (error) => isTrimaranError(error) && error.code === "USAGE_INVALID",
    );
    assert.throws(() => resolvePickleLimits({ maxDepth: Number.NaN }));
  });
});

/** Runs once and gives the problem's message, or "read", with time in milliseconds and growth of the heap in MiB. */
function cost(bytes: Uint8Array): { said: string; ms: number; mebibytes: number } {
  const before = process.memoryUsage();
  const start = performance.now();
  const reading = scanPickle(bytes, { name: "bomb" });
  const ms = performance.now() - start;
  const after = process.memoryUsage();
  const mebibytes = (after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers) / 1024 ** 2;
  return { said: reading.problem?.message ?? "read", ms, mebibytes };
}

const million = 1_000_000;
const ladder = (steps: number, step: (i: number) => Uint8Array): Uint8Array =>
  join(...Array.from({ length: steps }, (_, i) => step(i)));

const bombs: readonly (readonly [what: string, stream: Uint8Array, says: RegExp])[] = [
  ["a tuple nested a million deep", pickle(none, repeat(op("TUPLE1"), million)), /maxDepth of 1000/],
  [
    "a list nested a million deep",
    pickle(repeat(op("EMPTY_LIST"), million), repeat(op("APPEND"), million - 1)),
    /maxDepth of 1000/,
  ],
  [
    "an object whose states nest",
    pickle(repeat(join(stackGlobal("m", "C"), op("EMPTY_TUPLE"), op("NEWOBJ")), 10_000), repeat(op("BUILD"), 9_999)),
    /maxDepth of 1000/,
  ],
  ["a million open marks", pickle(repeat(mark, million)), /STOP finds too few values/],
  ["ten million marks", pickle(repeat(mark, 10 * million)), /maxStack/],
  ["a ladder of DUP", pickle(op("EMPTY_LIST"), repeat(join(op("DUP"), op("TUPLE2")), 500)), /maxVisits/],
  [
    "a ladder through the memo",
    pickle(
      op("EMPTY_LIST"),
      op("BINPUT", 0),
      ladder(64, (i) => join(op("POP"), mark, op("BINGET", i), op("BINGET", i), op("LIST"), op("BINPUT", i + 1))),
    ),
    /maxVisits/,
  ],
  [
    "one set copied again and again",
    pickle(
      mark,
      repeat(none, 100_000),
      op("LIST"),
      op("BINPUT", 0),
      stackGlobal("builtins", "set"),
      op("BINPUT", 1),
      op("POP"),
      mark,
      repeat(join(op("BINGET", 1), op("BINGET", 0), op("TUPLE1"), op("REDUCE")), 100_000),
      op("LIST"),
    ),
    /maxItems|maxAllocation/,
  ],
  [
    "one text encoded again and again",
    pickle(
      op("BINUNICODE", u32(million), repeat(join("x"), million)),
      op("BINPUT", 0),
      text("latin1"),
      op("BINPUT", 1),
      stackGlobal("_codecs", "encode"),
      op("BINPUT", 2),
      mark,
      repeat(join(op("BINGET", 2), op("BINGET", 0), op("BINGET", 1), op("TUPLE2"), op("REDUCE"), op("POP")), 10_000),
      op("LIST"),
    ),
    /maxAllocation/,
  ],
  [
    "five million empty bytes",
    pickle(mark, repeat(op("SHORT_BINBYTES", 0), 5 * million), op("LIST")),
    /maxStack|maxAllocation/,
  ],
  ["a LONG of ten million digits", pickle(op("LONG", repeat(join("9"), 10 * million), "L\n")), /maxIntegerDigits/],
  [
    "a LONG4 of ten million bytes",
    pickle(op("LONG4", u32(10 * million), repeat(join(0x7f), 10 * million))),
    /maxIntegerBytes/,
  ],
  ["many names", pickle(ladder(20_000, (i) => stackGlobal("m", `n${i}`))), /maxGlobals/],
];

describe("a bomb is refused in bounded time and memory", () => {
  for (const [what, stream, says] of bombs) {
    test(what, () => {
      const { said, ms, mebibytes } = cost(stream);
      assert.match(said, says);
      assert.ok(ms < 4000, `${ms} ms`);
      assert.ok(mebibytes < 500, `${mebibytes} MiB`);
    });
  }

  test("ten thousand memo entries far apart cost no more than near ones", () => {
    const far = cost(
      pickle(
        none,
        ladder(10_000, (i) => op("LONG_BINPUT", u32(i * 400_000))),
      ),
    );
    assert.equal(far.said, "read");
    assert.ok(far.mebibytes < 20, `${far.mebibytes} MiB`);
  });
});

describe("what is large and legal", () => {
  test("a million items in one APPENDS are read", () => {
    const bytes = pickle(op("EMPTY_LIST"), mark, repeat(op("BININT1", 7), million), op("APPENDS"));
    const { root } = readPickle(bytes, { name: "long" });
    assert.ok(typeof root === "object" && root?.kind === "list");
    assert.equal(root.items.length, million);
  });

  test("a list that holds itself counts once and is read", () => {
    const { root } = readPickle(pickle(op("EMPTY_LIST"), op("DUP"), op("APPEND")), { name: "cycle" });
    assert.ok(typeof root === "object" && root?.kind === "list");
    assert.equal(root.items[0], root);
  });

  test("nesting of a thousand is read, of one more is not", () => {
    readPickle(pickle(none, repeat(op("TUPLE1"), 1000)), { name: "deep" });
    assert.throws(() => readPickle(pickle(none, repeat(op("TUPLE1"), 1001)), { name: "deep" }), /maxDepth/);
  });
});

/** What Node holds more after the reading than before, collected. */
function heldBy(read: () => unknown): number {
  const before = process.memoryUsage().rss;
  read();
  return process.memoryUsage().rss - before;
}

describe("a small file that would cost much", () => {
  const million = 1_000_000;

  test("of a million empty lists or dicts stays below 400 MB, and four million are refused", () => {
    const lists = Uint8Array.from({ length: 2 * million + 4 }, (_, at) => (at % 2 === 0 ? 0x5d : 0x61));
    lists.set([0x80, 2, 0x5d, 0x5d]);
    lists[lists.length - 1] = 0x2e;
    const dicts = new Uint8Array(4 * million).fill(0x7d);
    dicts.set([0x80, 2]);
    dicts[dicts.length - 1] = 0x2e;
    assert.ok(heldBy(() => scanPickle(lists, { name: "lists" })) < 400e6);
    assert.ok(heldBy(() => assert.equal(scanPickle(dicts, { name: "dicts" }).problem?.code, "FORMAT_LIMIT")) < 500e6);
  });

  test("of one large array that stands in it ten thousand times is weighed by its bytes", () => {
    const size = 1 << 20;
    const bytes = (times: number): Uint8Array => {
      const head = [0x80, 3, 0x5d, 0x28, 0x42, 0, 0, size >> 16, 0, 0x71, 0];
      const refs = Array.from({ length: times }, () => [0x68, 0]).flat();
      const file = new Uint8Array(head.length + size + refs.length + 2);
      file.set(head.slice(0, 9));
      file.set(head.slice(9), 9 + size);
      file.set([...refs, 0x65, 0x2e], head.length + size);
      return file;
    };
    assert.equal(scanPickle(bytes(10), { name: "shared" }).problem, null);
    const { problem } = scanPickle(bytes(10_000), { name: "shared" });
    assert.equal(problem?.code, "FORMAT_LIMIT");
    assert.match(problem?.message ?? "", /maxSharedVisits/);
    assert.equal(scanPickle(bytes(10_000), { name: "shared", limits: { maxSharedVisits: 5e7 } }).problem, null);
  });
});
