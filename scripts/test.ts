// `npm test [-- path …]`: format, lint, floors, types and tests, each with its seconds; exit code 1 when one of them fails.
// With paths (files, folders or globs) only the test files below them run, without the stages before.
import { runStage, type Stage, type StageResult, stageLine } from "./stage.ts";
import { findTestFiles, runSuites } from "./suites.ts";

const biome = ["biome", "ci", "--colors=off", "--error-on-warnings"] as const;

const stages: readonly Stage[] = [
  { name: "format", commands: [[...biome, "--linter-enabled=false", "."]] },
  { name: "lint", commands: [[...biome, "--formatter-enabled=false", "--assist-enabled=false", "."]] },
  { name: "floors", commands: [["node", "test/architecture/check-floors.ts"]] },
  {
    name: "types",
    commands: [
      ["tsc", "-b", "--pretty", "false", "tsconfig.json", "tsconfig.prediction.json", "test/engine/kernels"],
      // Declarations are checked only where they are written.
      ["tsc", "-p", "tsconfig.build.json", "--pretty", "false", "--outDir", "build/types/package"],
    ],
  },
];

const paths = process.argv.slice(2);
const results: StageResult[] = [];
if (paths.length === 0) for (const stage of stages) results.push(await runStage(stage));

const files = findTestFiles(paths);
if (files.length === 0) console.log(`no test file below ${paths.join(" ")}`);
console.log(`\ntests: ${files.length} files, two at a time`);
const suites = await runSuites(files);
results.push({ name: "tests", ok: suites.ok && files.length > 0, seconds: suites.seconds });

console.log("");
for (const result of results) console.log(stageLine(result));
for (const line of suites.closing) console.log(`# ${line}`);
process.exitCode = results.every((result) => result.ok) ? 0 : 1;
