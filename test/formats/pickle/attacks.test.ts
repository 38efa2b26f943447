// The attack shapes that a pickle can carry, hand-assembled: each is refused by a typed error, and the audit names what it would have done.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isTrimaranError } from "../../../src/base/errors.ts";
import { allow, allowList } from "../../../src/formats/pickle/allow-list.ts";
import { assertTrusted, auditPickle } from "../../../src/formats/pickle/audit.ts";
import { pythonNames } from "../../../src/formats/pickle/python-names.ts";
import { scanPickle } from "../../../src/formats/pickle/read-pickle.ts";
import { join, op, type Part, pickle, stackGlobal, text, u16, u32, u64 } from "./assemble.ts";

const list = allowList(pythonNames, allow("model", "construct", "Model"), allow("model", "value", "named_only"));
const run = join(text("id"), op("TUPLE1"), op("REDUCE"));
const none = op("NONE");
const noArgs = op("EMPTY_TUPLE");
const model = join(stackGlobal("model", "Model"), noArgs, op("NEWOBJ"));

function findings(bytes: Uint8Array): readonly string[] {
  return auditPickle(scanPickle(bytes, { name: "attack" }), list).map((finding) => finding.what);
}

// What a stream does, the stream and what one finding says.
const dangerous: readonly (readonly [what: string, stream: Uint8Array, finding: RegExp])[] = [
  [
    "a protocol-0 call",
    join("cposix\nsystem\n(S'id'\ntR."),
    /would have called posix\.system \(REDUCE at offset 22; named at offset 0\)/,
  ],
  ["a Python-2 eval", join("c__builtin__\neval\n(S'1'\ntR."), /would have called builtins\.eval/],
  ["Python-2 commands", join("ccommands\ngetoutput\n(S'id'\ntR."), /would have called subprocess\.getoutput/],
  ...[
    "nt system",
    "os system",
    "subprocess Popen",
    "builtins exec",
    "builtins compile",
    "builtins __import__",
    "builtins getattr",
    "builtins open",
    "builtins map",
    "builtins type",
    "operator attrgetter",
    "importlib import_module",
    "pydoc locate",
    "ctypes CDLL",
    "pkgutil resolve_name",
    "runpy run_path",
  ].map((pair) => {
    const [module, name] = pair.split(" ") as [string, string];
    return [
      `a call of ${module}.${name}`,
      pickle(stackGlobal(module, name), run),
      new RegExp(`would have called ${module}\\.${name}`),
    ] as const;
  }),
  ["INST", join("(S'x'\ni__builtin__\nexec\n."), /builtins\.exec \(INST/],
  ["OBJ", join("(cpty\nspawn\nS'id'\no."), /pty\.spawn \(OBJ/],
  [
    "NEWOBJ of a function",
    pickle(stackGlobal("posix", "system"), text("id"), op("TUPLE1"), op("NEWOBJ")),
    /posix\.system \(NEWOBJ/,
  ],
  [
    "a name behind copyreg._reconstructor",
    pickle(
      stackGlobal("copyreg", "_reconstructor"),
      stackGlobal("posix", "Evil"),
      stackGlobal("builtins", "object"),
      none,
      op("TUPLE3"),
      op("REDUCE"),
    ),
    /would have called posix\.Evil/,
  ],
  [
    "a base behind copyreg._reconstructor",
    pickle(
      stackGlobal("copyreg", "_reconstructor"),
      stackGlobal("model", "Model"),
      stackGlobal("posix", "Evil"),
      text("id"),
      op("TUPLE3"),
      op("REDUCE"),
    ),
    /would have called posix\.Evil/,
  ],
  [
    "a name behind copyreg.__newobj__",
    pickle(stackGlobal("copyreg", "__newobj__"), stackGlobal("posix", "Evil"), op("TUPLE1"), op("REDUCE")),
    /would have called posix\.Evil/,
  ],
  [
    "a name that is only an argument",
    pickle(stackGlobal("functools", "partial"), stackGlobal("posix", "system"), op("TUPLE1"), op("REDUCE")),
    /asks for posix\.system \(STACK_GLOBAL/,
  ],
  [
    "a name that is popped again",
    pickle(stackGlobal("posix", "system"), run, op("POP"), none),
    /would have called posix\.system/,
  ],
  [
    "a call of a name that may only be named",
    pickle(stackGlobal("model", "named_only"), run),
    /would have called model\.named_only, which may only be named/,
  ],
  [
    "a type that may only be named, called",
    pickle(stackGlobal("builtins", "int"), run),
    /would have called builtins\.int, which/,
  ],
  [
    "a dotted name",
    pickle(stackGlobal("collections", "OrderedDict.fromkeys"), run),
    /would have called collections\.OrderedDict\.fromkeys/,
  ],
  [
    "a dotted name below an allowed module",
    pickle(stackGlobal("model", "Model.f2py.os.system"), run),
    /model\.Model\.f2py/,
  ],
  ["a module with a blank", pickle(stackGlobal("model ", "Model")), /asks for model\\u0020\.Model/],
  ["a module with a NUL", pickle(stackGlobal("model\0", "Model")), /asks for model\\u0000\.Model/],
  ["a module with a carriage return", join("cmodel\r\nModel\n."), /asks for model\\u000d\.Model/],
  [
    "a look-alike letter",
    join(op("PROTO", 4), op("SHORT_BINUNICODE", 6, "m\xd0\xbedel"), text("Model"), op("STACK_GLOBAL"), op("STOP")),
    /asks for m\\u043edel\.Model/,
  ],
  ["another case", pickle(stackGlobal("model", "model")), /asks for model\.model/],
  ["a name below the module", pickle(stackGlobal("model.sub", "Model")), /asks for model\.sub\.Model/],
  [
    "a codec that is no latin1",
    pickle(stackGlobal("_codecs", "encode"), text("x"), text("rot13"), op("TUPLE2"), op("REDUCE")),
    /_codecs\.encode with another encoding/,
  ],
  ["a call of an object", pickle(model, run), /would have called an object of model\.Model, not a name/],
  ["a call of a str", pickle(text("x"), run), /would have called a str, not a name/],
  [
    "NEWOBJ_EX of an object",
    pickle(model, noArgs, op("EMPTY_DICT"), op("NEWOBJ_EX")),
    /NEWOBJ_EX would have called an object of model\.Model/,
  ],
  ["OBJ of a str", pickle(op("MARK"), text("x"), op("OBJ")), /OBJ would have called a str/],
  [
    "BUILD on a name",
    pickle(stackGlobal("model", "Model"), op("EMPTY_DICT"), op("BUILD")),
    /BUILD would have set the state of the name model\.Model/,
  ],
  ["BUILD on a dict", pickle(op("EMPTY_DICT"), none, op("BUILD")), /BUILD would have set the state of a dict/],
  ["BUILD on a list", pickle(op("EMPTY_LIST"), none, op("BUILD")), /BUILD would have set the state of a list/],
  [
    "__setstate__ by SETITEMS",
    pickle(
      model,
      op("EMPTY_DICT"),
      op("MARK"),
      text("__setstate__"),
      stackGlobal("posix", "system"),
      op("SETITEMS"),
      op("BUILD"),
      text("id"),
      op("BUILD"),
    ),
    /asks for posix\.system/,
  ],
  ["a persistent id", pickle(op("PERSID", "../../x\n")), /PERSID asks the reading program/],
  [
    "a persistent id that is called",
    pickle(text("x"), op("BINPERSID"), run),
    /would have called an object that has no name/,
  ],
  ["an extension code that is called", pickle(op("EXT2", u16(7)), run), /extension code 7/],
  [
    "a function from a notebook",
    pickle(stackGlobal("cloudpickle.cloudpickle", "_make_function"), run),
    /Python function or class made in a notebook .* save the model again/,
  ],
  [
    "a vendored cloudpickle",
    pickle(stackGlobal("some.externals.cloudpickle", "_make_skeleton_class"), run),
    /made in a notebook/,
  ],
  [
    "a class of the script itself",
    pickle(stackGlobal("__main__", "Model"), noArgs, op("NEWOBJ")),
    /made in a notebook or script/,
  ],
  [
    "a second pickle that calls",
    join(pickle(none), pickle(stackGlobal("posix", "system"), run)),
    /posix\.system .* in another pickle after the end/,
  ],
  [
    "a third pickle that calls",
    join(pickle(none), pickle(none), pickle(stackGlobal("posix", "system"), run)),
    /posix\.system .* in another pickle after the end/,
  ],
];

describe("a stream that would run code", () => {
  for (const [what, stream, finding] of dangerous) {
    test(`is refused and named: ${what}`, () => {
      const said = findings(stream);
      assert.ok(
        said.some((sentence) => finding.test(sentence)),
        said.join("\n"),
      );
      const reading = scanPickle(stream, { name: "attack" });
      assert.throws(
        () => assertTrusted(reading, list, "attack"),
        (error) =>
          isTrimaranError(error) &&
          error.code === "PICKLE_UNTRUSTED" &&
          error.issues.some((issue) => finding.test(issue.message)),
      );
    });
  }

  test("is named at every later cut, once the name has been read", () => {
    const stream = pickle(text("before"), stackGlobal("posix", "system"), run, model);
    const named = stream.indexOf(op("STACK_GLOBAL")[0] as number) + 1;
    for (let length = named; length < stream.length; length++) {
      const reading = scanPickle(stream.subarray(0, length), { name: "cut" });
      assert.ok(reading.problem !== null && reading.root === undefined);
      assert.throws(() => assertTrusted(reading, list, "cut"), new RegExp(`posix\\.system at offset ${named - 1}`));
    }
  });

  test("is refused under a dotted name even where a list holds that name", () => {
    const dotted = allowList(allow("model", "construct", "Model.sub"));
    const found = auditPickle(scanPickle(pickle(stackGlobal("model", "Model.sub"), run), { name: "dotted" }), dotted);
    assert.equal(found[0]?.code, "PICKLE_CALL");
  });

  test("gives all findings at once, in the order of the file", () => {
    const stream = pickle(op("EXT1", 9), stackGlobal("os", "system"), run, stackGlobal("posix", "system"), run, "junk");
    const reading = scanPickle(stream, { name: "many" });
    const found = auditPickle(reading, list);
    assert.deepEqual(
      found.map(({ code, module, opcode }) => [code, module, opcode]),
      [
        ["PICKLE_FORBIDDEN", "", "EXT1"],
        ["PICKLE_CALL", "os", "REDUCE"],
        ["PICKLE_CALL", "posix", "REDUCE"],
      ],
    );
    assert.throws(() => assertTrusted(reading, list, "many"), /would run 3 thing\(s\)/);
  });
});

// What is wrong, the stream and the code of the problem.
const broken: readonly (readonly [what: string, stream: readonly Part[], code: string])[] = [
  ["an int for a module", [op("BININT1", 1), text("x"), op("STACK_GLOBAL")], "PICKLE_ARGUMENT"],
  ["None for a name", [text("x"), none, op("STACK_GLOBAL")], "PICKLE_ARGUMENT"],
  ["a list for a module", [op("EMPTY_LIST"), text("x"), op("STACK_GLOBAL")], "PICKLE_ARGUMENT"],
  ["bytes for a name", [text("x"), op("SHORT_BINBYTES", 1, "x"), op("STACK_GLOBAL")], "PICKLE_ARGUMENT"],
  ["one operand for STACK_GLOBAL", [text("x"), op("STACK_GLOBAL")], "PICKLE_STACK"],
  ["a memo entry that is not there", [op("BINGET", 9)], "PICKLE_STACK"],
  ["a far memo entry that is not there", [op("LONG_BINGET", u32(0xffffffff))], "PICKLE_STACK"],
  ["a memo index in exponent form", [none, op("PUT", "1e9\n")], "PICKLE_ARGUMENT"],
  ["a negative memo index", [none, op("PUT", "-1\n")], "PICKLE_ARGUMENT"],
  ["an empty memo index", [none, op("PUT", "\n")], "PICKLE_ARGUMENT"],
  ["a memo index beyond 2^53", [none, op("PUT", "99999999999999999999\n")], "PICKLE_ARGUMENT"],
  ["PUT on nothing", [op("BINPUT", 0)], "PICKLE_STACK"],
  ["STOP on nothing", [], "PICKLE_STACK"],
  ["POP on nothing", [op("POP")], "PICKLE_STACK"],
  ["TUPLE without a mark", [none, op("TUPLE")], "PICKLE_STACK"],
  ["APPENDS on nothing", [op("MARK"), none, op("APPENDS")], "PICKLE_STACK"],
  ["APPEND across a mark", [op("EMPTY_LIST"), op("MARK"), none, op("APPEND")], "PICKLE_STACK"],
  ["APPEND to a str", [text("x"), none, op("APPEND")], "PICKLE_STACK"],
  ["APPEND to a tuple", [noArgs, none, op("APPEND")], "PICKLE_STACK"],
  ["SETITEM on a list", [op("EMPTY_LIST"), none, none, op("SETITEM")], "PICKLE_STACK"],
  ["SETITEMS of a lone key", [op("EMPTY_DICT"), op("MARK"), none, op("SETITEMS")], "PICKLE_STACK"],
  ["ADDITEMS to a list", [op("EMPTY_LIST"), op("MARK"), none, op("ADDITEMS")], "PICKLE_STACK"],
  ["ADDITEMS to a frozenset", [op("MARK"), op("FROZENSET"), op("MARK"), none, op("ADDITEMS")], "PICKLE_STACK"],
  ["a list as a key", [op("EMPTY_DICT"), op("EMPTY_LIST"), none, op("SETITEM")], "PICKLE_ARGUMENT"],
  ["a dict in a set", [op("EMPTY_SET"), op("MARK"), op("EMPTY_DICT"), op("ADDITEMS")], "PICKLE_ARGUMENT"],
  ["arguments that are no tuple", [stackGlobal("model", "Model"), op("EMPTY_LIST"), op("REDUCE")], "PICKLE_ARGUMENT"],
  ["keywords that are no dict", [stackGlobal("model", "Model"), noArgs, none, op("NEWOBJ_EX")], "PICKLE_ARGUMENT"],
  ["OBJ of nothing", [op("MARK"), op("OBJ")], "PICKLE_STACK"],
  [
    "copyreg._reconstructor of one",
    [stackGlobal("copyreg", "_reconstructor"), none, op("TUPLE1"), op("REDUCE")],
    "PICKLE_ARGUMENT",
  ],
  ["a newer protocol", [op("PROTO", 6)], "PICKLE_PROTOCOL"],
  ["a LONG4 of negative length", [op("LONG4", u32(0xffffffff))], "PICKLE_ARGUMENT"],
  ["a BINSTRING of negative length", [op("BINSTRING", u32(0xffffffff))], "PICKLE_ARGUMENT"],
  ["BINBYTES8 of 2^63 - 1", [op("BINBYTES8", u64(2n ** 63n - 1n))], "FORMAT_DAMAGED"],
  ["BINUNICODE8 of 2^63 - 1", [op("BINUNICODE8", u64(2n ** 63n - 1n))], "FORMAT_DAMAGED"],
  ["BYTEARRAY8 of 2^64 - 1", [op("BYTEARRAY8", u64(2n ** 64n - 1n))], "FORMAT_DAMAGED"],
  ["BINBYTES8 just past the end", [op("BINBYTES8", u64(2n))], "FORMAT_TRUNCATED"],
  ["BINUNICODE of 4 GB", [op("BINUNICODE", u32(0xffffffff))], "FORMAT_TRUNCATED"],
  ["text that is not UTF-8", [op("SHORT_BINUNICODE", 1, 0xff)], "PICKLE_ARGUMENT"],
  ["overlong UTF-8", [op("SHORT_BINUNICODE", 2, 0xc0, 0x80)], "PICKLE_ARGUMENT"],
  ["UTF-8 beyond U+10FFFF", [op("SHORT_BINUNICODE", 4, 0xf4, 0x90, 0x80, 0x80)], "PICKLE_ARGUMENT"],
  ["overlong UTF-8 of three bytes", [op("SHORT_BINUNICODE", 3, 0xe0, 0x80, 0x80)], "PICKLE_ARGUMENT"],
  ["APPENDS across a mark", [op("EMPTY_LIST"), op("MARK"), op("MARK"), none, op("APPENDS"), op("POP")], "PICKLE_STACK"],
  ["UTF-8 that is cut", [op("SHORT_BINUNICODE", 2, 0xe2, 0x82)], "PICKLE_ARGUMENT"],
  ["long text that is not UTF-8", [op("BINUNICODE", u32(300), "x".repeat(299), 0xff)], "PICKLE_ARGUMENT"],
  ["an escape beyond U+10FFFF", [op("UNICODE", "\\U00110000\n")], "PICKLE_ARGUMENT"],
  ["a cut escape", [op("UNICODE", "\\u12\n")], "PICKLE_ARGUMENT"],
  ["a string without quotes", [op("STRING", "abc\n")], "PICKLE_ARGUMENT"],
  ["a string with one quote", [op("STRING", "'\n")], "PICKLE_ARGUMENT"],
  ["a bad float", [op("FLOAT", "1.5.5\n")], "PICKLE_ARGUMENT"],
  ["a float in code", [op("FLOAT", "__import__('os')\n")], "PICKLE_ARGUMENT"],
  ["a hexadecimal integer", [op("INT", "0x10\n")], "PICKLE_ARGUMENT"],
  ["an empty integer", [op("INT", "\n")], "PICKLE_ARGUMENT"],
  ["a long float", [op("FLOAT", `${"1".repeat(500)}\n`)], "PICKLE_ARGUMENT"],
];

describe("a stream that does not fit together", () => {
  for (const [what, stream, code] of broken) {
    test(`is ${code}: ${what}`, () => {
      const { problem, root } = scanPickle(join(op("PROTO", 4), ...stream, op("STOP")), { name: "broken" });
      assert.equal(problem?.code, code, problem?.message);
      assert.equal(root, undefined);
      assert.ok(!problem.message.includes("undefined") && !problem.message.includes("{"), problem.message);
    });
  }

  test("an empty file is FORMAT_EMPTY", () => {
    assert.equal(scanPickle(new Uint8Array(), { name: "empty" }).problem?.code, "FORMAT_EMPTY");
  });
});

describe("what only looks dangerous", () => {
  test("trailing bytes are a note, which refuses nothing", () => {
    const reading = scanPickle(join(pickle(none), "\0\0padding"), { name: "padded" });
    assert.equal(reading.trailingBytes, 9);
    assert.deepEqual(
      auditPickle(reading, list).map(({ severity, code, offset }) => [severity, code, offset]),
      [["note", "PICKLE_TRAILING", 4]],
    );
    assertTrusted(reading, list, "padded");
    assert.equal(reading.problem, null);
  });

  test("bytes that are themselves a hostile pickle stay bytes", () => {
    const inner = pickle(stackGlobal("posix", "system"), run);
    assert.deepEqual(findings(pickle(op("SHORT_BINBYTES", inner.length, inner))), []);
  });

  test("a name in a text or beside an object is only text", () => {
    assert.deepEqual(findings(pickle(text("cposix\nsystem\n"), model, op("TUPLE2"))), []);
  });
});
