// What `trimaran serve` answers is what its document says: an OpenAPI validator reads the document, and schemathesis asks every
// route with sound and unsound requests. Skipped where the Python environment can neither be found nor made.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { makePythonEnvironment, type PythonPins } from "../../../scripts/python-environment.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const folder = fileURLToPath(new URL(".", import.meta.url));

const pins: PythonPins = {
  name: "openapi",
  python: "3.12",
  pins: ["schemathesis==4.32.5", "openapi-spec-validator==0.9.0"],
};

const checks = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_schema_conformance",
  "response_headers_conformance",
  "unsupported_method",
];

/** What always answers 501, and what would take the models away that the others ask. */
const excluded = "(:(explain|classify|regress)|/(un)?load)$";

describe("the OpenAPI document of a running service", () => {
  test("is valid, and every answer conforms to it", { timeout: 300_000 }, async (context) => {
    const python = await pythonOf(context);
    if (python === undefined) return;
    const start = performance.now();
    await using service = await serve(["examples/ride-duration", "test/fixtures/every-kind"]);
    const validator = `
import json, sys, urllib.request
from openapi_spec_validator import OpenAPIV31SpecValidator
document = json.load(urllib.request.urlopen(sys.argv[1]))
for error in OpenAPIV31SpecValidator(document).iter_errors():
    print(error.message)`;
    assert.equal(await run(python, ["-c", validator, service.document]), "");
    const cli = "from schemathesis.cli import schemathesis; schemathesis()";
    const told = await run(python, [
      ...["-c", cli, "run", service.document, "--no-color", "--seed", "1", "--max-examples", "12"],
      ...["--phases", "examples,coverage,fuzzing", "--checks", checks.join(","), "--exclude-path-regex", excluded],
      "--generation-database=none",
    ]);
    const [, generated = "0", passed = ""] = /(\d+) generated, (\d+) passed\n/.exec(told) ?? [];
    assert.equal(generated, passed, told);
    assert.ok(Number(generated) > 1000, told);
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    context.diagnostic(`${generated} requests, every answer as the document says: ${seconds} s`);
  });
});

async function pythonOf(context: TestContext): Promise<string | undefined> {
  try {
    return await makePythonEnvironment(pins);
  } catch {
    context.skip(`${pins.pins[0]} is not here and cannot be installed`);
    return undefined;
  }
}

/** What the program printed, also when it found something. */
async function run(python: string, args: readonly string[]): Promise<string> {
  const env = { ...process.env, SCHEMATHESIS_HOOKS: "hooks", PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: "1" };
  // Both write down what they tried, where they are started.
  const cwd = mkdtempSync(join(tmpdir(), "trimaran-openapi-"));
  try {
    return (await promisify(execFile)(python, args, { cwd, env, maxBuffer: 1 << 26 })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    return `${stdout}${stderr}`;
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

interface Running extends AsyncDisposable {
  readonly document: string;
}

async function serve(targets: readonly string[]): Promise<Running> {
  const child = spawn(process.execPath, [`${root}bin/trimaran`, "serve", ...targets, "--port", "0", "--json"], {
    cwd: root,
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const { url } = JSON.parse(line) as { readonly url: string };
  return {
    document: `${url}/openapi.json`,
    async [Symbol.asyncDispose]() {
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
    },
  };
}
