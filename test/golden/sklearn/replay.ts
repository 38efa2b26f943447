// `node test/golden/sklearn/replay.ts [part]`: replays the recorded cases whose `env/case` contains the part, a line each.
// `--not-yet` writes not-yet.json anew: the cases whose classes we refuse as unsupported.
import { writeFileSync } from "node:fs";
import { recordedCases } from "../replay/recorded-case.ts";
import { replayCase } from "../replay/replay-case.ts";
import { type NotYet, notYetText } from "./not-yet.ts";

const write = process.argv.includes("--not-yet");
const part = process.argv.slice(2).find((argument) => !argument.startsWith("--")) ?? "";
const folder = new URL("recorded/", import.meta.url).pathname;
const counts = { passed: 0, unsupported: 0, failed: 0 };
const unsupported: NotYet[] = [];

for (const golden of recordedCases(folder, part)) {
  const outcome = await replayCase(golden);
  counts[outcome.kind]++;
  if (outcome.kind === "unsupported") unsupported.push({ case: golden.case, env: golden.env });
  if (write) continue;
  const detail =
    outcome.kind === "failed"
      ? `\n    ${outcome.problems.join("\n    ")}`
      : outcome.kind === "unsupported"
        ? ` ${outcome.reason}`
        : "";
  console.log(`${outcome.kind.padEnd(11)} ${golden.env}/${golden.case}${detail}`);
}
console.log(counts);
if (write && part === "") writeFileSync(new URL("not-yet.json", import.meta.url), notYetText(unsupported));
