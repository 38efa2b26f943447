// The MLmodel file as a stranger may write it: aliases, depth, repeated keys, paths out of the folder, damaged text.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { isTrimaranError } from "../../src/base/errors.ts";
import { memberPath, readMLmodel } from "../../src/mlflow/mlmodel.ts";
import { readSignature } from "../../src/mlflow/signature.ts";
import { assertYamlCost } from "../../src/mlflow/yaml-cost.ts";

const sound = `flavors:
  python_function:
    loader_module: mlflow.sklearn
    model_path: model.pkl
    predict_fn: predict
  sklearn:
    pickled_model: model.pkl
mlflow_version: 2.22.0
run_id: 0123456789abcdef
saved_input_example_info:
  artifact_path: input_example.json
  serving_input_path: serving_input_example.json
  type: dataframe
signature:
  inputs: '[{"type": "long", "name": "age", "required": true}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
  params: null
`;

function read(text: string | Uint8Array): unknown {
  const mlmodel = readMLmodel(typeof text === "string" ? new TextEncoder().encode(text) : text, "model");
  return { mlmodel, signature: readSignature(mlmodel, "model") };
}

function assertInvalid(text: string, message: RegExp): void {
  const start = performance.now();
  assert.throws(
    () => read(text),
    (error) => isTrimaranError(error) && error.code === "MLMODEL_INVALID" && message.test(error.message),
  );
  assert.ok(performance.now() - start < 10_000);
}

