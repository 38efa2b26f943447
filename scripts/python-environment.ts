// Python environments for suites and benchmarks that run the real libraries: made once per set of pins, by pip.
// The layout is that of test/golden/make.py: $TRIMARAN_TEST_CACHE/<hash of the pins>/<name>.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface PythonPins {
  readonly name: string;
  /** `3.12` */
  readonly python: string;
  /** `scikit-learn==1.5.1` */
  readonly pins: readonly string[];
  /** Put over the pins in the end, without what they say they need: the registry does not have all of it. */
  readonly noDeps?: readonly string[];
  /** Packages that the registry has as sources only; built without a compiler. */
  readonly fromSource?: readonly string[];
}

/** The Python of an environment that has been made, or undefined: suites skip then, by name. */
export function findPythonEnvironment(wanted: PythonPins): string | undefined {
  const python = join(placeOf(wanted), "bin", "python");
  return existsSync(python) ? python : undefined;
}

/**
 * The Python of the environment, which is made when it is not there yet. It is built beside its place and renamed into it
 * when whole, so that a killed installation leaves nothing that looks finished; of two at once the first wins. As its scripts
 * remember the old place, call them as modules: `python -m gunicorn`.
 */
export async function makePythonEnvironment(wanted: PythonPins): Promise<string> {
  const found = findPythonEnvironment(wanted);
  if (found !== undefined) return found;
  const place = placeOf(wanted);
  mkdirSync(join(place, ".."), { recursive: true });
  const scratch = mkdtempSync(`${place}.making-`);
  try {
    await run(interpreter(wanted.python), ["-m", "venv", scratch]);
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"];
    const python = join(scratch, "bin", "python");
    const { noDeps = [], fromSource = [] } = wanted;
    const sources = fromSource.flatMap((name) => ["--no-binary", name]);
    await run(python, [...pip, ...sources, ...wanted.pins], { maxBuffer: 1 << 26 });
    if (noDeps.length > 0) await run(python, [...pip, "--no-deps", ...noDeps], { maxBuffer: 1 << 26 });
    try {
      renameSync(scratch, place);
    } catch (error) {
      if (findPythonEnvironment(wanted) === undefined) throw error;
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return join(place, "bin", "python");
}

/** Where things are kept that take long to make and are the same on every run. */
export function testCache(): string {
  return process.env["TRIMARAN_TEST_CACHE"] || join(homedir(), ".cache", "trimaran-tests");
}

function placeOf({ name, python, pins, noDeps = [] }: PythonPins): string {
  // Written as Python's json.dumps writes it, so that make.py and we find each other's environments.
  const list = (texts: readonly string[]): string => `[${texts.map((text) => JSON.stringify(text)).join(", ")}]`;
  const over = noDeps.length === 0 ? "" : `"noDeps": ${list(noDeps)}, `;
  const key = `{${over}"pins": ${list(pins)}, "python": ${JSON.stringify(python)}}`;
  return join(testCache(), createHash("sha256").update(key).digest("hex").slice(0, 16), name);
}

/** The newest patch of that version which pyenv has, else the one on PATH. */
function interpreter(version: string): string {
  const found = globSync(`.pyenv/versions/${version}.*/bin/python`, { cwd: homedir() });
  const newest = found.sort((a, b) => a.localeCompare(b, "en", { numeric: true })).at(-1);
  return newest === undefined ? `python${version}` : join(homedir(), newest);
}
