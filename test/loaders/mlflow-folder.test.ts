// A folder that MLflow saved: its signature names the columns, its example is read, and nothing outside of it is.
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { isTrimaranError } from "../../src/base/errors.ts";
import { loadModel } from "../../src/loaders/load-model.ts";
import { root, runCli } from "../cli/run-in-process.ts";

const scratch = mkdtempSync(join(tmpdir(), "trimaran-folder-"));
after(() => rmSync(scratch, { recursive: true }));
const modelFile = `${root}test/golden/own-classes/matrix.pkl`;

const inputs =
  '[{"type": "double", "name": "length", "required": true}, {"type": "long", "name": "width", "required": false}]';
const examplePath = "  artifact_path: input_example.json";
const description = `flavors:
  sklearn:
    pickled_model: model.pkl
mlflow_version: 2.22.0
run_id: 0123456789abcdef0123456789abcdef
saved_input_example_info:
${examplePath}
  serving_input_path: serving_input_example.json
  type: dataframe
signature:
  inputs: '${inputs}'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1]}}]'
`;
const example = JSON.stringify({ columns: ["length", "width"], data: [[2.5, 4]] });

let count = 0;

interface Files {
  readonly description?: string;
  readonly example?: string;
  readonly serving?: string;
}

function makeFolder(files: Files): string {
  const folder = join(scratch, `m${count++}`);
  mkdirSync(folder);
  copyFileSync(modelFile, join(folder, "model.pkl"));
  writeFileSync(join(folder, "MLmodel"), files.description ?? description);
  if (files.example !== undefined) writeFileSync(join(folder, "input_example.json"), files.example);
  if (files.serving !== undefined) writeFileSync(join(folder, "serving_input_example.json"), files.serving);
  return folder;
}

describe("a folder with a signature and an example", () => {
  test("names and types the columns of a model that knows only positions", async () => {
    const { graph, facts, version } = await loadModel([makeFolder({ example })]);
    assert.deepEqual(graph.input, {
      kind: "matrix",
      named: true,
      columns: [
        { name: "length", type: "number", nullable: false },
        { name: "width", type: "integer", nullable: true },
      ],
    });
    assert.deepEqual(facts.example, [{ length: 2.5, width: 4 }]);
    assert.equal(version, "0123456789abcdef0123456789abcdef");
  });

  test("has the same digest with its example and without", async () => {
    const [first, second] = [await loadModel([makeFolder({ example })]), await loadModel([makeFolder({})])];
    assert.equal(first.digest, second.digest);
    assert.deepEqual(second.facts.example, []);
  });

  test("reads the serving example where the other is damaged or large", async () => {
    const serving = JSON.stringify({ dataframe_split: JSON.parse(example) as unknown });
    for (const other of ["{", `"${"x".repeat(2 << 20)}"`]) {
      const { facts } = await loadModel([makeFolder({ example: other, serving })]);
      assert.deepEqual(facts.example, [{ length: 2.5, width: 4 }]);
    }
  });

  for (const path of ["../secret.json", "/etc/hostname", "a/../../secret.json"]) {
    test(`is refused when the example is ${path}`, async () => {
      writeFileSync(join(scratch, "secret.json"), example);
      const folder = makeFolder({ description: description.replace(examplePath, `  artifact_path: ${path}`) });
      await assert.rejects(loadModel([folder]), (error) => isTrimaranError(error) && error.code === "MLMODEL_INVALID");
    });
  }

  test("is refused when the example is a link that leads out of it", async () => {
    const folder = makeFolder({});
    writeFileSync(join(scratch, "secret.json"), example);
    symlinkSync(join(scratch, "secret.json"), join(folder, "input_example.json"));
    await assert.rejects(loadModel([folder]), (error) => isTrimaranError(error) && error.code === "MLMODEL_INVALID");
  });

  test("whose signature has other columns keeps the model's own, with a note", async () => {
    const changed = description.replace(inputs, '[{"type": "double", "name": "length"}]');
    const { graph, facts } = await loadModel([makeFolder({ description: changed })]);
    assert.equal(graph.input.kind === "matrix" && graph.input.named, false);
    assert.match(facts.notes.join(), /its signature has other columns/);
  });

  test("is shown by inspect, and its example goes into what init writes", async () => {
    const folder = makeFolder({ example });
    const { stdout, code } = await runCli(["inspect", folder]);
    assert.equal(code, 0);
    assert.match(
      stdout,
      /signature inputs\n {2}length: double\n {2}width: long, optional\nsignature outputs\n {2}tensor float64\[-1\]/,
    );
    assert.match(stdout, /input example\n {2}1 row: \{"length":2.5,"width":4\}/);
    const made = await runCli(["init", folder, "-o", `${folder}-made/`, "--json"]);
    assert.equal(made.code, 0, made.stderr);
    const checked = await runCli(["check", `${folder}-made`]);
    assert.equal(checked.code, 0, checked.stderr);
    const shown = await runCli(["inspect", folder, "--json"]);
    assert.match(shown.stdout, /"signature":\{"inputs":\["length: double","width: long, optional"\]/);
  });
});
