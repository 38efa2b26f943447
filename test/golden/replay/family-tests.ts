// Registers one test a family: every recorded case of a folder by its exactness class, against the folder's not-yet.json.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { type GoldenFolder, goldenFolder, readNotYet } from "./not-yet.ts";
import { type RecordedCase, recordedCases } from "./recorded-case.ts";
import { replayCase } from "./replay-case.ts";

/** Gives the cases, for what else a folder tests of them. */
export function testFamilies(folder: GoldenFolder): readonly RecordedCase[] {
  const cases = recordedCases(`${goldenFolder(folder)}recorded`);
  const notYet = readNotYet(folder);
  const waiting = new Map<string, number>();
  const again = `node test/golden/replay/run.ts ${folder} --not-yet`;

  for (const family of [...new Set(cases.map((golden) => golden.family))].sort()) {
    test(`${family}: our answers are the library's, row by row, and its refusals are ours`, async (t) => {
      const problems: string[] = [];
      const counts = { passed: 0, unsupported: 0 };
      for (const golden of cases.filter((each) => each.family === family)) {
        const id = `${golden.env}/${golden.case}`;
        const outcome = await replayCase(golden);
        if (outcome.kind === "failed") problems.push(`${id}\n  ${outcome.problems.join("\n  ")}`);
        else counts[outcome.kind]++;
        if (outcome.kind === "passed" && notYet.has(id))
          problems.push(`${id} passes: take it off not-yet.json (${again})`);
        if (outcome.kind !== "unsupported") continue;
        const name = golden.estimator.slice(golden.estimator.lastIndexOf(".") + 1);
        waiting.set(name, (waiting.get(name) ?? 0) + 1);
        if (!notYet.has(id)) problems.push(`${id} is refused and does not stand in not-yet.json: ${outcome.reason}`);
      }
      t.diagnostic(`${family}: ${counts.passed} cases answered, ${counts.unsupported} not yet`);
      assert.equal(problems.length, 0, `${problems.length} problems\n${problems.slice(0, 25).join("\n")}`);
    });
  }

  test(`${folder}/not-yet.json names only cases that are recorded`, () => {
    const known = new Set(cases.map((golden) => `${golden.env}/${golden.case}`));
    assert.deepEqual(
      [...notYet].filter((id) => !known.has(id)),
      [],
    );
  });

  after(() => {
    const total = [...waiting.values()].reduce((sum, count) => sum + count, 0);
    const names = [...waiting].sort((a, b) => b[1] - a[1]).map(([name, count]) => `${name} ${count}`);
    if (total > 0) console.log(`unsupported: ${total} cases: ${names.join(", ")}`);
  });
  return cases;
}
