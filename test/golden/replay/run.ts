// `node test/golden/replay/run.ts sklearn|boosters [part]`: replays the recorded cases whose `env/case` contains the part, a line each.
// `--quiet` shows only what fails. `--not-yet` writes the folder's not-yet.json anew: the cases that we refuse as not supported.
import { writeFileSync } from "node:fs";
import { type GoldenFolder, goldenFolder, type NotYet, notYetText } from "./not-yet.ts";
import { recordedCases } from "./recorded-case.ts";
import { replayCase } from "./replay-case.ts";

const flags = process.argv.slice(2).filter((argument) => argument.startsWith("--"));
const [folder = "sklearn", part = ""] = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const path = goldenFolder(folder as GoldenFolder);
const counts = { passed: 0, unsupported: 0, failed: 0 };
const unsupported: NotYet[] = [];

for (const golden of recordedCases(`${path}recorded`, part)) {
  const outcome = await replayCase(golden);
  counts[outcome.kind]++;
  const line = `${outcome.kind.padEnd(11)} ${golden.env}/${golden.case}`;
  if (outcome.kind === "failed") console.log(`${line}\n    ${outcome.problems.join("\n    ")}`);
  if (outcome.kind === "unsupported") unsupported.push({ case: golden.case, env: golden.env });
  if (flags.length > 0) continue;
  if (outcome.kind === "unsupported") console.log(`${line} ${outcome.reason}`);
  if (outcome.kind === "passed") console.log(line);
}
console.log(counts);
if (flags.includes("--not-yet")) {
  if (part !== "") throw new Error("not-yet.json is written for the whole folder: leave out the part");
  writeFileSync(`${path}not-yet.json`, notYetText(unsupported));
}
