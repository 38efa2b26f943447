// The hostile files that the team shares: each is refused by a typed error that names what it would have run, and leaves no trace.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { isTrimaranError } from "../../../src/base/errors.ts";
import { allow, allowList } from "../../../src/formats/pickle/allow-list.ts";
import { assertTrusted, auditPickle } from "../../../src/formats/pickle/audit.ts";
import { pythonNames } from "../../../src/formats/pickle/python-names.ts";
import { assertSound, scanPickle } from "../../../src/formats/pickle/read-pickle.ts";
import { numpyArrays } from "./array-container.ts";

const shared = process.env["TRIMARAN_SHARED"] ?? new URL("../../../../shared", import.meta.url).pathname;
const folder = join(shared, "data", "hostile");

// What the innocent parts of the files need, so that only the hostile part is left to find.
const list = allowList(
  pythonNames,
  allow("numpy", "construct", "dtype"),
  allow("numpy", "value", "ndarray"),
  allow("numpy.core.multiarray", "construct", "_reconstruct"),
  allow("joblib.numpy_pickle", "construct", "NumpyArrayWrapper"),
  allow("sklearn.feature_extraction._dict_vectorizer", "construct", "DictVectorizer"),
  allow("argparse", "construct", "Namespace"),
);

// The names that the audit finds, with the offset of the opcode that names each; then the problem of reading, if any.
const expected: Readonly<Record<string, readonly [names: readonly string[], problem: string | null]>> = {
  "reduce.pkl": [["posix.system 117"], null],
  "protocol0.bin": [["posix.system 5"], null],
  "build.pkl": [["posix.system 56"], null],
  "inst.pkl": [["posix.system 50"], null],
  "obj.pkl": [["posix.system 1"], null],
  "newobj_ex.pkl": [["builtins.map 35", "posix.system 51"], null],
  "ext1.pkl": [["copyreg.add_extension 26", "EXT1 47", "REDUCE 97"], "PICKLE_UNTRUSTED"],
  "memo.pkl": [["posix.system 49"], null],
  "object_array.pkl": [["posix.system 149"], null],
  "wrapper.joblib": [["posix.system 576"], null],
  "after_array.joblib": [["posix.system 306"], null],
  "second.pkl": [["posix.system 37"], null],
  "truncated.pkl": [["posix.system 19"], "FORMAT_TRUNCATED"],
  "deep_tuple.pkl": [[], "FORMAT_LIMIT"],
  "long4.pkl": [[], "FORMAT_LIMIT"],
  "long4_negative.pkl": [[], "PICKLE_ARGUMENT"],
  "binunicode8.pkl": [[], "FORMAT_DAMAGED"],
  "cyclic_tuple.pkl": [[], null],
  "ladder.pkl": [[], "FORMAT_LIMIT"],
  "ndarray_shape.pkl": [[], null],
};

describe("a hostile file", { skip: existsSync(folder) ? false : "no shared/data/hostile" }, () => {
  for (const [file, [names, problem]] of Object.entries(expected)) {
    test(`${file} is ${names.length > 0 || problem !== null ? "refused" : "read as the inert value that it is"}`, () => {
      const prototype = Object.getOwnPropertyNames(Object.prototype);
      const start = performance.now();
      const reading = scanPickle(readFileSync(join(folder, file)), { name: file, container: numpyArrays });
      const dangers = auditPickle(reading, list).filter((finding) => finding.severity === "danger");
      assert.ok(performance.now() - start < 1000);
      assert.deepEqual(
        dangers
          .map(({ module, name, opcode, offset }) => `${module === "" ? opcode : `${module}.${name}`} ${offset}`)
          .toSorted(),
        names.toSorted(),
      );
      assert.equal(reading.problem?.code ?? null, problem);
      const decide = (): void => {
        assertTrusted(reading, list, file);
        assertSound(reading);
      };
      if (names.length > 0) {
        assert.throws(
          decide,
          (error) => isTrimaranError(error) && error.kind === "untrusted" && error.issues.length > 0,
        );
      } else if (problem !== null) {
        assert.throws(decide, (error) => isTrimaranError(error) && error.code === problem);
      } else {
        decide();
      }
      assert.deepEqual(Object.getOwnPropertyNames(Object.prototype), prototype);
      assert.ok(!existsSync(join(tmpdir(), `trimaran-hostile-${file.replace(/\..*/, "")}`)));
    });
  }

  test("with keys such as __proto__ gives a dict with those keys", () => {
    const { root } = scanPickle(readFileSync(join(folder, "cyclic_tuple.pkl")), { name: "cyclic" });
    assert.ok(typeof root === "object" && root?.kind === "dict");
    assert.deepEqual(root.keys, ["__proto__", "constructor"]);
  });
});
