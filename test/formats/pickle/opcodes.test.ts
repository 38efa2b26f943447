// Every opcode by itself, in hand-assembled streams.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { opcodes } from "../../../src/formats/pickle/opcodes.ts";
import { readPickle, scanPickle } from "../../../src/formats/pickle/read-pickle.ts";
import { join, op, type Part, stackGlobal, text, u16, u32, u64 } from "./assemble.ts";
import { type Plain, plainValue } from "./plain-value.ts";

const int = (value: number | bigint): Plain => ({ int: String(value) });
const one = op("BININT1", 1);
const two = op("BININT1", 2);
const three = op("BININT1", 3);
const mark = op("MARK");
const ordered = op("GLOBAL", "collections\nOrderedDict\n");
const anOrdered = { object: "collections.OrderedDict", args: [], states: [], appended: [], entries: [] };
const float = (hex: string): Plain => ({ float: hex });

// The opcode, a stream without STOP, and its value.
const cases: readonly (readonly [name: string, stream: readonly Part[], value: Plain])[] = [
  ["MARK", [mark, one, op("TUPLE")], { tuple: [int(1)] }],
  ["STOP", [one], int(1)],
  ["POP", [one, two, op("POP")], int(1)],
  ["POP", [one, mark, op("POP")], int(1)],
  ["POP_MARK", [one, mark, two, three, op("POP_MARK")], int(1)],
  ["DUP", [one, op("DUP"), op("TUPLE2")], { tuple: [int(1), int(1)] }],
  ["NONE", [op("NONE")], null],
  ["NEWTRUE", [op("NEWTRUE")], true],
  ["NEWFALSE", [op("NEWFALSE")], false],
  ["INT", [op("INT", "-42\n")], int(-42)],
  ["INT", [op("INT", "01\n")], true],
  ["INT", [op("INT", "00\n")], false],
  ["INT", [op("INT", "123456789012345678901234567890\n")], int(123456789012345678901234567890n)],
  ["LONG", [op("LONG", "9007199254740993L\n")], int(9007199254740993n)],
  ["LONG", [op("LONG", "-7\n")], int(-7)],
  ["BININT", [op("BININT", u32(0xfffffffe))], int(-2)],
  ["BININT1", [op("BININT1", 255)], int(255)],
  ["BININT2", [op("BININT2", u16(65535))], int(65535)],
  ["LONG1", [op("LONG1", 0)], int(0)],
  ["LONG1", [op("LONG1", 1, 0x80)], int(-128)],
  ["LONG1", [op("LONG1", 2, 0x80, 0)], int(128)],
  ["LONG1", [op("LONG1", 6, 0, 0x10, 0xa5, 0xd4, 0xe8, 0)], int(1_000_000_000_000 - 0)],
  ["LONG1", [op("LONG1", 6, 0, 0xf0, 0x5a, 0x2b, 0x17, 0xff)], int(-1_000_000_000_000)],
  ["LONG1", [op("LONG1", 8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f)], int(2n ** 63n - 1n)],
  ["LONG4", [op("LONG4", u32(9), 0, 0, 0, 0, 0, 0, 0, 0, 0xff)], int(-(2n ** 64n))],
  ["FLOAT", [op("FLOAT", "-1.5e3\n")], float("c097700000000000")],
  ["FLOAT", [op("FLOAT", "inf\n")], float("7ff0000000000000")],
  ["FLOAT", [op("FLOAT", "nan\n")], float("7ff8000000000000")],
  ["FLOAT", [op("FLOAT", "-0.0\n")], float("8000000000000000")],
  ["BINFLOAT", [op("BINFLOAT", 0x3f, 0xf8, 0, 0, 0, 0, 0, 0)], float("3ff8000000000000")],
  ["STRING", [op("STRING", `'a\\x41\\n\\t\\\\\\'\\"\\101\\q\xe9'\n`)], `aA\n\t\\'"A\\q\xe9`],
  ["STRING", [op("STRING", `"it's"\n`)], "it's"],
  ["BINSTRING", [op("BINSTRING", u32(3), "a\x80\xff")], "a\x80\xff"],
  ["SHORT_BINSTRING", [op("SHORT_BINSTRING", 2, "\x9fz")], "\x9fz"],
  ["UNICODE", [op("UNICODE", "\xe9\\u20ac\\U0001f600\\ud800\\\\u0041\\n\n")], "\xe9€😀\ud800\\\\u0041\\n"],
  ["BINUNICODE", [op("BINUNICODE", u32(3), "\xe2\x82\xac")], "€"],
  ["BINUNICODE", [op("BINUNICODE", u32(3), "\xed\xa0\x80")], "\ud800"],
  ["SHORT_BINUNICODE", [op("SHORT_BINUNICODE", 2, "\xc3\xa9")], "\xe9"],
  ["BINUNICODE8", [op("BINUNICODE8", u64(2n), "ab")], "ab"],
  ["BINBYTES", [op("BINBYTES", u32(2), 0, 255)], { bytes: "00ff" }],
  ["SHORT_BINBYTES", [op("SHORT_BINBYTES", 1, 7)], { bytes: "07" }],
  ["BINBYTES8", [op("BINBYTES8", u64(1n), 7)], { bytes: "07" }],
  ["BYTEARRAY8", [op("BYTEARRAY8", u64(1n), 7)], { bytearray: "07" }],
  ["EMPTY_TUPLE", [op("EMPTY_TUPLE")], { tuple: [] }],
  ["TUPLE", [mark, one, two, op("TUPLE")], { tuple: [int(1), int(2)] }],
  ["TUPLE1", [one, op("TUPLE1")], { tuple: [int(1)] }],
  ["TUPLE2", [one, two, op("TUPLE2")], { tuple: [int(1), int(2)] }],
  ["TUPLE3", [one, two, three, op("TUPLE3")], { tuple: [int(1), int(2), int(3)] }],
  ["EMPTY_LIST", [op("EMPTY_LIST")], { list: [] }],
  ["LIST", [mark, one, two, op("LIST")], { list: [int(1), int(2)] }],
  ["APPEND", [op("EMPTY_LIST"), one, op("APPEND")], { list: [int(1)] }],
  ["APPENDS", [op("EMPTY_LIST"), mark, one, two, op("APPENDS")], { list: [int(1), int(2)] }],
  ["EMPTY_DICT", [op("EMPTY_DICT")], { dict: [] }],
  ["DICT", [mark, one, two, op("DICT")], { dict: [[int(1), int(2)]] }],
  ["SETITEM", [op("EMPTY_DICT"), text("__proto__"), two, op("SETITEM")], { dict: [["__proto__", int(2)]] }],
  [
    "SETITEMS",
    [op("EMPTY_DICT"), mark, one, two, text("1"), three, op("SETITEMS")],
    {
      dict: [
        [int(1), int(2)],
        ["1", int(3)],
      ],
    },
  ],
  ["EMPTY_SET", [op("EMPTY_SET")], { set: [] }],
  ["ADDITEMS", [op("EMPTY_SET"), mark, one, two, op("ADDITEMS")], { set: [int(1), int(2)] }],
  ["FROZENSET", [mark, one, op("FROZENSET")], { frozenset: [int(1)] }],
  ["PUT", [one, op("PUT", "7\n"), op("POP"), op("GET", "7\n")], int(1)],
  ["GET", [one, op("PUT", "0\n"), op("GET", "0\n"), op("TUPLE2")], { tuple: [int(1), int(1)] }],
  ["BINPUT", [one, op("BINPUT", 255), op("POP"), op("BINGET", 255)], int(1)],
  ["BINGET", [one, op("BINPUT", 0), two, op("BINPUT", 0), op("BINGET", 0)], int(2)],
  ["LONG_BINPUT", [one, op("LONG_BINPUT", u32(0xffffffff)), op("POP"), op("LONG_BINGET", u32(0xffffffff))], int(1)],
  ["LONG_BINGET", [one, op("BINPUT", 1), op("POP"), op("LONG_BINGET", u32(1))], int(1)],
  ["MEMOIZE", [one, op("BINPUT", 5), two, op("MEMOIZE"), op("BINGET", 1)], int(2)],
  [
    "MEMOIZE",
    [one, op("BINPUT", 1), op("BINPUT", 0), op("BINPUT", 1), two, op("MEMOIZE"), op("BINGET", 2), op("TUPLE2")],
    { tuple: [int(2), int(2)] },
  ],
  ["BINUNICODE", [op("BINUNICODE", u32(203), "\xef\xbb\xbf", "x".repeat(200))], `\ufeff${"x".repeat(200)}`],
  ["GLOBAL", [op("GLOBAL", "__builtin__\nlong\n")], { global: "builtins.int" }],
  ["STACK_GLOBAL", [stackGlobal("copy_reg", "_reconstructor")], { global: "copyreg._reconstructor" }],
  ["REDUCE", [ordered, op("EMPTY_TUPLE"), op("REDUCE")], anOrdered],
  [
    "REDUCE",
    [
      ...[op("EMPTY_LIST"), op("BINPUT", 0), op("GLOBAL", "__builtin__\nset\n"), op("BINGET", 0), op("TUPLE1")],
      ...[op("REDUCE"), op("BINGET", 0), one, op("APPEND"), op("TUPLE3")],
    ],
    { tuple: [{ list: [int(1)] }, { set: [] }, { list: [int(1)] }] },
  ],
  ["NEWOBJ", [ordered, one, op("TUPLE1"), op("NEWOBJ")], { ...anOrdered, args: [int(1)] }],
  ["NEWOBJ_EX", [ordered, op("EMPTY_TUPLE"), op("EMPTY_DICT"), op("NEWOBJ_EX")], anOrdered],
  ["INST", [mark, one, op("INST", "collections\nOrderedDict\n")], { ...anOrdered, args: [int(1)] }],
  ["OBJ", [mark, ordered, one, op("OBJ")], { ...anOrdered, args: [int(1)] }],
  ["BUILD", [ordered, op("EMPTY_TUPLE"), op("NEWOBJ"), one, op("BUILD")], { ...anOrdered, states: [int(1)] }],
  ["PROTO", [op("PROTO", 5), one], int(1)],
  ["FRAME", [op("FRAME", u64(2n ** 63n)), one], int(1)],
];