describe("an MLmodel", () => {
  test("tells its flavours, run and example", () => {
    const mlmodel = readMLmodel(new TextEncoder().encode(sound), "model");
    assert.deepEqual([...mlmodel.flavors.keys()], ["python_function", "sklearn"]);
    assert.equal(mlmodel.runId, "0123456789abcdef");
    assert.deepEqual(mlmodel.inputExample, { path: "input_example.json", servingPath: "serving_input_example.json" });
  });

  const refused: readonly (readonly [what: string, text: string, message: RegExp])[] = [
    ["an alias", `${sound}other: &a [1]\nagain: *a\n`, /holds an alias/],
    [
      "aliases of aliases",
      `a: &a [1]\n${Array.from({ length: 40 }, (_, i) => `b${i}: &b${i} [*${i === 0 ? "a" : `b${i - 1}`}]`).join("\n")}\n${sound}`,
      /alias/,
    ],
    ["a key that stands twice", `${sound}run_id: other\n`, /a key stands twice/],
    ["a key that stands twice inside", "flavors:\n  sklearn: {a: 1, a: 2}\n", /a key stands twice/],
    ["a key that is a list", "flavors: {[a]: 1}\n", /a key that is no plain value/],
    ["nesting", `flavors: ${"[".repeat(66)}${"]".repeat(66)}\n`, /nested more than 64 deep/],
    ["a large file", `${sound}note: ${"x".repeat(3 << 20)}\n`, /larger than/],
    ["no mapping", "- flavors\n", /no.* mapping|not a YAML mapping/],
    ["nothing", "", /not a YAML mapping/],
    ["no flavours", "run_id: a\n", /no `flavors`/],
    ["a tab for an indent", "flavors:\n\tsklearn: 1\n", /MLmodel/],
    [
      "a signature that is no JSON",
      sound.replace(/inputs: .*/, "inputs: 'age'"),
      /the inputs of its signature: they are not JSON/,
    ],
    ["a signature that is no list", sound.replace(/inputs: .*/, "inputs: '{}'"), /they are no list/],
    ["a column without a type", sound.replace(/inputs: .*/, `inputs: '[{"name": "a"}]'`), /one has no type/],
    [
      "a tensor without a shape",
      sound.replace(/inputs: .*/, `inputs: '[{"type": "tensor", "tensor-spec": {"dtype": "f"}}]'`),
      /no shape/,
    ],
  ];
  for (const [what, text, message] of refused) {
    test(`with ${what} is refused by a typed error`, () => assertInvalid(text, message));
  }

  const costly: readonly (readonly [what: string, text: string, limit: string])[] = [
    ["much nesting", `flavors: ${"[".repeat(80)}${"]".repeat(80)}\n`, "maxDepth"],
    ["brackets without end", "[".repeat(200_000), "maxDepth"],
    ["brackets that quoted ones seem to close", '["]",'.repeat(20_000), "maxDepth"],
    ["dashes without end", "- ".repeat(50_000), "maxDepth"],
    ["question marks without end", "? ".repeat(50_000), "maxDepth"],
    ["colons without end", ": ".repeat(50_000), "maxDepth"],
    ["keys without end", Array.from({ length: 100_000 }, (_, index) => `k${index}: 1\n`).join(""), "maxTokens"],
    ["mistakes without end", "a: }\n".repeat(100_000), "maxTokens"],
    ["documents without end", "---\n".repeat(100_000), "maxTokens"],
    ["directives without end", "%FOO bar\n".repeat(50_000), "maxTokens"],
    ["tags without end", "!x ".repeat(100_000), "maxTokens"],
  ];
  for (const [what, text, limit] of costly) {
    test(`of ${what} is refused by the limit, after no more words than that allows`, () => {
      assert.throws(
        () => read(text),
        (error) => isTrimaranError(error) && error.code === "FORMAT_LIMIT" && error.message.includes(limit),
      );
      // Deep texts are given up where they become too deep, not at their end.
      if (limit === "maxDepth") assert.throws(() => assertYamlCost(text, "model", { maxTokens: 400 }), /maxDepth/);
    });
  }

  test("costs as many words as it has, and a limit may be raised", () => {
    assert.ok(assertYamlCost(sound, "model") < 200);
    assert.throws(() => assertYamlCost(sound, "model", { maxTokens: 20 }), /maxTokens of 20/);
    assert.ok(assertYamlCost(`a: ${"[".repeat(80)}`, "model", { maxDepth: 100 }) > 80);
  });

  test("that is no UTF-8 is refused", () => {
    assert.throws(
      () => read(Uint8Array.of(0x66, 0xff, 0xfe)),
      (error) => isTrimaranError(error) && error.code === "MLMODEL_INVALID",
    );
  });

  test("with keys such as __proto__ changes no prototype", () => {
    const before = Object.getOwnPropertyNames(Object.prototype);
    const text = `${sound}__proto__: {polluted: 1}\nconstructor: {prototype: {polluted: 1}}\n`;
    const mlmodel = readMLmodel(new TextEncoder().encode(text), "model");
    assert.equal((mlmodel as unknown as { polluted?: unknown }).polluted, undefined);
    assert.deepEqual(Object.getOwnPropertyNames(Object.prototype), before);
  });

  test("with damaged bytes is read or refused by a typed error", () => {
    const bytes = new TextEncoder().encode(sound);
    const edit = fc.tuple(fc.nat(bytes.length - 1), fc.uint8Array({ maxLength: 4 }), fc.nat(6));
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        let text = [...bytes];
        for (const [at, put, taken] of edits) text = [...text.slice(0, at), ...put, ...text.slice(at + taken)];
        try {
          read(Uint8Array.from(text));
        } catch (error) {
          assert.ok(isTrimaranError(error) && error.code === "MLMODEL_INVALID", String(error));
        }
      }),
      { numRuns: 1500, seed: 20260301 },
    );
  });
});

describe("a file that an MLmodel names", () => {
  for (const path of [
    "../model.pkl",
    "/etc/passwd",
    "a/../../b",
    "a//b",
    "./model.pkl",
    "a\\b",
    "C:model.pkl",
    "",
    "a\0b",
    7,
    null,
  ]) {
    test(`${JSON.stringify(path)} is refused`, () => {
      assert.throws(
        () => memberPath(path, { name: "model", key: "sklearn.pickled_model" }),
        (error) => isTrimaranError(error) && error.code === "MLMODEL_INVALID",
      );
    });
  }

  test("may lie in a folder below", () => {
    assert.equal(memberPath("data/model.pkl", { name: "model", key: "x" }), "data/model.pkl");
  });
});
