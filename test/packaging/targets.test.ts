// The files of a build context, as text of a plan.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { PackagePlan } from "../../src/packaging/package-plan.ts";
import { packagedFiles } from "../../src/packaging/targets.ts";

const plan: PackagePlan = {
  name: "ride",
  image: "duration-prediction-service",
  about: 'costs $5, "quoted" \\ and\nbroken',
  trimaran: { version: "1.2.3", tarball: null },
  packages: { dayjs: "1.0.0" },
  locked: { "node_modules/dayjs": { version: "1.0.0" } },
  target: 'ride/it\'s "x".ts',
  serveArguments: [],
  environment: { MODEL_URI: "oip+http://host/v2/models/$m" },
  files: { "ride/deployment.ts": "k1" },
  port: 8000,
  grpcPort: 9000,
  isWhole: false,
  model: { digest: null, version: null },
  definitionDigest: null,
  sample: { body: `{"a":"it's"}`, answer: "1" },
};

describe("packagedFiles", () => {
  test("gives the files of all targets and of what they need, sorted, and reads nothing", () => {
    const files = packagedFiles(plan, ["compose"]);
    assert.deepEqual(Object.keys(files), [
      ".dockerignore",
      "Dockerfile",
      "README.md",
      "app/ride/deployment.ts",
      "compose.yaml",
      "package-lock.json",
      "package.json",
    ]);
    assert.deepEqual(files["app/ride/deployment.ts"], { bytes: "k1" });
    assert.equal("compose.yaml" in packagedFiles(plan, ["docker"]), false);
  });

  test("takes Trimaran of this version from the registry where there is no tarball", () => {
    const { dependencies } = JSON.parse(String(packagedFiles(plan, ["docker"])["package.json"]));
    assert.deepEqual(dependencies, { dayjs: "1.0.0", trimaran: "1.2.3" });
  });

  test("quotes names and texts, so that none of them becomes an instruction or a variable", () => {
    const dockerfile = String(packagedFiles(plan, ["docker"])["Dockerfile"]);
    assert.ok(dockerfile.includes('description="costs \\$5, \\"quoted\\" \\\\ and broken"'), dockerfile);
    assert.ok(dockerfile.includes('MODEL_URI="oip+http://host/v2/models/\\$m"'));
    assert.ok(
      dockerfile.includes(
        'CMD ["serve", "/app/deployment/ride/it\'s \\"x\\".ts", "--grpc-port", "9000", "--host", "0.0.0.0"]',
      ),
    );
    assert.match(String(packagedFiles(plan, ["docker"])["README.md"]), /-d '\{"a":"it'\\''s"\}'/);
  });

  test("does not start a service while it builds whose model lies elsewhere", () => {
    const line = (isWhole: boolean): string =>
      /^RUN .*prepare\.js.*$/m.exec(String(packagedFiles({ ...plan, isWhole }, ["docker"])["Dockerfile"]))?.[0] ?? "";
    assert.match(line(false), /"10001"\]$/);
    assert.match(line(true), /"10001", "serve", /);
  });

  test("asks for health, and opens, the port of the definition", () => {
    const files = packagedFiles(plan, ["compose"]);
    assert.match(String(files["Dockerfile"]), /^EXPOSE 8000 9000$/m);
    assert.match(String(files["compose.yaml"]), /"8000:8000"\n {6}- "9000:9000"\n/);
  });
});
