// The limits of MLflow's names and values.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as limits from "../../../src/mlflow/wire/limits.ts";
import { WireError } from "../../../src/mlflow/wire/wire-error.ts";

function refuses(act: () => unknown, text: RegExp): void {
  assert.throws(act, (error) => error instanceof WireError && error.status === 400 && text.test(error.message));
}

test("a key is a name that would be a plain path below a folder", () => {
  for (const key of ["a", "a/b", "é", "a b:c-d.e", "x".repeat(250)]) limits.assertKey(key);
  for (const key of ["/a", "a//b", "a/./b", ".", "..", "../x", "a/", "", "a\nb", "a*", "x".repeat(251)]) {
    refuses(() => limits.assertKey(key), /parameter 'key'|exceeds/);
  }
});

test("an alias is not `latest`, not a version, and made of letters, digits, `_` and `-`", () => {
  for (const alias of ["champion", "a-b_c", "vv1", "v1a"]) limits.assertAlias(alias);
  for (const alias of ["latest", "LATEST", "v1", "V12", "a b", "a/b", "", "x".repeat(256)]) {
    refuses(() => limits.assertAlias(alias), /alias/i);
  }
});

test("a version is a number, and told as MLflow tells it", () => {
  assert.equal(limits.assertVersion("12"), 12);
  refuses(() => limits.assertVersion("x"), /^Parameter 'version' must be an integer, got 'x'\.$/);
});

test("a batch has its limits, and its parameters agree", () => {
  limits.assertBatch({ metrics: 800, params: 100, tags: 100 });
  refuses(() => limits.assertBatch({ metrics: 1001, params: 0, tags: 0 }), /at most 1000 metrics\. Got 1001/);
  refuses(() => limits.assertBatch({ metrics: 1000, params: 1, tags: 0 }), /at most 1000 metrics, params, and tags/);
  limits.assertParamsAgree([
    { key: "a", value: "1" },
    { key: "a", value: "1" },
  ]);
  refuses(
    () =>
      limits.assertParamsAgree([
        { key: "a", value: "1" },
        { key: "a", value: "2" },
      ]),
    /Duplicate parameter keys/,
  );
});

test("ids and names hold nothing that could be more than a name", () => {
  limits.assertRunId("0123abc_-");
  for (const id of ["", "../x", "-a", "a b", "x".repeat(257)]) refuses(() => limits.assertRunId(id), /Invalid run ID/);
  refuses(() => limits.assertExperimentId("../1"), /Invalid experiment ID/);
  refuses(() => limits.assertRegisteredName("a\u0000"), /control/);
  refuses(() => limits.assertLoggedModelName("a/b"), /Invalid model name/);
  assert.equal(limits.cutValue("abcdef", 3), "abc");
});
