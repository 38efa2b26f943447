// bin/trimaran, run as a file: a copy of it beside a stand-in for the command line that tells what it was given.
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));

const main = `// Stand-in.
export async function main(): Promise<void> {
  const [mode] = process.argv.slice(2);
  const told: Record<string, unknown> = { args: process.argv.slice(2), node: process.versions.node };
  told["cache"] = process.env["NODE_COMPILE_CACHE"] ?? null;
  process.on("SIGTERM", () => process.exit(43));
  process.on("SIGINT", () => process.exit(130));
  console.log(JSON.stringify(told));
  if (mode === "wait") setInterval(() => {}, 1000);
  if (mode === "die") process.kill(process.pid, "SIGKILL");
  if (mode === "exit") process.exitCode = 75;
}
`;

interface Clone extends Disposable {
  readonly launcher: string;
  readonly folder: string;
}

/** A folder with the launcher, the stand-in (TypeScript as in a clone, or JavaScript as in the package) and node_modules. */
function makeClone(options: { readonly source: string; readonly nodeModules: boolean }): Clone {
  const folder = mkdtempSync(join(tmpdir(), "trimaran-launcher-"));
  cpSync(join(root, "bin"), join(folder, "bin"), { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
  mkdirSync(join(folder, options.source, ".."), { recursive: true });
  writeFileSync(join(folder, options.source), options.source.endsWith(".js") ? asJavaScript(main) : main);
  if (options.nodeModules) symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  return {
    folder,
    launcher: join(folder, "bin", "trimaran"),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function asJavaScript(text: string): string {
  return text.replace(": Promise<void>", "").replace(": Record<string, unknown>", "");
}

const clone = { source: "src/cli/main.ts", nodeModules: true };

/** A Node on PATH that is older than 24, as on a machine that only its `npm ci` brings up to date. */
const olderNode = (process.env["PATH"] ?? "")
  .split(delimiter)
  .map((folder) => join(folder, "node"))
  .find((file) => existsSync(file) && majorOf(file) < 24);
const skip = olderNode === undefined ? "there is no Node older than 24 on PATH" : false;

function majorOf(node: string): number {
  return Number.parseInt(spawnSync(node, ["-p", "process.versions.node"], { encoding: "utf8" }).stdout, 10);
}

function environment(folder: string, more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const { NODE_COMPILE_CACHE: _, XDG_CACHE_HOME: __, ...env } = process.env;
  return { ...env, HOME: join(folder, "home"), ...more };
}

function runLauncher(
  { launcher, folder }: Clone,
  node: string,
  args: readonly string[],
  more?: Record<string, string>,
) {
  return spawnSync(node, [launcher, ...args], { encoding: "utf8", env: environment(folder, more) });
}

/** The stand-in has its signal handlers when it speaks. */
async function spoken(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit").then(([code]) => assert.fail(`it ended with ${code} before it spoke`));
  await Promise.race([once(child.stdout as NodeJS.ReadableStream, "data"), ended]);
  ended.catch(() => {});
}

describe("bin/trimaran", () => {
  test("starts the command line of a clone with its arguments and returns its exit code", () => {
    using here = makeClone({ ...clone, nodeModules: false });
    const { status, stdout, stderr } = runLauncher(here, process.execPath, ["exit", "--flag", "a b"]);
    assert.deepEqual([status, stderr], [75, ""]);
    assert.deepEqual(JSON.parse(stdout).args, ["exit", "--flag", "a b"]);
  });

  test("starts the JavaScript of the package, through a symbolic link as npm makes one", () => {
    using here = makeClone({ source: "dist/cli/main.js", nodeModules: false });
    const link = join(here.folder, "linked");
    symlinkSync(here.launcher, link);
    const { status, stderr } = runLauncher({ ...here, launcher: link }, process.execPath, ["exit"]);
    assert.deepEqual([status, stderr], [75, ""]);
  });

  test("keeps compiled code under the user's cache and tells the processes that it starts", () => {
    using here = makeClone(clone);
    const cache = join(here.folder, "home", ".cache", "trimaran", "compile");
    assert.equal(JSON.parse(runLauncher(here, process.execPath, []).stdout).cache, cache);
    assert.notEqual(globSync("**/*", { cwd: cache }).length, 0);
    const xdg = join(here.folder, "xdg");
    const told = JSON.parse(runLauncher(here, process.execPath, [], { XDG_CACHE_HOME: xdg }).stdout);
    assert.equal(told.cache, join(xdg, "trimaran", "compile"));
  });

  test("leaves a NODE_COMPILE_CACHE of the user's own alone", () => {
    using here = makeClone(clone);
    const own = join(here.folder, "own");
    assert.equal(JSON.parse(runLauncher(here, process.execPath, [], { NODE_COMPILE_CACHE: own }).stdout).cache, own);
  });

  test("goes on silently without a cache where none can be written", () => {
    using here = makeClone(clone);
    writeFileSync(join(here.folder, "home"), "a file where a folder should be");
    const { status, stdout, stderr } = runLauncher(here, process.execPath, []);
    assert.deepEqual([status, stderr], [0, ""]);
    assert.equal(JSON.parse(stdout).cache, null);
  });

  test("hands over from an older Node to the one in node_modules, exit code included", { skip }, () => {
    using here = makeClone(clone);
    const { status, stdout, stderr } = runLauncher(here, olderNode as string, ["exit"]);
    assert.deepEqual([status, stderr], [75, ""]);
    assert.equal(JSON.parse(stdout).node, process.versions.node);
  });

  for (const [signal, code] of [["SIGTERM", 43] as const, ["SIGINT", 130] as const]) {
    test(`passes ${signal} on from an older Node and returns the exit code`, { skip, timeout: 20_000 }, async () => {
      using here = makeClone(clone);
      const env = environment(here.folder);
      const stdio = ["ignore", "pipe", "pipe"] as const;
      const child = spawn(olderNode as string, [here.launcher, "wait"], { env, stdio: [...stdio] });
      await spoken(child);
      child.kill(signal);
      assert.deepEqual(await once(child, "exit"), [code, null]);
    });
  }

  test("ends by the signal that ended the command line, under an older Node", { skip }, () => {
    using here = makeClone(clone);
    assert.equal(runLauncher(here, olderNode as string, ["die"]).signal, "SIGKILL");
  });

  test("names the fix when no Node is new enough", { skip }, () => {
    using here = makeClone({ ...clone, nodeModules: false });
    const { status, stdout, stderr } = runLauncher(here, olderNode as string, []);
    assert.deepEqual([status, stdout], [1, ""]);
    assert.match(stderr, /^trimaran needs Node 24 or newer; this is v\d+.*\nFix: in a clone run `npm ci`/);
  });
});