describe("each opcode", () => {
  for (const [name, stream, value] of cases) {
    test(`${name} gives ${JSON.stringify(value)}`, () => {
      assert.deepEqual(plainValue(readPickle(join(...stream, op("STOP")), { name: "case" }).root), value);
    });
  }

  const refused: readonly (readonly [name: string, stream: readonly Part[], code: string])[] = [
    ["PERSID", [op("PERSID", "id\n")], "PICKLE_UNTRUSTED"],
    ["BINPERSID", [one, op("BINPERSID")], "PICKLE_UNTRUSTED"],
    ["EXT1", [op("EXT1", 1)], "PICKLE_UNTRUSTED"],
    ["EXT2", [op("EXT2", u16(1))], "PICKLE_UNTRUSTED"],
    ["EXT4", [op("EXT4", u32(1))], "PICKLE_UNTRUSTED"],
    ["NEXT_BUFFER", [op("NEXT_BUFFER")], "PICKLE_BUFFERS"],
    ["READONLY_BUFFER", [one, op("READONLY_BUFFER")], "PICKLE_BUFFERS"],
  ];
  for (const [name, stream, code] of refused) {
    test(`${name} is refused as ${code}`, () => {
      assert.equal(scanPickle(join(...stream, op("STOP")), { name: "case" }).problem?.code, code);
    });
  }

  test("is one of 68, and all of them stand above", () => {
    assert.equal(opcodes.length, 68);
    assert.equal(new Set(opcodes.map((opcode) => opcode.byte)).size, 68);
    const tried = new Set([...cases, ...refused].map(([name]) => name));
    assert.deepEqual(
      opcodes.map((opcode) => opcode.name).filter((name) => !tried.has(name)),
      [],
    );
  });

  test("every other byte is an unknown opcode, at its offset", () => {
    const known = new Set(opcodes.map((opcode) => opcode.byte));
    for (let byte = 0; byte < 256; byte++) {
      if (known.has(byte)) continue;
      const { problem, endOffset } = scanPickle(join(op("PROTO", 4), byte), { name: "case" });
      assert.equal(problem?.code, "PICKLE_OPCODE");
      assert.match(problem.message, /at offset 2/);
      assert.equal(endOffset, 3);
    }
  });

  test("without PROTO the protocol is that of the newest opcode", () => {
    assert.equal(readPickle(join(op("INT", "1\n"), op("STOP")), { name: "case" }).protocol, 0);
    assert.equal(readPickle(join(one, op("STOP")), { name: "case" }).protocol, 1);
    assert.equal(readPickle(join(text("a"), op("STOP")), { name: "case" }).protocol, 4);
    assert.equal(readPickle(join(op("PROTO", 2), text("a"), op("STOP")), { name: "case" }).protocol, 2);
  });
});
