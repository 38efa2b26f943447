// onnxruntime-node for suites and benchmarks: no dependency of ours, so it is installed once into the test cache, by npm and without
// its install script (which would fetch CUDA files; the library for the CPU is inside the package).
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export const onnxRuntimeVersion = "1.30.0";

/** The module `onnxruntime-node`, or undefined when it has not been installed: suites skip then, by name. */
export function findOnnxRuntime(): unknown {
  return existsSync(join(place(), "node_modules", "onnxruntime-node")) ? load() : undefined;
}

/** The module, which is installed first when it is not there yet. */
export async function makeOnnxRuntime(): Promise<unknown> {
  const found = findOnnxRuntime();
  if (found !== undefined) return found;
  mkdirSync(join(place(), ".."), { recursive: true });
  const scratch = mkdtempSync(`${place()}.making-`);
  try {
    writeFileSync(join(scratch, "package.json"), '{ "private": true }\n');
    const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    await run("npm", ["install", ...flags, `onnxruntime-node@${onnxRuntimeVersion}`], { cwd: scratch });
    try {
      renameSync(scratch, place());
    } catch (error) {
      if (!existsSync(place())) throw error;
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return load();
}

function load(): unknown {
  return createRequire(join(place(), "package.json"))("onnxruntime-node");
}

/** The folder whose node_modules hold it. */
export function onnxRuntimeFolder(): string {
  return place();
}

function place(): string {
  const cache = process.env["TRIMARAN_TEST_CACHE"] || join(homedir(), ".cache", "trimaran-tests");
  return join(cache, `onnxruntime-node-${onnxRuntimeVersion}`);
}
