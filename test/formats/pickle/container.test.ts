// The hook through which a container takes bytes that stand between the opcodes.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { trimaranError } from "../../../src/base/errors.ts";
import { allow, allowList } from "../../../src/formats/pickle/allow-list.ts";
import { auditPickle } from "../../../src/formats/pickle/audit.ts";
import { readPickle, scanPickle } from "../../../src/formats/pickle/read-pickle.ts";
import type { PickleContainer } from "../../../src/formats/pickle/reading.ts";
import type { PyValue } from "../../../src/formats/pickle/tree.ts";
import { join, op, pickle, repeat, stackGlobal, text } from "./assemble.ts";
import { plainValue } from "./plain-value.ts";

const none = op("NONE");
const noArgs = op("EMPTY_TUPLE");
const box = (state: Uint8Array): Uint8Array =>
  join(stackGlobal("box", "Box"), noArgs, op("NEWOBJ"), op("MEMOIZE"), state, op("BUILD"));
const evil = join(stackGlobal("posix", "system"), text("id"), op("TUPLE1"), op("REDUCE"));

/** A Box whose state is an int takes that many raw bytes; one whose state is True takes a nested pickle. */
const boxes: PickleContainer = {
  afterBuild(object, cursor, nested): PyValue | undefined {
    const state = object.states[0];
    if (typeof state === "number") return { kind: "bytes", value: cursor.take(state, "a box"), mutable: false };
    return state === true ? nested(cursor.offset) : undefined;
  },
};
const options = { name: "boxes", container: boxes };

describe("a container", () => {
  test("takes raw bytes after BUILD, and the opcodes go on behind them", () => {
    const raw = join(box(op("BININT1", 3)), ".c\n");
    const { root } = readPickle(pickle(op("MARK"), raw, text("after"), op("LIST")), options);
    assert.deepEqual(plainValue(root), { list: [{ bytes: "2e630a" }, "after"] });
  });

  test("leaves the object alone by giving undefined", () => {
    const { root } = readPickle(pickle(box(text("plain"))), options);
    assert.ok(typeof root === "object" && root?.kind === "object");
  });

  test("is not asked for an object that is no target of BUILD", () => {
    const asked: unknown[] = [];
    const container: PickleContainer = { afterBuild: (object) => void asked.push(object) };
    scanPickle(pickle(op("EMPTY_DICT"), none, op("BUILD")), { name: "x", container });
    assert.deepEqual(asked, []);
  });

  test("reads a nested pickle with a memo and a stack of its own", () => {
    const inner = pickle(text("inner"), op("MEMOIZE"), op("BINGET", 0), op("TUPLE2"));
    const outer = pickle(
      op("MARK"),
      text("outer"),
      op("MEMOIZE"),
      box(op("NEWTRUE")),
      inner,
      op("BINGET", 0),
      op("LIST"),
    );
    assert.deepEqual(plainValue(readPickle(outer, options).root), {
      list: ["outer", { tuple: ["inner", "inner"] }, "outer"],
    });
    const leaking = pickle(text("outer"), op("MEMOIZE"), box(op("NEWTRUE")), pickle(op("BINGET", 0)));
    assert.equal(scanPickle(leaking, options).problem?.code, "PICKLE_STACK");
  });

  test("audits a nested pickle together with the outer one, at offsets of the file", () => {
    const stream = pickle(op("MARK"), box(op("NEWTRUE")), pickle(evil), box(op("BININT1", 2)), "..", evil, op("LIST"));
    const reading = scanPickle(stream, options);
    assert.equal(reading.problem, null);
    const [use] = reading.globals.filter(({ global }) => global.module === "posix");
    assert.equal(stream[use?.global.offset ?? 0], op("STACK_GLOBAL")[0]);
    assert.equal(stream[use?.calls[0]?.offset ?? 0], op("REDUCE")[0]);
    const found = auditPickle(reading, allowList(allow("box", "construct", "Box")));
    assert.deepEqual(
      found.map(({ module, name }) => `${module}.${name}`),
      ["posix.system"],
    );
  });

  test("finds a call behind raw bytes that look like an end", () => {
    const stream = pickle(op("MARK"), box(op("BININT1", 4)), "....", evil, op("LIST"));
    const found = auditPickle(scanPickle(stream, options), allowList(allow("box", "construct", "Box")));
    assert.equal(found[0]?.name, "system");
  });

  test("does not open containers inside a nested pickle", () => {
    const inner = pickle(box(op("NEWTRUE")));
    const { root } = readPickle(pickle(box(op("NEWTRUE")), inner), options);
    assert.ok(typeof root === "object" && root?.kind === "object");
  });

  test("counts nested pickles against the same limits", () => {
    const inner = pickle(repeat(join(none, op("POP")), 50), none);
    const stream = pickle(op("MARK"), repeat(join(box(op("NEWTRUE")), inner), 10), op("LIST"));
    readPickle(stream, options);
    const { problem } = scanPickle(stream, { ...options, limits: { maxOpcodes: 500 } });
    assert.equal(problem?.code, "FORMAT_LIMIT");
    const deep = pickle(box(op("NEWTRUE")), pickle(none, repeat(op("TUPLE1"), 2000)));
    assert.equal(scanPickle(deep, options).problem?.code, "FORMAT_LIMIT");
  });

  test("is not handed a nested value that is too deep to walk", () => {
    const dropping: PickleContainer = { afterBuild: (_, cursor, nested) => void nested(cursor.offset) };
    const deep = pickle(box(op("NEWTRUE")), pickle(none, repeat(op("TUPLE1"), 2000)));
    assert.match(scanPickle(deep, { name: "deep", container: dropping }).problem?.message ?? "", /maxDepth/);
  });

  test("fails with a typed problem when its bytes are cut off or damaged, or when it fails itself", () => {
    assert.equal(scanPickle(pickle(box(op("BININT1", 99))), options).problem?.code, "FORMAT_TRUNCATED");
    assert.equal(scanPickle(pickle(box(op("NEWTRUE")), 0xff), options).problem?.code, "PICKLE_OPCODE");
    const damaged: PickleContainer = {
      afterBuild: () => {
        throw trimaranError("FORMAT_DAMAGED", { name: "x", problem: "a negative shape", offset: 1 });
      },
    };
    assert.equal(scanPickle(pickle(box(none)), { name: "x", container: damaged }).problem?.code, "FORMAT_DAMAGED");
    const broken: PickleContainer = {
      afterBuild: () => {
        throw new TypeError("a mistake");
      },
    };
    const { problem } = scanPickle(pickle(box(none)), { name: "x", container: broken });
    assert.equal(problem?.code, "INTERNAL");
    assert.ok(problem.cause instanceof TypeError);
  });
});
