// What a refusal says of classes that are not known: the kind, the place inside the file, the nearest thing, the way on.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import type { TrimaranError } from "../../../src/base/errors.ts";
import { type PyList, type PyValue, pyGlobal, pyObject, pyTuple } from "../../../src/formats/pickle/tree.ts";
import { inspectSource } from "../../../src/formats/read/read-model.ts";
import { classPaths } from "../../../src/formats/read/tree-path.ts";
import { join, op, text } from "../pickle/assemble.ts";

const golden = new URL("../../golden/", import.meta.url);

function refusalOf(file: string): TrimaranError {
  const bytes = new Uint8Array(readFileSync(new URL(file, golden)));
  return problemOf(bytes, file);
}

function problemOf(bytes: Uint8Array, name: string): TrimaranError {
  const { problem } = inspectSource({ kind: "file", name, bytes });
  assert.ok(problem !== null, `${name} is refused`);
  return problem;
}

describe("a class that is not known", () => {
  const places: Readonly<Record<string, RegExp>> = {
    "not-models/unknown_class.pkl":
      /^the root: acme\.models\.MagicForest is not supported \(near it: \w*Forest\w*\)\.$/,
    "own-classes/date-parts.pkl": /^steps\[0\]: acme\.features\.DateParts is not supported\.$/,
    "own-classes/date-parts-protocol0.pkl": /^steps\[0\]: acme\.features\.DateParts is not supported\.$/,
    "own-classes/main-class.pkl": /^steps\[0\]: __main__\.DateParts is not supported\.$/,
  };
  for (const [file, message] of Object.entries(places)) {
    test(`of ${file} is unsupported, with its place in the file and a way on`, () => {
      const problem = refusalOf(file);
      assert.equal(problem.code, "MODEL_UNSUPPORTED");
      assert.equal(problem.kind, "unsupported");
      assert.match(problem.message, message);
      assert.match(problem.fix, /docs\/models\.md.*ONNX.*defineEstimator/);
    });
  }

  test("inside of a column transformer is found under its name", () => {
    const { issues } = refusalOf("own-classes/nested.pkl");
    const own = issues.find(({ message }) => message.includes("DateParts"));
    assert.match(
      own?.message ?? "",
      /^steps\[0\]\.named_transformers_\['cat'\]\.steps\[0\]: acme\.features\.DateParts /,
    );
  });

  test("is a finding of its own severity, not a danger", () => {
    const bytes = new Uint8Array(readFileSync(new URL("own-classes/date-parts.pkl", golden)));
    const { findings } = inspectSource({ kind: "file", name: "date-parts.pkl", bytes });
    assert.deepEqual(
      findings.map(({ severity, module, name }) => [severity, module, name]),
      [["unsupported", "acme.features", "DateParts"]],
    );
  });
});

describe("what would have run code", () => {
  test("a lambda that cloudpickle wrote is untrusted", () => {
    assert.equal(refusalOf("own-classes/lambda.pkl").code, "PICKLE_UNTRUSTED");
  });

  const named = (module: string, name: string): Uint8Array => join(text(module), text(name), op("STACK_GLOBAL"));
  const made = (module: string, name: string, call: "NEWOBJ" | "REDUCE"): Uint8Array =>
    join(op("PROTO", 4), named(module, name), op("EMPTY_TUPLE"), op(call), op("STOP"));
  const cases: readonly (readonly [what: string, bytes: Uint8Array, code: string])[] = [
    ["a class that is called", made("acme.models", "MagicForest", "REDUCE"), "PICKLE_UNTRUSTED"],
    ["a class that is only made", made("acme.models", "MagicForest", "NEWOBJ"), "MODEL_UNSUPPORTED"],
    [
      "a function of a known library that is only named",
      join(op("PROTO", 4), named("sklearn.metrics._made_up", "score"), op("STOP")),
      "MODEL_UNSUPPORTED",
    ],
    [
      "a function of an unknown library that is only named",
      join(op("PROTO", 4), named("acme.models", "score"), op("STOP")),
      "PICKLE_UNTRUSTED",
    ],
    [
      "a function of a known library that is called",
      made("sklearn.metrics._made_up", "score", "REDUCE"),
      "PICKLE_UNTRUSTED",
    ],
    ["a name that is no class", made("acme.models", "build", "NEWOBJ"), "PICKLE_UNTRUSTED"],
    ["a name with dots", made("acme.models", "Outer.run", "NEWOBJ"), "PICKLE_UNTRUSTED"],
    ["a class of Python's own library", made("subprocess", "Popen", "NEWOBJ"), "PICKLE_UNTRUSTED"],
    ["a class of a hidden module", made("_posixsubprocess", "Fork", "NEWOBJ"), "PICKLE_UNTRUSTED"],
    ["a class of cloudpickle", made("cloudpickle.cloudpickle", "CodeType", "NEWOBJ"), "PICKLE_UNTRUSTED"],
    [
      "a class that is made once and called once",
      join(
        op("PROTO", 4),
        named("acme.models", "Forest"),
        op("EMPTY_TUPLE"),
        op("NEWOBJ"),
        named("acme.models", "Forest"),
        op("EMPTY_TUPLE"),
        op("REDUCE"),
        op("TUPLE2"),
        op("STOP"),
      ),
      "PICKLE_UNTRUSTED",
    ],
    [
      "a class that another pickle after the end calls",
      join(made("acme.models", "Forest", "NEWOBJ"), made("acme.models", "Forest", "REDUCE")),
      "PICKLE_UNTRUSTED",
    ],
  ];
  for (const [what, bytes, code] of cases) {
    test(`${what} is ${code}`, () => {
      assert.equal(problemOf(bytes, "made.pkl").code, code);
    });
  }
});

test("an estimator that is not fitted is unsupported, with its place", () => {
  const problem = refusalOf("own-classes/unfitted.pkl");
  assert.equal(problem.kind, "unsupported");
  assert.match(problem.message, /^steps\[\d\]: \w+ is not fitted/);
});

describe("the place of a class", () => {
  const wanted = new Set(["acme.Part"]);
  const part = pyObject(pyGlobal("acme", "Part", 0), []);

  test("is found in a list that holds itself", () => {
    const list: PyList = { kind: "list", items: [] };
    list.items.push(list, part);
    assert.deepEqual([...classPaths(list, wanted)], [["acme.Part", "[1]"]]);
  });

  test("prefers what was fitted to what was given", () => {
    const attributes: PyValue = { kind: "dict", keys: ["base", "base_"], values: [pyTuple([part]), part] };
    const other = pyObject(pyGlobal("acme", "Whole", 0), [], [attributes]);
    assert.equal(classPaths(other, wanted).get("acme.Part"), "base_");
  });

  test("is given up after a bounded search", () => {
    const wide: PyValue = { kind: "list", items: Array.from({ length: 300_000 }, () => pyTuple([])) };
    assert.equal(classPaths(pyTuple([wide, pyTuple([pyTuple([part])])]), wanted).get("acme.Part"), undefined);
  });
});
