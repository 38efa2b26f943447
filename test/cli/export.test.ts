// `trimaran export`: a model as an ONNX file, and what `inspect` and `predict` make of it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { onnxRuntimeFolder } from "../../scripts/onnx-runtime.ts";
import { readOnnx } from "../../src/formats/onnx/read-onnx.ts";
import { withoutRuntime } from "../formats/onnx/onnx-fixture.ts";
import { forest, linear, root, rowsOf, runCli } from "./run-in-process.ts";

interface Folder extends Disposable {
  readonly path: string;
}

function scratch(): Folder {
  const path = mkdtempSync(join(tmpdir(), "trimaran-export-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

const rides = [
  { PU_DO: "43_151", trip_distance: 1.01 },
  { PU_DO: "no such pair", trip_distance: 40 },
];
const stdin = rides.map((row) => JSON.stringify(row)).join("\n");

describe("trimaran export", () => {
  test("writes a file, prints its name, and with --json what it takes and gives", async () => {
    using folder = scratch();
    const file = join(folder.path, "lin_reg.onnx");
    const plain = await runCli(["export", linear, "-o", file]);
    assert.deepEqual([plain.code, plain.stdout], [0, `${file}\n`]);
    assert.match(plain.stderr, /near to ours/);
    const first = readFileSync(file);
    const json = await runCli(["export", linear, "-o", file, "--json"]);
    assert.deepEqual(JSON.parse(json.stdout), {
      file,
      bytes: first.length,
      precision: "float64",
      tolerance: 1e-12,
      inputs: [
        { name: "PU_DO", type: "string", width: 1 },
        { name: "trip_distance", type: "double", width: 1 },
      ],
      outputs: [{ name: "predict", type: "double", width: null }],
    });
    assert.deepEqual(readFileSync(file), first);
    assert.deepEqual(readOnnx(new Uint8Array(first), "x").methods, ["predict"]);
  });

  test("writes for older runtimes with --precision float32, and says how near that is", async () => {
    using folder = scratch();
    const file = join(folder.path, "forest.onnx");
    const { code, stderr } = await runCli(["export", forest, "-o", file, "--precision", "float32"]);
    assert.equal(code, 0);
    assert.match(stderr, /within 1e-5/);
    const { signature } = readOnnx(new Uint8Array(readFileSync(file)), "x");
    assert.equal(signature.metadata.get("trimaran.precision"), "float32");
  });

  test("writes our own file, which predicts exactly as the model does", async () => {
    using folder = scratch();
    const file = join(folder.path, "model.trimaran");
    const { code, stdout } = await runCli(["export", linear, "-o", file]);
    assert.deepEqual([code, stdout], [0, `${file}\n`]);
    const [own, direct] = [await runCli(["predict", file], { stdin }), await runCli(["predict", linear], { stdin })];
    assert.deepEqual([own.code, own.stdout], [0, direct.stdout]);
    const refused = await runCli(["export", linear, "-o", file, "--method", "predict"]);
    assert.equal(refused.code, 2);
  });

  test("is inspected as what it is", async () => {
    using folder = scratch();
    const file = join(folder.path, "lin_reg.onnx");
    await runCli(["export", linear, "-o", file]);
    const { code, stdout } = await runCli(["inspect", file, "--json"]);
    assert.equal(code, 0);
    const report = JSON.parse(stdout) as Record<string, unknown>;
    assert.equal(report["format"], "onnx");
    assert.deepEqual(report["methods"], [{ name: "predict", isDefault: true, answers: "as ONNX Runtime gives it" }]);
    assert.ok((report["operations"] as string[]).includes("ai.onnx.ml.OneHotEncoder"));
    assert.match((await runCli(["inspect", file])).stdout, /PU_DO/);
  });

  test("the file answers `trimaran predict` where onnxruntime-node is installed", {
    skip: withoutRuntime,
  }, async () => {
    using folder = scratch();
    const file = join(folder.path, "lin_reg.onnx");
    await runCli(["export", linear, "-o", file]);
    const expected = rowsOf((await runCli(["predict", linear], { stdin })).stdout) as { predict: number }[];
    const run = spawnSync(`${root}bin/trimaran`, ["predict", file], {
      cwd: onnxRuntimeFolder(),
      input: stdin,
      encoding: "utf8",
    });
    assert.equal(run.status, 0, run.stderr);
    const answers = rowsOf(run.stdout) as { predict: number }[];
    assert.equal(answers.length, expected.length);
    for (const [row, { predict }] of expected.entries()) {
      const far = Math.abs((answers[row]?.predict ?? Number.NaN) - predict);
      assert.ok(far <= 1e-12 * Math.abs(predict), `row ${row}: ${answers[row]?.predict}, not ${predict}`);
    }
  });

  test("an ONNX file is not exported again", async () => {
    using folder = scratch();
    const file = join(folder.path, "lin_reg.onnx");
    await runCli(["export", linear, "-o", file]);
    const again = await runCli(["export", file, "-o", join(folder.path, "again.onnx")]);
    assert.match(again.stderr, /ONNX_GRAPH|cannot be read as a graph of ours/);
    assert.notEqual(again.code, 0);
    assert.equal(existsSync(join(folder.path, "again.onnx")), false);
  });

  test("refuses a method that the model lacks, and a file of another kind", async () => {
    using folder = scratch();
    const file = join(folder.path, "x.onnx");
    assert.match((await runCli(["export", linear, "-o", file, "--method", "nope"])).stderr, /no method nope/);
    const cases: readonly (readonly string[])[] = [
      ["export", linear],
      ["export", linear, "-o", join(folder.path, "x.sql")],
      ["export", linear, "-o", file, "--precision", "float16"],
    ];
    for (const argv of cases) assert.equal((await runCli(argv)).code, 2, argv.join(" "));
    assert.equal(existsSync(file), false);
  });

  test("leaves the old file when the model cannot be read", async () => {
    using folder = scratch();
    const file = join(folder.path, "x.onnx");
    writeFileSync(file, "old");
    assert.notEqual((await runCli(["export", join(folder.path, "none.pkl"), "-o", file])).code, 0);
    assert.equal(readFileSync(file, "utf8"), "old");
  });
});
