// The folder of a function, as text of a plan.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { PackagePlan } from "../../src/packaging/package-plan.ts";
import { packagedFiles } from "../../src/packaging/targets.ts";

const plan: PackagePlan = {
  name: "ride",
  image: "duration-prediction-service",
  about: 'costs $5, "quoted" \\ and\nbroken',
  trimaran: { version: "1.2.3", tarball: null },
  packages: {},
  locked: {},
  target: 'ride/it\'s "x" 1.ts',
  serveArguments: [],
  environment: {},
  files: { "ride/deployment.ts": "k1" },
  port: 8000,
  grpcPort: null,
  isWhole: true,
  model: { digest: null, version: null },
  definitionDigest: null,
  sample: null,
};

function file(name: string, more: Partial<PackagePlan> = {}): string {
  return String(packagedFiles({ ...plan, ...more }, ["lambda"])[name]);
}

/** What the handler gives to `lambdaHandler`, with `here` as it is. */
function optionsOf(more: Partial<PackagePlan>): unknown {
  const [, options = ""] = /lambdaHandler\((\{[\s\S]+\})\);/.exec(file("handler.mjs", more)) ?? [];
  const here = (path: string): string => decodeURIComponent(new URL(path, "file:///var/task/").pathname);
  return new Function("here", "process", `return ${options}`)(here, { env: { A: "1" } });
}

describe("--for lambda", () => {
  test("writes a handler that finds what lies beside it, whatever its name is", () => {
    assert.deepEqual(optionsOf({}), { target: '/var/task/app/ride/it\'s "x" 1.ts' });
    assert.deepEqual(optionsOf({ target: "model.pkl#dv,model" }), { target: "/var/task/app/model.pkl#dv,model" });
    assert.deepEqual(optionsOf({ target: "models:/ride@champion" }), { target: "models:/ride@champion" });
  });

  test("gives a model that was named anew by MODEL_LOCATION, which the function's own environment may change", () => {
    assert.deepEqual(
      optionsOf({ target: "d.ts", environment: { MODEL_URI: "/app/deployment/models/model/a b.pkl" } }),
      {
        target: "/var/task/app/d.ts",
        env: { MODEL_LOCATION: "/var/task/app/models/model/a b.pkl", A: "1" },
      },
    );
    const serveArguments = [
      "--model",
      "p50=/app/deployment/models/p50/a.pkl",
      "--model",
      "p90=s3://b/c",
      "--member",
      "x,y",
    ];
    assert.deepEqual(optionsOf({ target: "d.ts", serveArguments }), {
      target: "/var/task/app/d.ts",
      model: { p50: "/var/task/app/models/p50/a.pkl", p90: "s3://b/c" },
      members: ["x", "y"],
    });
  });

  test("lets no text become YAML, shell or an instruction", () => {
    assert.ok(file("template.yaml").includes('Description: "costs $5, \\"quoted\\" \\\\ and broken (Trimaran 1.2.3)"'));
    assert.ok(file("LAMBDA.md").includes(`npx trimaran lambda 'app/ride/it'\\''s "x" 1.ts'`));
    assert.equal(file("lambda.Dockerfile", { files: {} }).includes("COPY app"), false);
  });

  test("stands beside the files of an image of the web service", () => {
    const names = Object.keys(packagedFiles(plan, ["docker", "lambda"]));
    assert.ok(["Dockerfile", "README.md", "lambda.Dockerfile", "LAMBDA.md"].every((name) => names.includes(name)));
  });
});
