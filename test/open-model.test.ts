// `openModel` of the package: rows in, values out, from a path, a URI and bytes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isTrimaranError, openModel, type TrimaranError } from "../src/index.ts";
import { runCli } from "./cli/run-in-process.ts";

const file = fileURLToPath(new URL("../examples/ride-duration/lin_reg.bin", import.meta.url));
const folder = fileURLToPath(new URL("../examples/ride-duration/forest", import.meta.url));
const rows = [{ PU_DO: "43_151", trip_distance: 1.01 }, { PU_DO: "no such pair", trip_distance: 40 }, {}];

describe("openModel", () => {
  test("answers one value a row, in order, as `trimaran predict` does", async () => {
    const { stdout } = await runCli(["predict", file], { stdin: rows.map((row) => JSON.stringify(row)).join("\n") });
    const expected = stdout
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { predict: number }).predict);
    await using model = await openModel(file);
    assert.deepEqual(await model.predict(rows), expected);
    assert.equal(expected.length, 3);
    assert.deepEqual(
      await model.predict(rows, { methods: ["predict"] }),
      expected.map((predict) => ({ predict })),
    );
  });

  test("opens a path, a URI, a folder with an MLmodel, and bytes to the same answers", async () => {
    await using byPath = await openModel(file);
    await using byUri = await openModel(pathToFileURL(file));
    await using byBytes = await openModel({ name: "lin_reg.bin", bytes: new Uint8Array(readFileSync(file)) });
    const answers = await byPath.predict(rows);
    assert.deepEqual(await byUri.predict(rows), answers);
    assert.deepEqual(await byBytes.predict(rows), answers);
    assert.equal(byBytes.describe().name, "lin_reg.bin");
    await using forest = await openModel(folder);
    assert.match(forest.describe().format ?? "", /^mlflow\//);
  });

  test("says what the model takes, which methods it has, and what it is", async () => {
    await using model = await openModel(file);
    assert.equal(model.inputs.kind, "records");
    assert.deepEqual(model.methods, ["predict"]);
    const description = model.describe();
    assert.deepEqual(description.versions["scikit-learn"]?.length, 1);
    assert.ok(description.classes.some((name) => name.endsWith(".DictVectorizer")));
    assert.ok(description.operations.length >= 2);
  });

  test("fails with every issue of every row, or answers null for those rows when asked to", async () => {
    const asked = [rows[0], 7, { trip_distance: null }, rows[1]];
    await using model = await openModel(file);
    const error = await rejection(model.predict(asked));
    assert.equal(error.code, "ROW_INVALID");
    assert.deepEqual(
      error.issues.map(({ path, code }) => [path, code]),
      [
        ["/1", "wrong_type"],
        ["/2/trip_distance", "missing_value"],
      ],
    );
    const [first, second, third, last] = await model.predict(asked, { onRefused: "null" });
    assert.deepEqual([second, third], [null, null]);
    assert.deepEqual([first, last], [...(await model.predict([rows[0], rows[1]]))]);
    const byMethod = await model.predict(asked, { methods: ["predict"], onRefused: "null" });
    assert.deepEqual(byMethod, [{ predict: first }, null, null, { predict: last }]);
  });

  test("refuses a method that the model lacks, and a file that is no model", async () => {
    await using model = await openModel(file);
    assert.equal((await rejection(model.predict(rows, { methods: ["predict_proba"] }))).code, "MODEL_METHOD");
    const empty = { name: "empty", bytes: new Uint8Array(0) };
    assert.equal((await rejection(openModel(empty))).code, "FORMAT_EMPTY");
    assert.equal((await rejection(openModel(file, { maxBytes: 10 }))).code, "FILE_TOO_LARGE");
  });
});

async function rejection(promise: Promise<unknown>): Promise<TrimaranError> {
  try {
    await promise;
  } catch (error) {
    if (isTrimaranError(error)) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: "it was expected to fail" });
}
