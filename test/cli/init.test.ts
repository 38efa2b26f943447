// `init`, in-process: what it writes passes `check`, compiles, and overwrites nothing.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { onnxRuntimeFolder } from "../../scripts/onnx-runtime.ts";
import { planDefinition, planOutline, withAnswer } from "../../src/cli/definition-plan.ts";
import { definitionAsTypeScript, definitionAsYaml } from "../../src/cli/definition-text.ts";
import type { InputColumn, ModelInput } from "../../src/data/model-input.ts";
import { openDefinition } from "../../src/deployment/open-definition.ts";
import type { ModelGraph } from "../../src/model/graph.ts";
import type { Op } from "../../src/model/op.ts";
import { withoutRuntime } from "../formats/onnx/onnx-fixture.ts";
import { forest, linear, root, runCli } from "./run-in-process.ts";

const folder = mkdtempSync(join(tmpdir(), "trimaran-init-"));
after(() => rmSync(folder, { recursive: true }));

/** A linear model on some columns. */
function graphOf(input: ModelInput): ModelGraph {
  const names =
    input.kind === "records" ? input.features.map(({ name }) => name) : input.columns.map(({ name }) => name);
  const vectorize: Op = { kind: "vectorize", inputs: [0], names, separator: "=", lists: "split", number: "f64" };
  const before = input.kind === "records" ? [vectorize] : [];
  const value = before.length;
  const weights = new Float64Array(names.length);
  const ops: readonly Op[] = [...before, { kind: "affine", inputs: [value], weights, intercept: new Float64Array(1) }];
  return { input, ops, outputs: { predict: { value: value + 1, scalar: true } }, defaultMethod: "predict" };
}

