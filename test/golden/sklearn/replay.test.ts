// Every recorded scikit-learn case by its exactness class, one test a family; what we do not read yet stands in not-yet.json.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { estimatorTable } from "../../../src/formats/sklearn/estimator-table.ts";
import { recordedCases } from "../replay/recorded-case.ts";
import { replayCase } from "../replay/replay-case.ts";
import { readNotYet } from "./not-yet.ts";

const cases = recordedCases(new URL("recorded/", import.meta.url).pathname);
const notYet = readNotYet();
const waiting = new Map<string, number>();
const families = [...new Set(cases.map((golden) => golden.family))].sort();

for (const family of families) {
  test(`${family}: our answers are the library's, row by row, and its refusals are ours`, async (t) => {
    const problems: string[] = [];
    const counts = { passed: 0, unsupported: 0 };
    for (const golden of cases) {
      if (golden.family !== family) continue;
      const id = `${golden.env}/${golden.case}`;
      const outcome = await replayCase(golden);
      if (outcome.kind === "failed") problems.push(`${id}\n  ${outcome.problems.join("\n  ")}`);
      else counts[outcome.kind]++;
      if (outcome.kind === "passed" && notYet.has(id)) problems.push(`${id} passes: take it off not-yet.json`);
      if (outcome.kind !== "unsupported") continue;
      const name = golden.estimator.slice(golden.estimator.lastIndexOf(".") + 1);
      waiting.set(name, (waiting.get(name) ?? 0) + 1);
      if (!notYet.has(id)) problems.push(`${id} is refused and does not stand in not-yet.json: ${outcome.reason}`);
    }
    t.diagnostic(`${family}: ${counts.passed} cases answered, ${counts.unsupported} not yet`);
    assert.equal(problems.length, 0, `${problems.length} problems\n${problems.slice(0, 25).join("\n")}`);
  });
}

test("not-yet.json names only cases that are recorded", () => {
  const known = new Set(cases.map((golden) => `${golden.env}/${golden.case}`));
  assert.deepEqual(
    [...notYet].filter((id) => !known.has(id)),
    [],
  );
});

test("every estimator that we read has a golden", () => {
  const seen = new Set(cases.flatMap((golden) => golden.classes));
  const without = estimatorTable.filter((record) => !record.classes.some((name) => seen.has(name)));
  assert.deepEqual(
    without.map((record) => record.name),
    [],
  );
});

after(() => {
  const total = [...waiting.values()].reduce((sum, count) => sum + count, 0);
  if (total === 0) return;
  const names = [...waiting].sort((a, b) => b[1] - a[1]).map(([name, count]) => `${name} ${count}`);
  console.log(`unsupported: ${total} cases: ${names.join(", ")}`);
});
