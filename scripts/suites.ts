// Runs test files through node:test, two at a time, and prints a line for each file, each failure and each skipped test.
import { globSync } from "node:fs";
import { relative } from "node:path";
import { run } from "node:test";
import { inspect } from "node:util";
import { root } from "./stage.ts";

/** Two test files at once: a suite that starts services or browsers has cores to measure on. */
const concurrency = 2;
const fileTimeoutMs = 600_000;

interface Tally {
  tests: number;
  skipped: string[];
  failed: boolean;
}

export interface SuitesResult {
  readonly ok: boolean;
  readonly seconds: number;
  /** What node's own runner prints last: `tests 12`, `pass 12`, `fail 0` … */
  readonly closing: readonly string[];
}

/** The test files below the given paths (files, folders or globs); all of them when none is given. */
export function findTestFiles(paths: readonly string[]): string[] {
  const patterns = paths.length === 0 ? ["test"] : paths;
  const globs = patterns.flatMap((path) => [`${path.replace(/\/$/, "")}/**/*.test.ts`, path]);
  const found = globSync(globs, { cwd: root, exclude: ["test/architecture/fixture/**"] });
  return [...new Set(found)].filter((path) => path.endsWith(".test.ts")).sort();
}

export async function runSuites(files: readonly string[]): Promise<SuitesResult> {
  const tallies = new Map<string, Tally>();
  const failures: string[] = [];
  const closing: string[] = [];
  const start = performance.now();
  let ok = true;
  const tallyOf = (file: string): Tally => {
    const tally = tallies.get(file) ?? { tests: 0, skipped: [], failed: false };
    tallies.set(file, tally);
    return tally;
  };
  const stream = run({ files: files.map((file) => root + file), concurrency, timeout: fileTimeoutMs, cwd: root });
  for await (const event of stream) {
    const data = event.data as EventData;
    const file = data.file === undefined ? "" : relative(root, data.file);
    if (event.type === "test:stdout" || event.type === "test:stderr") process.stdout.write(data.message ?? "");
    if (event.type === "test:pass" && data.skip !== undefined) {
      tallyOf(file).skipped.push(`${data.name}${typeof data.skip === "string" ? `: ${data.skip}` : ""}`);
    }
    if (event.type === "test:pass" || event.type === "test:fail") tallyOf(file).tests++;
    if (event.type === "test:fail" && data.todo === undefined) {
      ok = false;
      tallyOf(file).failed = true;
      if (isCause(data)) failures.push(failureText(file, data));
    }
    if (event.type === "test:diagnostic" && data.nesting === 0 && data.file === undefined)
      closing.push(data.message ?? "");
    if (event.type === "test:summary" && file !== "") console.log(fileLine(file, data, tallyOf(file)));
  }
  for (const failure of failures) console.log(`\n${failure}`);
  return { ok, seconds: (performance.now() - start) / 1000, closing };
}

/** The parts of node:test's events that are read here. */
interface EventData {
  readonly name?: string;
  readonly file?: string;
  readonly line?: number;
  readonly nesting?: number;
  readonly message?: string;
  readonly skip?: string | boolean;
  readonly todo?: string | boolean;
  readonly duration_ms?: number;
  readonly success?: boolean;
  readonly counts?: { readonly tests: number; readonly skipped: number };
  readonly details?: { readonly error?: Error & { readonly failureType?: string } };
}

/** A suite that failed only because of its tests, or a test only because of its suite, is not told again. */
function isCause(data: EventData): boolean {
  return !["subtestsFailed", "cancelledByParent"].includes(data.details?.error?.failureType ?? "");
}

function fileLine(file: string, data: EventData, tally: Tally): string {
  const seconds = ((data.duration_ms ?? 0) / 1000).toFixed(1).padStart(6);
  const tests = String(data.counts?.tests ?? tally.tests).padStart(4);
  const skipped = tally.skipped.map((name) => `\n         skipped: ${name}`).join("");
  return `${data.success === true && !tally.failed ? "ok  " : "FAIL"} ${seconds} s ${tests} tests  ${file}${skipped}`;
}

function failureText(file: string, data: EventData): string {
  const error = data.details?.error;
  const cause = error?.cause ?? error;
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : inspect(cause);
  return `FAIL ${file}:${data.line ?? 0}  ${data.name ?? ""}\n${text.replaceAll(/^/gm, "    ")}`;
}
