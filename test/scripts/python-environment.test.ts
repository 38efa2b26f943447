// Python environments for other suites: whole or not there, and the same ones that test/golden/make.py makes.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { findPythonEnvironment, makePythonEnvironment } from "../../scripts/python-environment.ts";

const skip = whyNot();

/** The suite installs a package; without Python, or without a package index that answers, there is nothing to test. */
function whyNot(): string | false {
  if (spawnSync("python3", ["-m", "venv", "--help"]).status !== 0) return "there is no python3 with venv";
  const quick = ["--retries", "0", "--timeout", "5", "--no-deps", "--quiet", "--dest", tmpdir()];
  const asked = spawnSync("python3", ["-m", "pip", "download", ...quick, "six==1.17.0"], { timeout: 20_000 });
  return asked.status === 0 ? false : "no Python package index answers";
}

function scratchCache(): Disposable & { readonly folder: string } {
  const before = process.env["TRIMARAN_TEST_CACHE"];
  const folder = mkdtempSync(join(tmpdir(), "trimaran-python-"));
  process.env["TRIMARAN_TEST_CACHE"] = folder;
  return {
    folder,
    [Symbol.dispose]: () => {
      if (before === undefined) delete process.env["TRIMARAN_TEST_CACHE"];
      else process.env["TRIMARAN_TEST_CACHE"] = before;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

describe("a Python environment", { skip }, () => {
  test("is made once, holds what is pinned, and is found afterwards", async () => {
    using cache = scratchCache();
    const wanted = { name: "six", python: "3", pins: ["six==1.17.0"] };
    assert.equal(findPythonEnvironment(wanted), undefined);
    const [python, other] = await Promise.all([makePythonEnvironment(wanted), makePythonEnvironment(wanted)]);
    assert.deepEqual([other, findPythonEnvironment(wanted)], [python, python]);
    const told = spawnSync(python, ["-c", "import six; print(six.__version__)"], { encoding: "utf8" });
    assert.equal(told.stdout, "1.17.0\n");
    assert.equal(globSync("*/*", { cwd: cache.folder }).length, 1);
  });

  test("that cannot be installed leaves nothing behind", async () => {
    using cache = scratchCache();
    const wanted = { name: "none", python: "3", pins: ["six==0.0.0.1"] };
    await assert.rejects(makePythonEnvironment(wanted), /six==0\.0\.0\.1/);
    assert.deepEqual([findPythonEnvironment(wanted), globSync("*/*", { cwd: cache.folder })], [undefined, []]);
  });

  test("lies where test/golden/make.py looks for it", () => {
    using cache = scratchCache();
    const pins = '{"python": "3.12", "pins": ["a==1", "b==2"]}';
    const golden = fileURLToPath(new URL("../golden", import.meta.url));
    const program = `import sys; sys.path.insert(0, ${JSON.stringify(golden)}); sys.dont_write_bytecode = True
import json, make
make.ENVIRONMENTS["x"] = json.loads('${pins}')
place = make.venv_of("x") / "bin"
place.mkdir(parents=True); (place / "python").touch()`;
    const made = spawnSync("python3", ["-B", "-c", program], { encoding: "utf8" });
    assert.equal(made.stderr, "");
    const found = findPythonEnvironment({ name: "x", python: "3.12", pins: ["a==1", "b==2"] });
    assert.equal(found?.startsWith(cache.folder), true);
  });
});
