// The published package: packed, installed with `npm i -g` as a user does, and used. npm fetches its dependencies from the registry.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "trimaran-package-"));
const prefix = join(folder, "prefix");
const installed = join(prefix, "lib", "node_modules", "trimaran");
// The Node of the lock file comes first, as under `npm test`.
const env = { ...process.env, PATH: join(root, "node_modules", ".bin") + delimiter + process.env["PATH"] };

function run(program: string, args: readonly string[], cwd = folder) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, env, encoding: "utf8" });
  return { status, stdout, stderr };
}

function mustRun(program: string, args: readonly string[], cwd = folder): string {
  const { status, stdout, stderr } = run(program, args, cwd);
  assert.equal(status, 0, `${program} ${args.join(" ")}\n${stdout}\n${stderr}`);
  return stdout;
}

describe("the package, installed from its tarball", () => {
  let files: readonly string[] = [];

  before(() => {
    const packed = mustRun("npm", ["pack", "--json", "--foreground-scripts=false", "--pack-destination", folder], root);
    const [tarball] = JSON.parse(packed) as { filename: string; files: { path: string }[] }[];
    assert.ok(tarball);
    files = tarball.files.map((file) => file.path);
    mustRun("npm", [
      "install",
      "--global",
      "--prefix",
      prefix,
      "--no-audit",
      "--no-fund",
      join(folder, tarball.filename),
    ]);
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  test("holds compiled JavaScript with declarations, and no source", () => {
    const outside = files.filter((path) => !/^(bin|dist)\//.test(path)).sort();
    assert.deepEqual(
      outside.filter((path) => path !== "README.md"),
      ["LICENSE", "package.json"],
    );
    assert.deepEqual(
      files.filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts")),
      [],
    );
    for (const path of ["bin/trimaran", "dist/index.js", "dist/index.d.ts", "dist/cli/main.js"]) {
      assert.ok(files.includes(path), path);
    }
  });

  test("brings no development dependency", () => {
    const { dependencies } = JSON.parse(mustRun("npm", ["ls", "--json", "--depth=0", "--omit=dev"], installed));
    const { dependencies: declared, optionalDependencies: optional } = JSON.parse(
      readFileSync(join(root, "package.json"), "utf8"),
    );
    // An optional peer that is not there is listed without a version.
    const brought = Object.entries(dependencies).filter(([, found]) => "version" in (found as object));
    // An optional one is left out where it has no binary.
    const always = brought.map(([name]) => name).filter((name) => !Object.hasOwn(optional, name));
    assert.deepEqual(always.sort(), Object.keys(declared).sort());
    assert.equal(existsSync(join(installed, "node_modules", "typescript")), false);
  });

  test("puts a command on PATH that prints its help, with nothing on stderr", () => {
    const { status, stdout, stderr } = run(join(prefix, "bin", "trimaran"), ["--help"]);
    assert.deepEqual([status, stderr], [0, ""]);
    for (const command of ["inspect", "init", "predict", "check", "serve"])
      assert.match(stdout, new RegExp(`\\b${command}\\b`));
  });

  test("answers the examples of a definition in TypeScript that lies anywhere and imports `trimaran`", () => {
    const { status, stdout, stderr } = run(join(prefix, "bin", "trimaran"), [
      "check",
      join(root, "examples/ride-duration"),
    ]);
    assert.equal(status, 0, stdout + stderr);
  });

  test("serves with its processes, and has its page", async () => {
    const target = join(root, "examples/ride-duration");
    const args = ["serve", target, "--port", "0", "--json", "--home", join(folder, "home")];
    const server = spawn(join(prefix, "bin", "trimaran"), args, {
      env,
      cwd: folder,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const over = once(server, "close");
    try {
      const ended = over.then(([code]) => assert.fail(`serve ended with ${code}`));
      ended.catch(() => {});
      const [line] = (await Promise.race([once(createInterface({ input: server.stdout }), "line"), ended])) as [string];
      const { url } = JSON.parse(line) as { url: string };
      const headers = { "content-type": "application/json" };
      const row = { PULocationID: 130, DOLocationID: 205, trip_distance: 3.66 };
      const body = JSON.stringify(Array.from({ length: 5000 }, () => row));
      const answer = await fetch(`${url}/predict`, { method: "POST", headers, body });
      assert.equal(answer.status, 200);
      assert.equal(((await answer.json()) as unknown[]).length, 5000);
      assert.match(await (await fetch(`${url}/docs`)).text(), /<style>/);
    } finally {
      server.kill("SIGTERM");
      await over;
    }
  });

  test("has types that a strict project compiles against, and that refuse a wrong feature", () => {
    const project = join(folder, "project");
    mkdirSync(join(project, "node_modules"), { recursive: true });
    symlinkSync(installed, join(project, "node_modules", "trimaran"));
    const definition = (feature: string): string => `import { defineDeployment, integer, number } from "trimaran";
      export const deployment = defineDeployment({
        name: "d",
        model: "model.pkl",
        input: { a: integer({ min: 1 }) },
        features: (row) => ({ b: row.${feature} + 1 }),
        output: { c: number() },
      });\n`;
    writeFileSync(join(project, "package.json"), '{ "type": "module" }\n');
    writeFileSync(join(project, "sound.ts"), definition("a"));
    writeFileSync(join(project, "wrong.ts"), definition("b"));
    const options = [
      "--strict",
      "--noEmit",
      "--module",
      "nodenext",
      "--target",
      "es2024",
      "--lib",
      "es2024,esnext,dom",
    ];
    const tsc = run("tsc", [...options, "--types", "", "--pretty", "false", "sound.ts", "wrong.ts"], project);
    assert.match(tsc.stdout, /^wrong\.ts\(6,\d+\): error TS2\d+: Property 'b' does not exist[^\n]*\n$/);
  });
});