describe("init", () => {
  for (const [kind, flags] of [
    ["ts", []],
    ["yaml", ["--yaml"]],
  ] as const) {
    for (const model of [linear, forest]) {
      test(`writes a deployment.${kind} for ${model.split("/").at(-1)} that passes check with the model's own answer`, async () => {
        const place = `${join(folder, `${kind}-${model.split("/").at(-1)}`)}/`;
        const made = await runCli(["init", model, "-o", place, ...flags]);
        assert.equal(made.stdout, `${place}deployment.${kind}\n`);
        assert.equal(made.code, 0);
        const text = readFileSync(`${place}deployment.${kind}`, "utf8");
        assert.match(text, /integer\(\{ min: \d+, max: 26\d \}\)/);
        const checked = await runCli(["check", place]);
        assert.match(checked.stdout, /: 1 example$/m);
        assert.equal(checked.stderr, "");
        assert.equal(checked.code, 0);
      });
    }
  }

  test("writes TypeScript that compiles", () => {
    const project = mkdtempSync(join(folder, "types-"));
    copyFileSync(join(folder, "ts-lin_reg.bin", "deployment.ts"), join(project, "deployment.ts"));
    const paths = { trimaran: [`${root}src/index.ts`] };
    // The sources behind the import have stricter projects of their own.
    const loose = { noUncheckedIndexedAccess: false, isolatedDeclarations: false, declaration: false };
    const compilerOptions = {
      ...loose,
      noEmit: true,
      paths,
      types: ["node"],
      typeRoots: [`${root}node_modules/@types`],
    };
    const config = { extends: `${root}tsconfig.base.json`, compilerOptions, include: ["deployment.ts"] };
    writeFileSync(join(project, "package.json"), '{ "type": "module" }');
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify(config));
    const { stdout, status } = spawnSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, "-p", project], {
      encoding: "utf8",
    });
    assert.equal(stdout, "");
    assert.equal(status, 0);
  });

  test("overwrites nothing without --force, and makes no folder ambiguous", async () => {
    const place = join(folder, "ts-lin_reg.bin");
    const again = await runCli(["init", linear, "-o", place]);
    assert.match(again.stderr, /deployment\.ts is already there/);
    assert.equal(again.code, 1);
    assert.equal((await runCli(["init", linear, "-o", place, "--force"])).code, 0);
    const second = await runCli(["init", linear, "-o", place, "--yaml"]);
    assert.match(second.stderr, /holds deployment\.ts and deployment\.yaml/);
    assert.equal(second.code, 1);
    const beside = await runCli(["init", forest, "-o", forest]);
    assert.match(beside.stderr, /holds MLmodel and deployment\.ts/);
    assert.equal(beside.code, 1);
  });

  test("gives columns without names a name, and columns with strange names quotes", async () => {
    const hostile = 'a"; process.exit(3); //\n*/ `$';
    const column = (name: string): InputColumn => ({ name, type: "number", nullable: false });
    const inputs: readonly ModelInput[] = [
      { kind: "matrix", named: false, columns: [column("0"), column("1")] },
      { kind: "matrix", named: true, columns: [column("größe"), column(hostile), column("row")] },
      { kind: "records", features: [{ name: hostile, numeric: false, categories: [hostile, "b"] }] },
    ];
    for (const [index, input] of inputs.entries()) {
      const plan = planDefinition(graphOf(input), { name: "made", model: "./m.pkl" });
      const names =
        input.kind === "records" ? [hostile] : input.named ? input.columns.map(({ name }) => name) : ["x0", "x1"];
      for (const [extension, write] of [
        ["ts", definitionAsTypeScript],
        ["yaml", definitionAsYaml],
      ] as const) {
        const file = join(folder, `strange-${index}.${extension}`);
        writeFileSync(file, write(plan, { output: 0.5 }));
        const { definition } = await openDefinition(file);
        assert.deepEqual(Object.keys(definition.input), names);
        assert.deepEqual(definition.examples[0]?.output, { prediction: 0.5 });
        const features = definition.features(definition.examples[0]?.input ?? {});
        assert.deepEqual(Object.keys(features), input.kind !== "records" && !input.named ? ["0", "1"] : names);
      }
    }
  });

  test("writes a definition for an ONNX file, with the runtime's answer where it is installed", {
    skip: withoutRuntime,
  }, async () => {
    const file = join(folder, "lin_reg.onnx");
    assert.equal((await runCli(["export", linear, "-o", file])).code, 0);
    for (const kind of ["ts", "yaml"]) {
      const place = `${join(folder, `onnx-${kind}`)}/`;
      const flags = kind === "yaml" ? ["--yaml"] : [];
      const trimaran = (...argv: readonly string[]) =>
        spawnSync(`${root}bin/trimaran`, argv, { cwd: onnxRuntimeFolder(), encoding: "utf8" });
      const made = trimaran("init", file, "-o", place, ...flags);
      assert.equal(made.status, 0, made.stderr);
      const text = readFileSync(`${place}deployment.${kind}`, "utf8");
      assert.match(text, /output: \{ "?prediction"?: -?\d+\.\d+ \}/);
      const checked = trimaran("check", place);
      assert.match(checked.stdout, /: 1 example$/m, checked.stderr);
    }
    const without = `${join(folder, "onnx-without")}/`;
    const made = await runCli(["init", file, "-o", without]);
    assert.equal(made.code, 0, made.stderr);
    const { definition } = await openDefinition(`${without}deployment.ts`);
    assert.deepEqual(Object.keys(definition.input), ["PU_DO", "trip_distance"]);
    assert.equal(definition.examples[0]?.output, null);
  });

  test("a model that is no graph is planned by what its file tells, and then by what it answers", () => {
    const column = (name: string, type: InputColumn["type"]): InputColumn => ({ name, type, nullable: false });
    const input: ModelInput = {
      kind: "table",
      named: true,
      columns: [column("age", "number"), column("city", "string")],
    };
    const names = { name: "m", model: "./m.onnx" };
    const outputs = [
      [{ type: "int64", dims: [null] }, { kind: "integer" }],
      [{ type: "string", dims: [null, 1] }, { kind: "string" }],
      [
        { type: "float32", dims: [null, 3] },
        { kind: "list", of: "number" },
      ],
      [{ type: "bool", dims: null }, { kind: "boolean" }],
      [null, { kind: "number" }],
    ] as const;
    for (const [answer, field] of outputs) {
      assert.deepEqual(planOutline({ input, method: "predict", answer }, names).output, field);
    }
    const plan = planOutline({ input, method: "predict", answer: null }, names);
    assert.deepEqual(withAnswer(plan, ["a", "b"]).output, { kind: "list", of: "string" });
    assert.deepEqual(withAnswer(plan, 2).output, { kind: "number" });
    assert.deepEqual(withAnswer(plan, undefined).output, { kind: "number" });
  });
});
