// The example that was logged with a model: answered by it, or told row by row.
import assert from "node:assert/strict";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { checkInputExample } from "../../src/serving/check-input-example.ts";
import { openService } from "../../src/serving/open-service.ts";

const model = new URL("../../examples/ride-duration/lin_reg.bin", import.meta.url);

/** A folder as `mlflow.sklearn.save_model` leaves it, with an example. */
async function modelFolder(example: unknown): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "trimaran-example-"));
  await copyFile(model, join(path, "model.pkl"));
  await writeFile(
    join(path, "MLmodel"),
    "flavors:\n  sklearn:\n    pickled_model: model.pkl\nsaved_input_example_info:\n  artifact_path: input_example.json\n",
  );
  await writeFile(join(path, "input_example.json"), JSON.stringify(example));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

describe("the input example of a model", () => {
  test("that the model answers leaves no issues", async () => {
    await using folder = await modelFolder([{ PU_DO: "43_151", trip_distance: 1.01 }]);
    const service = await openService(folder.path);
    assert.deepEqual(service.inputExample, [{ PU_DO: "43_151", trip_distance: 1.01 }]);
    assert.deepEqual(await checkInputExample(service), []);
    await service.close();
  });

  test("with a row that the model refuses is told by row and column", async () => {
    await using folder = await modelFolder([{ trip_distance: 1 }, { trip_distance: { a: { b: [1] } } }]);
    const service = await openService(folder.path);
    const issues = await checkInputExample(service);
    assert.deepEqual(
      issues.map(({ path }) => path),
      ["/input_example/1/trip_distance"],
    );
    await service.close();
  });

  test("that is not there leaves nothing to check", async () => {
    const service = await openService(model.pathname);
    assert.deepEqual(await checkInputExample(service), []);
    await service.close();
  });
});
