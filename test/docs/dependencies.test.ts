// docs/dependencies.md, package.json, the installed licences and the imports of src say the same.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { scanSource } from "../architecture/scan.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (file: string): string => readFileSync(root + file, "utf8");

const allowedLicences = [
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "ISC",
  "MIT",
  "MIT OR Apache-2.0",
];

/** Of tools for tests, which stand in no package of ours. */
const allowedForTests: Readonly<Record<string, string>> = { "node_modules/axe-core": "MPL-2.0" };

interface Manifest {
  readonly license?: unknown;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(read("package.json")) as Manifest;

/** Package, reason, licence, maintenance of each row below a heading. */
function tableBelow(heading: string): string[][] {
  const section = read("docs/dependencies.md").split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("| "));
  return rows.slice(1).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function licenceOf(packageFolder: string): unknown {
  return (JSON.parse(read(`${packageFolder}/package.json`)) as Manifest).license;
}

for (const [heading, group] of [
  ["In the published package", "dependencies"] as const,
  ["Where the machine has a binary for it", "optionalDependencies"] as const,
  ["For development", "devDependencies"] as const,
]) {
  describe(`docs/dependencies.md, "${heading}"`, () => {
    const rows = tableBelow(heading);

    test(`lists the ${group} of package.json, in alphabetical order`, () => {
      assert.deepEqual(
        rows.map(([name]) => name),
        Object.keys(manifest[group] ?? {}).sort(),
      );
    });

    test("gives a reason and a word on maintenance, and the licence that the package itself states", () => {
      for (const [name = "", reason, licence, maintenance] of rows) {
        assert.ok(reason && maintenance, name);
        assert.equal(licence, licenceOf(`node_modules/${name}`), name);
      }
    });
  });
}

describe("the dependencies", () => {
  test("have, with all that they bring, licences of the allow list", () => {
    const lock = JSON.parse(read("node_modules/.package-lock.json")) as { packages: Record<string, unknown> };
    const refused = Object.keys(lock.packages)
      .map((folder) => [folder, licenceOf(folder)] as const)
      .filter(([folder, licence]) => allowedForTests[folder] !== licence)
      .filter(([, licence]) => typeof licence !== "string" || !allowedLicences.includes(licence));
    assert.deepEqual(refused, []);
  });

  test("are all imported by src", () => {
    const files = globSync("src/**/*.ts", { cwd: root });
    const imported = new Set(
      files.flatMap((file) => scanSource(file, read(file)).imports.map((site) => site.specifier)),
    );
    const unused = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }).filter(
      (name) => ![...imported].some((specifier) => specifier === name || specifier?.startsWith(`${name}/`)),
    );
    assert.deepEqual(unused, []);
  });
});
